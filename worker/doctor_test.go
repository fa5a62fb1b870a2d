package worker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func (b *bundle) doctor() *Doctor {
	return &Doctor{Store: b.Store, Starter: b.Starter, Files: func(context.Context) error { return nil }, Now: func() time.Time { return b.clock }, Readers: func(context.Context) []Finding {
		return []Finding{Reader("here", true, "It reads eng."), Reader("gone", false, "Install it.")}
	}}
}

// find is what the doctor found of a part.
func (d *Doctor) find(t *testing.T, part string) Finding {
	t.Helper()
	for _, f := range d.Examine(t.Context()) {
		if strings.HasPrefix(f.Part, part) {
			if f.OK != (f.Advice == "") || f.Detail == "" {
				t.Errorf("got %+v", f)
			}
			return f
		}
	}
	t.Fatalf("nothing is said of %s", part)
	return Finding{}
}

func doctorFindsPromises(t *testing.T, b *bundle) {
	d := b.doctor()
	b.upload(t)
	if f := d.find(t, "outbox"); !f.OK {
		t.Errorf("a young promise: %+v", f)
	}
	b.clock = b.clock.Add(2 * time.Minute)
	if f := d.find(t, "outbox"); f.OK || !strings.Contains(f.Detail, "1 start-extraction, the oldest 2m0s old") {
		t.Errorf("an old promise: %+v", f)
	}
}

func doctorFindsReaders(t *testing.T, b *bundle) {
	d := b.doctor()
	if f := d.find(t, "here"); !f.OK {
		t.Errorf("got %+v", f)
	}
	if f := d.find(t, "gone"); f.OK || f.Advice != "Install it." {
		t.Errorf("got %+v", f)
	}
}

func doctorFindsStuckRuns(t *testing.T, b *bundle) {
	d := b.doctor()
	x := b.upload(t)
	b.later()
	b.look(t)
	b.clock = b.clock.Add(time.Hour)
	if f := d.find(t, "extraction "+x.ID); !strings.Contains(f.Detail, "uploaded for 1h1m0s, attempt 1: its run") {
		t.Errorf("a run that goes on: %+v", f)
	}
	if err := b.client.TerminateWorkflow(t.Context(), "extraction-"+x.ID, "", "by an operator"); err != nil {
		t.Fatal(err)
	}
	if f := d.find(t, "extraction "+x.ID); !strings.Contains(f.Detail, "its run is terminated") || !strings.Contains(f.Advice, "extraction-"+x.ID) {
		t.Errorf("a run that is over: %+v", f)
	}
}

func doctorFindsFailures(t *testing.T, b *bundle) {
	d := b.doctor()
	if f := d.find(t, "failures"); !f.OK {
		t.Errorf("got %+v", f)
	}
	b.fail(t)
	if f := d.find(t, "failures"); f.OK || !strings.Contains(f.Detail, "1 Unknown") {
		t.Errorf("got %+v", f)
	}
}

func doctorFindsIdleQueues(t *testing.T, b *bundle) {
	if f := b.doctor().find(t, "workers"); f.OK || !strings.Contains(f.Detail, "reading 0") {
		t.Errorf("got %+v", f)
	}
}

func doctorNamesWhatIsAway(t *testing.T, b *bundle) {
	d := b.doctor()
	d.Starter.Client = closed(t)
	d.Store, d.StoreError = nil, errors.New("connection refused")
	d.Files = func(context.Context) error { return errors.New("no such host") }
	d.Readers = func(context.Context) []Finding { return nil }
	findings := d.Examine(t.Context())
	if len(findings) != 3 {
		t.Errorf("what stands on parts that are away was examined: %+v", findings)
	}
	for _, f := range findings {
		if f.OK || f.Advice == "" {
			t.Errorf("got %+v", f)
		}
	}
}
