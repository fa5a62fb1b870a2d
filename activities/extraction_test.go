package activities

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/models"
)

func TestTheStepsFillATemplate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	document := b.template(t)
	run := b.upload(t, sample(t), "")
	for range 2 { // each may run twice
		pages, err := do[ReadResult](t, b, b.Read, run)
		if err != nil || pages.PageCount != 1 {
			t.Fatalf("Read: got %+v, %v", pages, err)
		}
		choice, err := do[AnalyzeResult](t, b, b.Analyze, run)
		if err != nil || choice.DocumentID != document.ID {
			t.Fatalf("Analyze: got %+v, %v", choice, err)
		}
		save := SaveAnalysisInput{Run: run, DocumentID: choice.DocumentID, PageCount: pages.PageCount}
		if err := b.SaveAnalysis(t.Context(), save); err != nil {
			t.Fatalf("SaveAnalysis: %v", err)
		}
		if _, err := do[any](t, b, b.Extract, run); err != nil {
			t.Fatalf("Extract: %v", err)
		}
	}
	x := b.get(t, run)
	if x.Status != models.StatusCompleted || x.PageCount != 1 || *x.DocumentID != document.ID || x.CompletedAt == nil {
		t.Errorf("got %+v", x.Extraction)
	}
	if x.Data["invoice_number"] != "NP-2026-0417" || x.Data["licence_plate"] != nil || len(x.Data) != 3 {
		t.Errorf("got data %v", x.Data)
	}
	if x.Evidence["licence_plate"].Reason != models.ReasonNotFound || x.Evidence["invoice_number"].Page != 1 {
		t.Errorf("got evidence %+v", x.Evidence)
	}
}

func TestWithoutATemplateTheLabelledValuesAreTheResult(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.upload(t, sample(t), "")
	for _, step := range []any{b.Read, b.Analyze} {
		if _, err := do[any](t, b, step, run); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SaveAnalysis(t.Context(), SaveAnalysisInput{Run: run, PageCount: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := do[any](t, b, b.Extract, run); err != nil {
		t.Fatal(err)
	}
	if x := b.get(t, run); x.DocumentID != nil || len(x.Data) == 0 {
		t.Errorf("got template %v, data %v", x.DocumentID, x.Data)
	}
}

func TestTheUploadsTemplateNeedsNoChoice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.template(t)
	other := models.Document{ID: models.NewID(b.Now()), Name: "Birth certificate", Fields: []models.Field{}}
	if err := b.tenant.CreateDocument(t.Context(), b.caller, &other); err != nil {
		t.Fatal(err)
	}
	run := b.upload(t, sample(t), other.ID)
	if _, err := do[any](t, b, b.Read, run); err != nil {
		t.Fatal(err)
	}
	if choice, err := do[AnalyzeResult](t, b, b.Analyze, run); err != nil || choice.DocumentID != other.ID {
		t.Errorf("got %+v, %v", choice, err)
	}
}

func TestABadDocumentIsNotReadAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.upload(t, []byte("%PDF-1.7\nnothing of the kind"), "")
	_, err := do[any](t, b, b.Read, run)
	e := applicationError(t, err)
	if !e.NonRetryable() || e.Type() != string(models.FailureDocumentBroken) || e.Category() != temporal.ApplicationErrorCategoryBenign {
		t.Errorf("got %+v", e)
	}
}

func TestAFileThatIsGoneIsSaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.upload(t, sample(t), "")
	if err := b.Blobs.Delete(t.Context(), b.get(t, run).File.BlobKey); err != nil {
		t.Fatal(err)
	}
	_, err := do[any](t, b, b.Read, run)
	if e := applicationError(t, err); !e.NonRetryable() || e.Type() != string(models.FailureFileMissing) {
		t.Errorf("got %+v", e)
	}
}

func TestADeletedExtractionEndsItsRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.upload(t, sample(t), "")
	if _, err := b.tenant.DeleteExtraction(t.Context(), b.caller, run.ExtractionID); err != nil {
		t.Fatal(err)
	}
	for _, step := range []any{b.Read, b.Analyze, b.Extract} {
		_, err := do[any](t, b, step, run)
		if e := applicationError(t, err); !e.NonRetryable() || e.Type() != TypeSuperseded {
			t.Errorf("got %+v", e)
		}
	}
}

// deletedMeanwhile stores a blob right after its extraction was deleted.
type deletedMeanwhile struct {
	blob.Store
	delete func()
}

func (s deletedMeanwhile) Put(ctx context.Context, key string, content io.Reader) error {
	s.delete()
	return s.Store.Put(ctx, key, content)
}

func TestPagesThatComeAfterADeletionAreNotKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.upload(t, sample(t), "")
	key := models.PagesKey(b.get(t, run).File.BlobKey)
	blobs := b.Blobs
	b.Blobs = deletedMeanwhile{blobs, func() {
		entry, err := b.tenant.DeleteExtraction(t.Context(), b.caller, run.ExtractionID)
		if err == nil {
			err = blobs.Delete(t.Context(), entry.Detail)
		}
		if err != nil {
			t.Error(err)
		}
	}}
	_, err := do[any](t, b, b.Read, run)
	if e := applicationError(t, err); e.Type() != TypeSuperseded {
		t.Errorf("got %+v", e)
	}
	if _, err := blobs.Get(t.Context(), key); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("the pages are still there: %v", err)
	}
}

func TestAStepOfAnOlderRunChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.upload(t, sample(t), "")
	if _, err := do[any](t, b, b.Read, old); err != nil {
		t.Fatal(err)
	}
	newer := Run{ExtractionID: old.ExtractionID, RunID: "newer"}
	if _, err := b.Begin(t.Context(), BeginInput{Run: newer, BegunAt: 1000}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"SaveAnalysis": b.SaveAnalysis(t.Context(), SaveAnalysisInput{Run: old}),
		"Extract":      func() error { _, err := do[any](t, b, b.Extract, old); return err }(),
		"Fail":         b.Fail(t.Context(), FailInput{Run: old, Status: models.StatusFailed}),
	} {
		if e := applicationError(t, err); e.Type() != TypeSuperseded {
			t.Errorf("%s: got %+v", name, e)
		}
	}
	if x := b.get(t, old); x.RunID != "newer" || x.Status != models.StatusAnalyzing {
		t.Errorf("got %+v", x.Extraction)
	}
}

func TestFailWritesWhatTheUserReads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.upload(t, sample(t), "")
	in := FailInput{Run: run, Status: models.StatusAnalysisFailed, FailureType: models.FailureDocumentBroken, Message: "The PDF is damaged."}
	for range 2 {
		if err := b.Fail(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if x := b.get(t, run); x.Status != in.Status || *x.Error != in.Message || x.FailureType != in.FailureType {
		t.Errorf("got %+v", x.Extraction)
	}
}

func TestErrorsSayWhetherToRetry(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err       error
		wantType  string // empty: Temporal retries
		forbidden string
	}{
		"bad document":      {models.Failed(models.FailureDocumentEmpty, "It is empty.", nil), "DocumentEmpty", ""},
		"lost the row":      {models.Conflict("a newer run has it"), TypeSuperseded, ""},
		"row is gone":       {models.NotFound("Extraction"), TypeSuperseded, ""},
		"database away":     {models.Internal("read", errors.New("connection refused")), "", ""},
		"anything else":     {errors.New("boom"), "", ""},
		"storage is away":   {models.Unavailable("the storage is away", errors.New("503")), "", ""},
		"nothing went bad":  {nil, "", ""},
		"no cause in clear": {models.Failed(models.FailureDocumentBroken, "It is damaged.", errors.New("text of a document")), "DocumentBroken", "text of a document"},
	} {
		err := classify(t.Context(), tc.err)
		e, final := errors.AsType[*temporal.ApplicationError](err)
		switch {
		case tc.wantType == "" && final:
			t.Errorf("%s: got %v, want an error that is retried", name, err)
		case tc.wantType != "" && (!final || e.Type() != tc.wantType || !e.NonRetryable()):
			t.Errorf("%s: got %v, want %s", name, err, tc.wantType)
		case tc.forbidden != "" && strings.Contains(e.Message(), tc.forbidden):
			t.Errorf("%s: the message tells too much: %v", name, err)
		}
	}
}

// TestPastDocumentsDecideBetweenTemplatesThatFitAlike: what the tenant's
// documents were filled into before counts.
func TestPastDocumentsDecideBetweenTemplatesThatFitAlike(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.template(t)
	second := models.Document{ID: models.NewID(b.Now()), Name: first.Name, Description: first.Description, Fields: first.Fields}
	second.Name += " of suppliers"
	if err := b.tenant.CreateDocument(t.Context(), b.caller, &second); err != nil {
		t.Fatal(err)
	}
	analyze := func(run Run) AnalyzeResult {
		t.Helper()
		if _, err := do[any](t, b, b.Read, run); err != nil {
			t.Fatal(err)
		}
		choice, err := do[AnalyzeResult](t, b, b.Analyze, run)
		if err != nil {
			t.Fatal(err)
		}
		return choice
	}
	choice := analyze(b.upload(t, sample(t), ""))
	if choice.DocumentID != first.ID || choice.RunnerUpID != second.ID || choice.Margin >= 0.2 {
		t.Fatalf("without a past: got %+v", choice)
	}
	past := b.upload(t, sample(t), second.ID)
	analyze(past)
	if err := b.SaveAnalysis(t.Context(), SaveAnalysisInput{Run: past, DocumentID: second.ID, PageCount: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := do[any](t, b, b.Extract, past); err != nil {
		t.Fatal(err)
	}
	if choice := analyze(b.upload(t, sample(t), "")); choice.DocumentID != second.ID {
		t.Errorf("with a past: got %+v, want %s", choice, second.ID)
	}
}
