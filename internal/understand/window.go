package understand

import "slices"

// piece is a page, or some of its lines.
type piece struct {
	page     *page
	from, to int  // lines
	context  bool // was in the window before: shown again, so that rows at the edge are understood
	picture  bool // the page is shown as a picture, too
}

// window is what is shown to the model at once.
type window []piece

// pictureTokens is what a picture costs, about.
const pictureTokens = 1600

// tokensOf is how many tokens a text makes at most, about: three bytes each is
// less than any tokeniser needs on the languages that documents are written in.
func tokensOf(text string) int { return len(text)/3 + 1 }

func (p piece) tokens() int {
	tokens := 20 // the line above it
	if p.picture {
		tokens += pictureTokens
	}
	for _, l := range p.page.lines[p.from:p.to] {
		tokens += tokensOf(l.text)
	}
	return tokens
}

func (w window) tokens() int {
	tokens := 0
	for _, p := range w {
		tokens += p.tokens()
	}
	return tokens
}

// windowsOf parts the pages into windows of at most budget tokens. Each begins
// with the last piece of the one before, if that takes no more than a third.
func windowsOf(pages []page, budget int, pictures bool) []window {
	var windows []window
	var current window
	for i := range pages {
		for _, p := range piecesOf(&pages[i], budget, pictures) {
			if len(current) > 0 && current.tokens()+p.tokens() > budget {
				windows = append(windows, current)
				current = current.overlap(budget/3, budget-p.tokens())
			}
			current = append(current, p)
		}
	}
	return append(windows, current)
}

// overlap is what the next window begins with.
func (w window) overlap(limits ...int) window {
	last := w[len(w)-1]
	last.context = true
	for _, limit := range limits {
		if last.tokens() > limit {
			return nil
		}
	}
	return window{last}
}

// piecesOf is the page, in parts where it alone is over the budget.
func piecesOf(p *page, budget int, pictures bool) []piece {
	whole := piece{page: p, to: len(p.lines), picture: pictures && p.poor()}
	if whole.tokens() <= budget || whole.picture {
		return []piece{whole}
	}
	var pieces []piece
	part := piece{page: p}
	for part.to < len(p.lines) {
		part.to++
		if part.tokens() > budget && part.to-part.from > 1 {
			part.to--
			pieces = append(pieces, part)
			part = piece{page: p, from: part.to, to: part.to}
		}
	}
	return append(pieces, part)
}

// minLines is how many lines are not worth parting.
const minLines = 4

// halves parts a window that was too much for the model; false: it is too small
// for that.
func (w window) halves() (first, second window, ok bool) {
	own := w
	if len(own) > 0 && own[0].context {
		own = own[1:]
	}
	if len(own) > 1 {
		middle := len(own) / 2
		first = slices.Concat(w[:len(w)-len(own)], own[:middle])
		last := own[middle-1]
		last.context = true
		return first, append(window{last}, own[middle:]...), true
	}
	if len(own) == 0 || own[0].picture || own[0].to-own[0].from < minLines {
		return nil, nil, false
	}
	upper, lower := own[0], own[0]
	upper.to = (own[0].from + own[0].to) / 2
	lower.from = upper.to
	return window{upper}, window{lower}, true
}
