package activities

import (
	"bytes"
	"context"
	"errors"
	"io"

	"decoded.digital/extractor/internal/engine"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/internal/understand"
	"decoded.digital/extractor/models"
)

// Run names a run and the row that it works on. Nothing of a document goes
// through Temporal's history: ids and enums alone.
type Run struct {
	ExtractionID string
	RunID        string
	// AdoptAt is set where the history's Begin is another run's, because an
	// operator reset the run to a point behind its beginning: the workflow time of
	// the step, in Unix nanoseconds. The step then takes the row over.
	AdoptAt int64 `json:",omitempty"`
}

// BeginInput is Begin's.
type BeginInput struct {
	Run
	BegunAt int64 // workflow time at which the run's code began, Unix nanoseconds
}

// BeginResult is what the workflow keeps of the row.
type BeginResult struct {
	TenantID string
	Attempt  int
	Source   models.Source
	RunID    string // whose Begin it was
}

// Begin takes the row for this run, whoever started or reset it.
func (a *Activities) Begin(ctx context.Context, in BeginInput) (BeginResult, error) {
	x, err := a.Store.Begin(ctx, in.ExtractionID, in.RunID, in.BegunAt)
	if err != nil {
		return BeginResult{}, classify(ctx, err)
	}
	return BeginResult{TenantID: x.TenantID, Attempt: x.Attempt, Source: x.Source, RunID: in.RunID}, nil
}

// adopt takes the row over for a run that has not begun it itself.
func (a *Activities) adopt(ctx context.Context, in Run, to models.Status) error {
	if in.AdoptAt == 0 {
		return nil
	}
	return a.Store.Adopt(ctx, in.ExtractionID, in.RunID, in.AdoptAt, to)
}

// ReadResult is what the workflow keeps of the pages.
type ReadResult struct{ PageCount int }

// Read turns the file's bytes into pages of words and keeps them as a blob.
func (a *Activities) Read(ctx context.Context, in Run) (ReadResult, error) {
	pulse := startPulse(ctx)
	defer pulse.stop()
	if err := a.adopt(ctx, in, models.StatusAnalyzing); err != nil {
		return ReadResult{}, classify(ctx, err)
	}
	file, err := a.Store.LoadFileOf(ctx, in.ExtractionID)
	if err != nil {
		return ReadResult{}, classify(ctx, err)
	}
	result, err := a.readFile(ctx, file, pulse.page)
	if err != nil {
		return ReadResult{}, classify(ctx, err)
	}
	if err := a.keepPages(ctx, in, file.BlobKey, result.Encoded); err != nil {
		return ReadResult{}, classify(ctx, err)
	}
	return ReadResult{PageCount: result.Pages}, nil
}

// readFile reads a stored file, which streams from the blob store into the
// process that reads it.
func (a *Activities) readFile(ctx context.Context, file models.File, progress func(page, of int)) (reader.Result, error) {
	result, err := a.Reader.Read(ctx, file.Type, file.Size, a.opener(file), progress)
	if models.CodeOf(err) == models.CodeNotFound {
		err = models.Failed(models.FailureFileMissing, "The stored file is gone; upload it again.", err)
	}
	return result, err
}

// keepPages stores the pages. A deletion that came meanwhile may have removed
// the blobs already, so what was stored after it goes at once.
func (a *Activities) keepPages(ctx context.Context, in Run, blobKey string, encoded []byte) error {
	key := models.PagesKey(blobKey)
	if err := a.Blobs.Put(ctx, key, bytes.NewReader(encoded)); err != nil {
		return models.Internal("keep the pages", err)
	}
	_, err := a.Store.LoadFileOf(ctx, in.ExtractionID)
	if models.CodeOf(err) == models.CodeNotFound {
		if gone := a.Blobs.Delete(ctx, key); gone != nil {
			return models.Internal("remove the pages of a deleted file", gone)
		}
	}
	return err
}

// AnalyzeResult is which template fits, empty where none does, and how clearly.
type AnalyzeResult struct {
	DocumentID string
	Score      float64 `json:",omitempty"` // 0 to 1
	RunnerUpID string  `json:",omitempty"` // the next best
	Margin     float64 `json:",omitempty"` // its distance
}

// Analyze chooses the template, unless the upload named it.
func (a *Activities) Analyze(ctx context.Context, in Run) (AnalyzeResult, error) {
	defer startPulse(ctx).stop()
	x, document, err := a.read(ctx, in, models.StatusAnalyzing)
	if err != nil {
		return AnalyzeResult{}, classify(ctx, err)
	}
	if x.RequestedDocumentID != nil {
		return AnalyzeResult{DocumentID: *x.RequestedDocumentID}, nil
	}
	documents, err := a.Store.ListDocumentsOf(ctx, x.TenantID)
	if err != nil {
		return AnalyzeResult{}, classify(ctx, err)
	}
	choice, err := a.Engine.Analyze(ctx, document, documents)
	if err != nil {
		return AnalyzeResult{}, classify(ctx, err)
	}
	if choice.Undecided() {
		past, err := a.past(ctx, x.TenantID, *choice.DocumentID, *choice.RunnerUpID)
		if err != nil {
			return AnalyzeResult{}, classify(ctx, err)
		}
		if choice, err = a.Engine.Analyze(ctx, document, documents, past...); err != nil {
			return AnalyzeResult{}, classify(ctx, err)
		}
	}
	result := AnalyzeResult{Score: choice.Score, Margin: choice.Margin()}
	if choice.DocumentID != nil {
		result.DocumentID = *choice.DocumentID
	}
	if choice.RunnerUpID != nil {
		result.RunnerUpID = *choice.RunnerUpID
	}
	return result, nil
}

// pastDocuments is how many of a template's documents are looked at.
const pastDocuments = 5

// past is what the tenant's documents of some templates looked like before. What
// is gone, or was kept by another version, says nothing.
func (a *Activities) past(ctx context.Context, tenantID string, documentIDs ...string) ([]engine.Past, error) {
	var all []engine.Past
	for _, id := range documentIDs {
		keys, err := a.Store.PastFilesOf(ctx, tenantID, id, pastDocuments)
		if err != nil {
			return nil, err
		}
		var pages []*reader.Document
		for _, key := range keys {
			encoded, err := a.load(ctx, models.PagesKey(key))
			if models.CodeOf(err) == models.CodeNotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
			if d, err := reader.Decode(encoded); err == nil {
				pages = append(pages, d)
			}
		}
		all = append(all, a.Engine.Remember(id, pages))
	}
	return all, nil
}

// SaveAnalysisInput is SaveAnalysis's.
type SaveAnalysisInput struct {
	Run
	DocumentID string
	PageCount  int
}

// SaveAnalysis writes what the analysis found and moves on to extracting.
func (a *Activities) SaveAnalysis(ctx context.Context, in SaveAnalysisInput) error {
	var documentID *string
	if in.DocumentID != "" {
		documentID = &in.DocumentID
	}
	if err := a.adopt(ctx, in.Run, models.StatusAnalyzing); err != nil {
		return classify(ctx, err)
	}
	return classify(ctx, a.Store.SaveAnalysis(ctx, in.ExtractionID, in.RunID, documentID, in.PageCount))
}

// Extract fills the template's fields and completes the extraction: result,
// status, deliveries and their outbox entries in one transaction.
func (a *Activities) Extract(ctx context.Context, in Run) error {
	defer startPulse(ctx).stop()
	x, document, err := a.read(ctx, in, models.StatusExtracting)
	if err != nil {
		return classify(ctx, err)
	}
	found, err := a.Engine.Extract(ctx, understand.Input{Read: document, Template: x.Document, Pictures: pictures{a, x.File, document}})
	if err != nil {
		return classify(ctx, err)
	}
	for path, e := range found.Evidence {
		found.Evidence[path] = e.Rounded()
	}
	result := store.Result{Data: found.Data, Evidence: found.Evidence, Checks: found.Checks, Usage: found.Usage}
	if found.Suggested != nil {
		result.Suggested = found.Suggested.Draft()
	}
	promised, err := a.Store.Complete(ctx, in.ExtractionID, in.RunID, result)
	if promised {
		a.promised()
	}
	return classify(ctx, err)
}

// FailInput is Fail's.
type FailInput struct {
	Run
	Status      models.Status
	FailureType models.FailureType
	Message     string
}

// Fail writes a failure, its deliveries and their outbox entries.
func (a *Activities) Fail(ctx context.Context, in FailInput) error {
	if err := a.adopt(ctx, in.Run, models.StatusAnalyzing); err != nil {
		return classify(ctx, err)
	}
	err := a.Store.Fail(ctx, in.ExtractionID, in.RunID, in.Status, in.FailureType, in.Message)
	a.promised()
	return classify(ctx, err)
}

// read loads what was read before, for a step of a run that stands at a status.
func (a *Activities) read(ctx context.Context, in Run, at models.Status) (models.ExtractionDetail, *reader.Document, error) {
	if err := a.adopt(ctx, in, at); err != nil {
		return models.ExtractionDetail{}, nil, err
	}
	x, err := a.Store.LoadExtraction(ctx, in.ExtractionID)
	if err != nil {
		return x, nil, err
	}
	encoded, err := a.load(ctx, models.PagesKey(x.File.BlobKey))
	if err != nil {
		return x, nil, err
	}
	document, err := reader.Decode(encoded)
	if errors.Is(err, reader.ErrVersion) {
		document, err = a.readAgain(ctx, x.File)
	}
	if err != nil {
		return x, nil, models.Internal("decode the pages", err)
	}
	return x, document, nil
}

func (a *Activities) opener(file models.File) func(context.Context) (io.ReadCloser, error) {
	return func(ctx context.Context) (io.ReadCloser, error) { return a.Blobs.Get(ctx, file.BlobKey) }
}

// pictures draws a file's pages for a model that sees, where text is poor.
type pictures struct {
	*Activities
	file     models.File
	document *reader.Document
}

// Picture is the page with the number, upright.
func (p pictures) Picture(ctx context.Context, page int) (content []byte, mimeType string, err error) {
	turn := 0
	for i := range p.document.Pages {
		if p.document.Pages[i].Number == page {
			turn = p.document.Pages[i].Turn
		}
	}
	content, err = p.Reader.Picture(ctx, p.file.Type, p.file.Size, p.opener(p.file), page, turn)
	return content, "image/jpeg", err
}

// readAgain reads a file whose pages were kept by another version of this
// program, which was replaced while the extraction was under way.
func (a *Activities) readAgain(ctx context.Context, file models.File) (*reader.Document, error) {
	result, err := a.readFile(ctx, file, func(int, int) {})
	if err != nil {
		return nil, err
	}
	return reader.Decode(result.Encoded)
}

func (a *Activities) load(ctx context.Context, key string) ([]byte, error) {
	r, err := a.Blobs.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
