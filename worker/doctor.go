package worker

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"decoded.digital/extractor/internal/store"
	"decoded.digital/extractor/models"
	"decoded.digital/extractor/workflows"
)

const (
	// overdueAfter is how old a promise of the outbox may be.
	overdueAfter = time.Minute
	// shortRetention is too short to look into what failed over a weekend.
	shortRetention = 7 * 24 * time.Hour
	// maxStuck is how many extractions are looked at one by one.
	maxStuck = 20
)

// Finding is what the doctor found of one part.
type Finding struct {
	Part   string
	OK     bool
	Detail string // what was found
	Advice string // what to do about it; empty where it is well
	away   bool   // what stands on this part can't be examined
}

// Doctor says what is stuck and why. It changes nothing.
type Doctor struct {
	Store *store.System
	// StoreError is why there is no Store: the database can't be opened.
	StoreError error
	Starter    *workflows.Starter
	Files      func(context.Context) error // says whether the file storage answers
	// Readers finds what this machine has to read pictures with.
	Readers func(context.Context) []Finding
	Now     func() time.Time
}

// Examine looks at every part, in the order in which they depend on each other.
func (d *Doctor) Examine(ctx context.Context) []Finding {
	database, temporal := d.database(ctx), d.temporal(ctx)
	findings := append([]Finding{database, d.files(ctx), temporal}, d.Readers(ctx)...)
	if !temporal.away {
		findings = append(findings, d.searchAttributes(ctx), d.workers(ctx))
	}
	if !database.away {
		findings = append(findings, d.outbox(ctx))
		findings = append(findings, d.mailboxes(ctx)...)
		findings = append(findings, d.stuck(ctx)...)
		findings = append(findings, d.failures(ctx))
	}
	return findings
}

func well(part, format string, args ...any) Finding {
	return Finding{Part: part, OK: true, Detail: fmt.Sprintf(format, args...)}
}

func ill(part, advice, format string, args ...any) Finding {
	return Finding{Part: part, Detail: fmt.Sprintf(format, args...), Advice: advice}
}

func away(part, advice string, err error) Finding {
	return Finding{Part: part, Detail: err.Error(), Advice: advice, away: true}
}

// Reader is the finding of one of the readers of pictures; note says what it
// reads, or how to get it.
func Reader(name string, ok bool, note string) Finding {
	if ok {
		return well(name, "%s", note)
	}
	return ill(name, note, "it does not read pictures on this machine")
}

func (d *Doctor) database(ctx context.Context) Finding {
	err := d.StoreError
	var pending []string
	if err == nil {
		pending, err = d.Store.PendingMigrations(ctx)
	}
	switch {
	case err != nil:
		return away("database", "see that it runs, that EXTRACTOR_DATABASE_URL is right, and run extractor migrate", err)
	case len(pending) > 0:
		return ill("database", "run extractor migrate", "it lacks %s", strings.Join(pending, ", "))
	}
	return well("database", "it answers, its schema is up to date")
}

func (d *Doctor) files(ctx context.Context) Finding {
	if err := d.Files(ctx); err != nil {
		return ill("file storage", "see that it runs and EXTRACTOR_BLOB_URL is right; uploads are refused until then", "%v", err)
	}
	return well("file storage", "it answers")
}

func (d *Doctor) temporal(ctx context.Context) Finding {
	retention, err := d.Starter.Retention(ctx)
	switch {
	case err != nil:
		return away("Temporal", "see that it runs and EXTRACTOR_TEMPORAL_ADDRESS and _NAMESPACE are right; uploads wait in the outbox until then", err)
	case retention < shortRetention:
		return ill("Temporal", "temporal operator namespace update -n "+d.Starter.Namespace+" --retention 720h",
			"it forgets closed runs after %s, too soon to look into them", retention)
	}
	return well("Temporal", "it answers, and keeps closed runs for %s", retention)
}

func (d *Doctor) searchAttributes(ctx context.Context) Finding {
	if err := d.Starter.CheckSearchAttributes(ctx); err != nil {
		return ill("search attributes", "API and worker register them at start; one of another type must be renamed or removed first", "%v", err)
	}
	return well("search attributes", "all are registered")
}

func (d *Doctor) workers(ctx context.Context) Finding {
	pollers, err := d.Starter.Pollers(ctx)
	if err != nil {
		return ill("workers", "see Temporal", "%v", err)
	}
	var counts []string
	idle := false
	for _, queue := range slices.Sorted(maps.Keys(pollers)) {
		counts = append(counts, fmt.Sprintf("%s %d", queue, pollers[queue]))
		idle = idle || pollers[queue] == 0
	}
	if idle {
		return ill("workers", "start extractor worker; what was uploaded waits for it", "a task queue has no worker: %s", strings.Join(counts, ", "))
	}
	return well("workers", "%s", strings.Join(counts, ", "))
}

func (d *Doctor) outbox(ctx context.Context) Finding {
	overdue, err := d.Store.ListOverdue(ctx, d.Now().Add(-overdueAfter))
	if err != nil {
		return ill("outbox", "see the database", "%v", err)
	}
	if len(overdue) == 0 {
		return well("outbox", "no promise is older than %s", overdueAfter)
	}
	var kinds []string
	for _, o := range overdue {
		kinds = append(kinds, fmt.Sprintf("%d %s, the oldest %s old, up to %d tries", o.Count, o.Kind, d.age(o.Created), o.Tries))
	}
	return ill("outbox", "a worker keeps these promises: see that one runs and reaches Temporal; its log says what fails", "%s", strings.Join(kinds, "; "))
}

// stuck is a finding for each extraction that has stood still.
func (d *Doctor) stuck(ctx context.Context) []Finding {
	stale, err := d.Store.ListStale(ctx, d.Now().Add(-staleAfter), "", maxStuck)
	if err != nil {
		return []Finding{ill("extractions", "see the database", "%v", err)}
	}
	if len(stale) == 0 {
		return []Finding{well("extractions", "none has stood still for %s", staleAfter)}
	}
	findings := make([]Finding, 0, len(stale))
	for _, x := range stale {
		why, err := d.Starter.Inspect(ctx, x.ID)
		if err != nil {
			why = err.Error()
		}
		findings = append(findings, ill("extraction "+x.ID, "open "+workflows.ExtractionRunID(x.ID)+" in the Temporal UI",
			"%s for %s, attempt %d: %s", x.Status, d.age(x.UpdatedAt), x.Attempt, why))
	}
	return findings
}

// forOperators are the failures that no document is to blame for, and no choice of a person.
func forOperators() []models.FailureType {
	return []models.FailureType{models.FailureUnknown, models.FailureTimedOut, models.FailureRunLost, models.FailureFileMissing, models.FailureReaderMissing}
}

// failures are those of the last day that are ours to look into.
func (d *Doctor) failures(ctx context.Context) Finding {
	counts, err := d.Store.CountFailures(ctx, d.Now().Add(-24*time.Hour))
	if err != nil {
		return ill("failures", "see the database", "%v", err)
	}
	var attention, all []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		text := fmt.Sprintf("%d %s", counts[kind], kind)
		all = append(all, text)
		if slices.Contains(forOperators(), kind) {
			attention = append(attention, text)
		}
	}
	switch {
	case len(attention) > 0:
		return ill("failures", `look at them in the Temporal UI: FailureType IN ("Unknown", "TimedOut", "RunLost", "FileMissing", "ReaderMissing")`, "in 24 hours: %s", strings.Join(all, ", "))
	case len(all) > 0:
		return well("failures", "in 24 hours, of documents and by choice alone: %s", strings.Join(all, ", "))
	}
	return well("failures", "none in 24 hours")
}

func (d *Doctor) age(since time.Time) time.Duration { return d.Now().Sub(since).Round(time.Second) }
