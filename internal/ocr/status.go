package ocr

import (
	"context"
	"os/exec"
	"slices"
	"strings"
)

// Part says whether one of the two readers of pictures is there.
type Part struct {
	Name string
	OK   bool
	// Advice says in one sentence how to get what is missing, or what is there.
	Advice string
}

// Status says which of the readers are there: PP-OCRv4 of dir, and tesseract on
// PATH with its languages. It loads nothing.
func Status(ctx context.Context, dir string) []Part {
	paddle := Part{Name: "PP-OCRv4", OK: true, Advice: "Its models and its library are in " + dir + "."}
	if err := hasPaddle(dir); err != nil {
		paddle.OK = false
		paddle.Advice = "It can't be used (" + err.Error() + "): run make ocr, or name the folder that has its files by EXTRACTOR_OCR_DIR."
	}
	return []Part{paddle, tesseractStatus(ctx)}
}

func tesseractStatus(ctx context.Context) Part {
	part := Part{Name: "tesseract"}
	program, err := exec.LookPath("tesseract")
	if err != nil {
		part.Advice = "It is not on PATH: run make ocr, or install " + strings.Join(packages(languageNames()), " ") + "."
		return part
	}
	installed, err := installedLanguages(ctx, program)
	if err != nil {
		part.Advice = "It does not start (" + err.Error() + "): install tesseract-ocr again."
		return part
	}
	part.OK = len(installed) > 0
	missing := slices.DeleteFunc(languageNames(), func(name string) bool { return slices.Contains(installed, name) })
	part.Advice = "It reads " + strings.Join(installed, ", ") + "."
	if len(missing) > 0 {
		part.Advice = "It does not read " + strings.Join(missing, ", ") + ": run make ocr, or install " + strings.Join(packages(missing)[1:], " ") + "."
	}
	return part
}

// packages are Debian's that hold tesseract and the languages.
func packages(languages []string) []string {
	out := []string{"tesseract-ocr"}
	for _, name := range languages {
		out = append(out, "tesseract-ocr-"+name)
	}
	return out
}
