package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"decoded.digital/extractor/internal/config"
	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/understand"
	"decoded.digital/extractor/models"
)

// evaluation is extractor eval: the documents of a corpus, read and understood,
// a JSON line each.
type evaluation struct {
	corpus    string // folder with files, templates.json and labels.jsonl
	out       string
	templates string // folders whose templates the analysis chooses among, too
	pages     string // folder that keeps what was read between runs; empty: none
	embedded  bool
	without   []engine.Idea
}

// prediction is one line of the answer. The scorer reads file, document and
// data; the rest is for figures of our own.
type prediction struct {
	File     string                     `json:"file"`
	Document string                     `json:"document"`
	Data     map[string]any             `json:"data"`
	Evidence map[string]models.Evidence `json:"evidence"`
	Boxes    map[string]string          `json:"boxes"` // the words that stand in each evidence's box
	Checks   []models.Check             `json:"checks"`
	Score    float64                    `json:"score"`
	Margin   float64                    `json:"margin"`
}

func runEval(ctx context.Context, c *config.Config, args []string, logs io.Writer) error {
	var e evaluation
	flags := flag.NewFlagSet("extractor eval", flag.ContinueOnError)
	flags.SetOutput(logs)
	flags.StringVar(&e.corpus, "corpus", "", "folder with files, templates.json and labels.jsonl")
	flags.StringVar(&e.out, "out", "", "where the answers go, a JSON line a document")
	flags.StringVar(&e.templates, "templates", "", "more folders with a templates.json to choose among, with commas; the corpora beside the given one if empty")
	flags.StringVar(&e.pages, "pages", "", "folder that keeps what was read, for the next run")
	flags.BoolVar(&e.embedded, "embedded", false, "use the invoice data inside a PDF, too")
	flags.Func("without", fmt.Sprintf("leave an idea out; one of %v", engine.Ideas()), func(name string) error {
		if !slices.Contains(engine.Ideas(), engine.Idea(name)) {
			return fmt.Errorf("%q is no idea of the engine", name)
		}
		e.without = append(e.without, engine.Idea(name))
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if e.corpus == "" || e.out == "" {
		return errors.New("extractor eval needs --corpus DIR and --out FILE")
	}
	return e.run(ctx, c, logs)
}

func (e *evaluation) run(ctx context.Context, c *config.Config, logs io.Writer) error {
	own, err := loadTemplates(e.corpus)
	if err != nil {
		return err
	}
	all, err := e.allTemplates(own)
	if err != nil {
		return err
	}
	files, err := e.files()
	if err != nil {
		return err
	}
	readers, err := newReaders(ctx, c)
	if err != nil {
		return err
	}
	defer readers.Close()
	out, err := os.Create(e.out)
	if err != nil {
		return fmt.Errorf("create the file of answers: %w", err)
	}
	defer out.Close()
	encoder := json.NewEncoder(out)
	understands, err := unobserved(c.LLM)
	if err != nil {
		return err
	}
	for _, f := range files {
		line := prediction{File: f.File, Data: map[string]any{}}
		document, err := e.read(ctx, readers, f.File)
		if err == nil {
			line, err = e.understand(ctx, understands, document, f, own, all)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // the others still count
			fmt.Fprintf(logs, "%s: %v\n", f.File, err)
		}
		if err := encoder.Encode(line); err != nil {
			return fmt.Errorf("write an answer: %w", err)
		}
	}
	return out.Close()
}

// understand chooses among all templates; the data is that of the template that
// the corpus names, or of the chosen one where it names none.
func (e *evaluation) understand(ctx context.Context, x understand.Engine, document *reader.Document, f evalFile, own map[string]models.Document, all []models.Document) (prediction, error) {
	choice, err := x.Analyze(ctx, document, all)
	if err != nil {
		return prediction{}, err
	}
	line := prediction{File: f.File, Score: choice.Score, Margin: choice.Margin()}
	var template *models.Document
	if choice.DocumentID != nil {
		i := slices.IndexFunc(all, func(d models.Document) bool { return d.ID == *choice.DocumentID })
		template = &all[i]
		line.Document = template.Name
	}
	if named, ok := own[f.Template]; ok {
		template = &named
	}
	result, err := x.Extract(ctx, understand.Input{Read: document, Template: template, Options: engine.Options{IgnoreEmbedded: !e.embedded, Without: e.without}})
	if err != nil {
		return prediction{}, err
	}
	line.Data, line.Evidence, line.Checks = result.Data, result.Evidence, result.Checks
	line.Boxes = heldWords(document, result.Evidence)
	return line, nil
}

// heldWords is the words whose middle stands in each evidence's box.
func heldWords(document *reader.Document, evidence map[string]models.Evidence) map[string]string {
	held := map[string]string{}
	for path, e := range evidence {
		if e.Box == nil || e.Page < 1 || e.Page > len(document.Pages) {
			continue
		}
		page := &document.Pages[e.Page-1]
		var words []string
		for i := range page.Words {
			b := page.Original(page.Words[i].Box)
			x, y := b.X+b.Width/2, b.Y+b.Height/2
			if x >= e.Box.X && x <= e.Box.Right() && y >= e.Box.Y && y <= e.Box.Bottom() {
				words = append(words, page.Words[i].Text)
			}
		}
		held[path] = strings.Join(words, " ")
	}
	return held
}

// evalFile is a document of the corpus and the template that it is labelled
// with.
type evalFile struct {
	File     string `json:"file"`
	Template string `json:"template"`
}

// files lists the corpus by its labels, or all of its files where it has none.
func (e *evaluation) files() ([]evalFile, error) {
	labels, err := os.Open(filepath.Join(e.corpus, "labels.jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		entries, err := os.ReadDir(filepath.Join(e.corpus, "files"))
		if err != nil {
			return nil, fmt.Errorf("list the corpus: %w", err)
		}
		var files []evalFile
		for _, entry := range entries {
			files = append(files, evalFile{File: "files/" + entry.Name()})
		}
		return files, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the labels: %w", err)
	}
	defer labels.Close()
	var files []evalFile
	lines := bufio.NewScanner(labels)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var f evalFile
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			return nil, fmt.Errorf("labels.jsonl: %w", err)
		}
		files = append(files, f)
	}
	return files, lines.Err()
}

// allTemplates is the corpus's templates and those of the other folders.
func (e *evaluation) allTemplates(own map[string]models.Document) ([]models.Document, error) {
	folders := strings.FieldsFunc(e.templates, func(r rune) bool { return r == ',' })
	if e.templates == "" {
		beside, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Clean(e.corpus)), "*", "templates.json"))
		if err != nil {
			return nil, err
		}
		for _, file := range beside {
			folders = append(folders, filepath.Dir(file))
		}
	}
	byID := map[string]models.Document{}
	for id, d := range own {
		byID[id] = d
	}
	for _, folder := range folders {
		more, err := loadTemplates(folder)
		if err != nil {
			return nil, err
		}
		for id, d := range more {
			byID[id] = d
		}
	}
	var all []models.Document
	for _, d := range byID {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b models.Document) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// loadTemplates reads a folder's templates by id.
func loadTemplates(folder string) (map[string]models.Document, error) {
	content, err := os.ReadFile(filepath.Join(folder, "templates.json"))
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	var bodies map[string]models.Document
	if err := json.Unmarshal(content, &bodies); err != nil {
		return nil, fmt.Errorf("%s/templates.json: %w", folder, err)
	}
	for id, d := range bodies {
		d.ID = id
		bodies[id] = d
	}
	return bodies, nil
}

// read reads a document, or takes what an earlier run kept of it.
func (e *evaluation) read(ctx context.Context, readers *reader.Pool, file string) (*reader.Document, error) {
	kept := ""
	if e.pages != "" {
		kept = filepath.Join(e.pages, filepath.Base(filepath.Clean(e.corpus)), filepath.Base(file)+".pages")
		if encoded, err := os.ReadFile(kept); err == nil {
			if document, err := reader.Decode(encoded); err == nil {
				return document, nil
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(e.corpus, filepath.FromSlash(file)))
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	document, err := readDocument(ctx, readers, content)
	if err != nil || kept == "" {
		return document, err
	}
	encoded, err := reader.Encode(document)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(kept), 0o750); err != nil {
		return nil, fmt.Errorf("keep the pages: %w", err)
	}
	return document, os.WriteFile(kept, encoded, 0o600)
}
