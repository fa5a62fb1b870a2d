package engine

import (
	"cmp"
	"math"
	"slices"

	"decoded.digital/extractor/models"
)

// column is one column of a table: what its heading names and where it stands.
type column struct {
	child  int // index of the want that it fills; -1: none
	box    models.Box
	stack  []concept // what the lines of its heading name, from the top
	named  int       // labels in its heading
	number bool      // its want is a number
}

// nameless says whether its heading says nothing that is known: it may be a part
// of a word that a scan broke.
func (c column) nameless() bool { return c.child < 0 && len(c.stack) == 0 }

// table is a heading with its columns, found for one list of objects.
type table struct {
	first, last int // lines of the heading
	columns     []column
	wants       []want
	asked       int // columns that fill a want
}

// findTable finds the heading that names most of the wants as columns.
func (r *reading) findTable(wants []want) *table {
	var best *table
	for i := range r.sheet.lines {
		if t := r.tableAt(i, wants); t != nil && (best == nil || t.asked > best.asked) {
			best = t
		}
	}
	return best
}

// minColumns is how many wants a heading must name.
const minColumns = 2

// tableAt reads a heading around a line: it may be stacked over several.
func (r *reading) tableAt(i int, wants []want) *table {
	if r.columnsNamed(i, wants) < min(minColumns, len(wants)) || r.figuresOn(i) > 1 {
		return nil
	}
	first, last := i, i
	for first > 0 && first > i-4 && r.headingToo(first-1, first) {
		first--
	}
	for last+1 < len(r.sheet.lines) && last < i+4 && r.headingToo(last+1, last) {
		last++
	}
	t := &table{first: first, last: last, wants: wants}
	t.columns = r.headingCells(first, last)
	t.assign()
	if t.asked < min(minColumns, len(wants)) {
		return nil
	}
	return t
}

// columnsNamed is how many wants the labels of a line name.
func (r *reading) columnsNamed(i int, wants []want) int {
	n := 0
	for k := range wants {
		for _, l := range r.labelsOn[i] {
			if wants[k].concept != "" && l.says(wants[k].concept) {
				n++
				break
			}
		}
		if wants[k].concept == "" && wordsOn(r.sheet.lines[i], wants[k].words) {
			n++
		}
	}
	return n
}

// wordsOn says whether all words stand on a line.
func wordsOn(l *line, words []string) bool {
	for _, w := range words {
		if !slices.ContainsFunc(l.tokens, func(t token) bool { return t.fold == w }) {
			return false
		}
	}
	return len(words) > 0
}

// figuresOn is how many amounts with cents stand on a line: a heading has none.
func (r *reading) figuresOn(i int) int {
	n := 0
	for _, s := range r.sheet.lines[i].segments {
		for _, v := range s.values(r.sheet.style) {
			if v.shape == "amount" && v.figure.decimals > 0 {
				n++
			}
		}
	}
	return n
}

// headingToo says whether a line beside a heading belongs to it: it is near, has
// labels or brackets, and no numbers.
func (r *reading) headingToo(i, beside int) bool {
	a, b := r.sheet.lines[min(i, beside)], r.sheet.lines[max(i, beside)]
	if a.page != b.page || a.leading(b) > 1.7 || r.digitsOn(i) {
		return false
	}
	labelled := 0
	for _, l := range r.labelsOn[i] {
		for _, c := range l.concepts {
			if c.inLine() || c == "net_total" || c == "grand_total" {
				labelled++
				break
			}
		}
	}
	l := r.sheet.lines[i]
	return labelled > 0 && len(l.segments) <= 8 || len(l.tokens) <= 2 && l.tokens[0].text[0] == '('
}

func (r *reading) digitsOn(i int) bool {
	for _, s := range r.sheet.lines[i].segments {
		if len(s.values(r.sheet.style)) > 0 {
			return true
		}
	}
	return false
}

// headingCells gathers the labels and other words of a heading into columns:
// what stands over one another is one.
func (r *reading) headingCells(first, last int) []column {
	var cells []column
	add := func(box models.Box, concepts []concept) {
		for i := range cells {
			if overlap(cells[i].box, box) > 0.5 {
				cells[i].box = cells[i].box.Union(box)
				cells[i].stack = append(cells[i].stack, concepts...)
				cells[i].named += min(len(concepts), 1)
				return
			}
		}
		cells = append(cells, column{child: -1, box: box, stack: slices.Clone(concepts), named: min(len(concepts), 1)})
	}
	for i := first; i <= last; i++ {
		l := r.sheet.lines[i]
		at := 0
		for _, lab := range r.labelsOn[i] {
			if lab.from > at {
				r.foreign(l, at, lab.from, add)
			}
			add(lab.box, lab.concepts)
			at = lab.to
		}
		r.foreign(l, at, len(l.tokens), add)
	}
	slices.SortStableFunc(cells, func(a, b column) int { return cmp.Compare(a.box.X, b.box.X) })
	return cells
}

// foreign adds words of a heading that name nothing known; what follows a label
// in its segment belongs to it.
func (r *reading) foreign(l *line, from, to int, add func(models.Box, []concept)) {
	for from < to {
		s := l.segmentAt(from)
		end := min(s.to, to)
		add(l.boxOf(from, end), nil)
		from = end
	}
}

// assign gives each want its column: the one whose heading names it, and where
// several do, the one that names the fewest other things.
func (t *table) assign() {
	for pass := range 2 {
		for k := range t.wants {
			if slices.ContainsFunc(t.columns, func(c column) bool { return c.child == k }) {
				continue
			}
			pick, fewest := -1, math.MaxInt
			for i, c := range t.columns {
				if !slices.Contains(c.stack, t.wants[k].concept) || t.wants[k].concept == "" || c.child >= 0 {
					continue
				}
				rivals := t.rivals(c, k)
				if pass == 0 && rivals > 0 {
					continue
				}
				if rivals < fewest || rivals == fewest && t.prefersRight(k) {
					pick, fewest = i, rivals
				}
			}
			if pick >= 0 {
				t.columns[pick].child = k
				t.columns[pick].number = t.wants[k].field.Type == models.TypeNumber
				t.asked++
			}
		}
	}
}

// rivals is how many other wants that have no column yet a heading names.
func (t *table) rivals(c column, k int) int {
	n := 0
	for j := range t.wants {
		if j != k && t.wants[j].concept != "" && slices.Contains(c.stack, t.wants[j].concept) &&
			!slices.ContainsFunc(t.columns, func(o column) bool { return o.child == j }) {
			n++
		}
	}
	return n
}

// prefersRight says whether of two columns of one name the right one is meant:
// the line's total is the last.
func (t *table) prefersRight(k int) bool { return t.wants[k].concept == "line_total" }

// alignedEdge is how far apart, as a share of the page's width, two texts of one
// column may begin.
const alignedEdge = 0.006

// farHeading is how far beside its heading, as a share of the page's width, a
// value may stand.
const farHeading = 0.08

// columnOf is the column in which a piece of a line stands; -1: in none.
func (t *table) columnOf(box models.Box, text bool) int {
	best, shared := -1, 0.0
	for i, c := range t.columns {
		o := min(box.Right(), c.box.Right()) - max(box.X, c.box.X)
		if text && (best >= 0 || o < 0.15*min(box.Width, c.box.Width)) {
			continue // a text begins in its column and may reach into the next ones
		}
		if o > shared {
			best, shared = i, o
		}
	}
	if best >= 0 {
		return best
	}
	distance := farHeading
	if box.Right() < t.columns[0].box.X-2*alignedEdge && !text {
		return -1 // a number left of the table is none of it
	}
	for i, c := range t.columns {
		d := max(c.box.X-box.Right(), box.X-c.box.Right())
		if text && c.box.X > box.X {
			d *= 1.5
		}
		if d < distance {
			best, distance = i, d
		}
	}
	return best
}
