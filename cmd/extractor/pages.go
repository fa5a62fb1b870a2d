package main

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/reader/overlay"
	"decoded.digital/extractor/internal/reader/parse"
	"decoded.digital/extractor/internal/reader/wall"
)

// shutIn shuts this process in with what the readers need, and folders that it
// may write to.
func shutIn(cache, ocr string, write ...string) error {
	debug.SetMemoryLimit(readerHeap)
	return wall.Enter(wall.Limits{
		Memory: readerMemory, FileSize: readerFile,
		Read: slices.Concat(filepath.SplitList(os.Getenv("PATH")), []string{
			"/usr", "/lib", "/lib64", "/etc", "/opt", "/proc/self", "/proc/cpuinfo", "/sys/devices/system/cpu", ocr,
		}),
		Write: append(write, cache),
	})
}

// openParser reads documents in this process, which goes behind the wall for
// it: a command for one's own files is not worth a pool.
func openParser(c *config.Config, write ...string) (*parse.Reader, error) {
	cache, ocr, err := readerFolders(c)
	if err != nil {
		return nil, err
	}
	for _, folder := range append(write, filepath.Join(cache, "tmp")) {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("make a folder: %w", err)
		}
	}
	if err := os.Setenv("TMPDIR", filepath.Join(cache, "tmp")); err != nil {
		return nil, err
	}
	if err := shutIn(cache, ocr, write...); err != nil {
		return nil, err
	}
	return parse.New(cache, ocr)
}

// fileType is what a file's bytes say it is.
func fileType(content []byte) string {
	if plain := http.DetectContentType(content); strings.HasPrefix(plain, "text/plain") {
		return plain
	}
	return mimetype.Detect(content).String()
}

// printPages prints the words of a file with their boxes; draw names a folder
// for pictures of its pages with the words framed, empty for none.
func printPages(ctx context.Context, c *config.Config, name, draw string, out io.Writer) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var write []string
	if draw != "" {
		write = append(write, draw)
	}
	parser, err := openParser(c, write...)
	if err != nil {
		return err
	}
	defer parser.Close()
	kind := fileType(content)
	document, err := parser.Read(ctx, kind, content, func(int, int) {})
	if err != nil {
		return err
	}
	for _, a := range document.Attachments {
		if _, err := fmt.Fprintf(out, "attachment %q, %d bytes\n", a.Name, a.Size); err != nil {
			return err
		}
	}
	for i := range document.Pages {
		if err := printPage(out, &document.Pages[i]); err != nil {
			return err
		}
		if draw == "" {
			continue
		}
		if err := drawPage(parser, kind, content, &document.Pages[i], filepath.Join(draw, fmt.Sprintf("page-%d.png", i+1))); err != nil {
			return err
		}
	}
	return nil
}

func printPage(out io.Writer, p *reader.Page) error {
	_, err := fmt.Fprintf(out, "page %d: %.0f x %.0f points, turned %d°, skewed %.1f°, scanned %v, %d rulings\n", p.Number, p.Width, p.Height, p.Turn, p.Skew, p.Scanned, len(p.Rules))
	for _, w := range p.Words {
		hidden := ""
		if w.Hidden {
			hidden = " hidden"
		}
		_, written := fmt.Fprintf(out, "%4d  %.4f %.4f %.4f %.4f  %.2f %5.1f %s%s\n", w.Line, w.Box.X, w.Box.Y, w.Box.Width, w.Box.Height, w.Confidence, w.Size, w.Text, hidden)
		err = errors.Join(err, written)
	}
	return err
}

func drawPage(parser *parse.Reader, kind string, content []byte, page *reader.Page, name string) error {
	picture, err := parser.Show(kind, content, page)
	if err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(file, overlay.Draw(picture, page)), file.Close())
}
