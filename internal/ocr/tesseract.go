package ocr

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"decoded.digital/extractor/internal/process"
)

// Tesseract's ways to look at a picture.
const (
	fullPage = 3 // columns, tables, pictures
	oneBlock = 6 // lines over its whole width, as on a receipt
)

// token is a word that tesseract read.
type token struct {
	Text string
	Box  image.Rectangle
	Sure float64 // 0 to 1
	Line int     // tokens of one line share it
}

// languageNames are tesseract's names of the languages that this package knows,
// in the order of their use.
func languageNames() []string {
	return []string{"eng", "deu", "fra", "spa", "ita", "nld", "pol", "por"}
}

// installedLanguages lists those of languageNames that tesseract has.
func installedLanguages(ctx context.Context, program string) ([]string, error) {
	out, err := exec.CommandContext(ctx, program, "--list-langs").Output()
	if err != nil {
		return nil, fmt.Errorf("ask tesseract for its languages: %w", err)
	}
	installed := strings.Fields(string(out))
	return slices.DeleteFunc(languageNames(), func(name string) bool { return !slices.Contains(installed, name) }), nil
}

// runTesseract reads a picture in a process of its own, which ends with ctx.
func runTesseract(ctx context.Context, program string, page *image.Gray, mode int, languages []string, dpi float64) ([]token, error) {
	arguments := []string{"stdin", "stdout", "--psm", strconv.Itoa(mode), "-l", strings.Join(languages, "+")}
	if dpi >= 70 && dpi <= 2400 { // what tesseract takes
		arguments = append(arguments, "--dpi", strconv.Itoa(int(dpi)))
	}
	command := exec.CommandContext(ctx, program, append(arguments, "tsv")...) //nolint:gosec // the program is tesseract on the operator's PATH
	command.Env = []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C"}
	if models := os.Getenv("TESSDATA_PREFIX"); models != "" {
		command.Env = append(command.Env, "TESSDATA_PREFIX="+models)
	}
	command.WaitDelay = time.Second
	process.EndWithParent(command, syscall.SIGKILL)
	var input, output, complaint bytes.Buffer
	fmt.Fprintf(&input, "P5\n%d %d\n255\n", page.Rect.Dx(), page.Rect.Dy())
	input.Write(page.Pix)
	command.Stdin, command.Stdout, command.Stderr = &input, &output, &complaint
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("tesseract: %w: %s", err, complaint.Bytes()[:min(complaint.Len(), 300)])
	}
	return parseTSV(output.String(), page.Rect), nil
}

// parseTSV reads tesseract's table: level, page, block, paragraph, line and word
// number, left, top, width, height, confidence in percent, text. Level 5 is a
// word. What is no such row is left out, boxes are held inside the picture.
func parseTSV(table string, bounds image.Rectangle) []token {
	var out []token
	line, last := 0, ""
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(strings.TrimSuffix(row, "\r"), "\t")
		if len(cells) < 12 || cells[0] != "5" {
			continue
		}
		var n [4]int
		valid := true
		for i, cell := range cells[6:10] {
			v, err := strconv.Atoi(cell)
			valid = valid && err == nil && v >= 0 && v < 1<<20
			n[i] = v
		}
		percent, err := strconv.ParseFloat(cells[10], 64)
		if !valid || err != nil || !(percent >= 0) {
			continue
		}
		box := image.Rect(n[0], n[1], n[0]+n[2], n[1]+n[3]).Intersect(bounds)
		words := strings.Fields(strings.ToValidUTF8(cells[11], ""))
		if box.Empty() || len(words) == 0 {
			continue
		}
		if key := strings.Join(cells[1:5], " "); key != last {
			line, last = line+1, key
		}
		out = append(out, token{Text: strings.Join(words, ""), Box: box, Sure: min(percent, 100) / 100, Line: line})
	}
	return out
}
