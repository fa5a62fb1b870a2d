package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"decoded.digital/extractor/models"
)

// checkTaken fails unless every attachment became one extraction.
func checkTaken(t interface {
	Helper()
	Errorf(string, ...any)
}, b *box, m *memory, want int,
) {
	t.Helper()
	if len(m.taken) != want {
		t.Errorf("%d attachments were taken, want %d", len(m.taken), want)
	}
	for key, times := range m.taken {
		if times != 1 {
			t.Errorf("%s became %d extractions", key, times)
		}
	}
}

// fill delivers n mails with one to three attachments, and says how many.
func fill(b *box, n int) (attachments int) {
	for i := range n {
		files := make([][]byte, i%3+1)
		for j := range files {
			files[j] = pdf
		}
		attachments += len(files)
		b.deliver(fmt.Sprintf("d%03d", i), fmt.Sprintf("i%03d", i), epoch.Add(time.Duration(i)*time.Minute), files...)
	}
	return attachments
}

func TestAWorkerKilledAnywhereLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for at := 0; ; at++ {
		k := &killer{left: at}
		b, m := newBox(k), newMemory(k)
		want := fill(b, 7)
		b.move("d001", "e001") // removed, and in again under another id
		clock := epoch.Add(time.Hour)
		s := newTestSyncer(t, b, m, &clock)
		var killed error
		for killed == nil {
			var p Progress
			if p, killed = s.Step(t.Context(), Source{}); !p.More {
				break
			}
		}
		if killed == nil {
			if at < 100 {
				t.Fatalf("the whole took %d points only: the test kills nothing", at)
			}
			return
		}
		*k = killer{left: -1}
		b.epoch++ // the delta link is gone, too: everything is read again
		finish(t, s, Source{}, &clock)
		if checkTaken(t, b, m, want); t.Failed() {
			t.Fatalf("killed at point %d", at)
		}
	}
}

func TestAnyScheduleOfDeathsMovesAndLostCursorsLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		k := &killer{left: -1}
		b, m := newBox(k), newMemory(k)
		b.page = rapid.IntRange(1, 10).Draw(r, "page")
		want := fill(b, rapid.IntRange(0, 12).Draw(r, "mails"))
		clock := epoch.Add(time.Hour)
		s := newTestSyncer(t, b, m, &clock)
		s.Parallel = 4
		for i := range rapid.IntRange(0, 12).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"die", "live", "gone", "move", "again"}).Draw(r, "event") {
			case "die":
				*k = killer{left: rapid.IntRange(0, 80).Draw(r, "point")}
				_, _ = s.Step(t.Context(), Source{})
				*k = killer{left: -1}
			case "live":
				_, _ = s.Step(t.Context(), Source{})
			case "gone":
				b.epoch++
			case "move":
				for id := range b.messages {
					b.move(id, fmt.Sprintf("m%d-%s", i, id))
					break
				}
			case "again":
				if len(b.log) > 0 {
					b.log = append(b.log, b.log[len(b.log)-1])
				}
			}
		}
		finish(t, s, Source{}, &clock)
		checkTaken(r, b, m, want)
	})
}

func TestMailFromBeforeTheStartIsLeftAndOldMailMovedInLaterIsTaken(t *testing.T) {
	t.Parallel()
	k := &killer{left: -1}
	b, m := newBox(k), newMemory(k)
	b.deliver("old", "i-old", epoch, pdf)
	b.deliver("new", "i-new", epoch.Add(time.Hour), pdf)
	clock := epoch.Add(2 * time.Hour)
	s, src := newTestSyncer(t, b, m, &clock), Source{StartFrom: epoch.Add(time.Minute)}
	finish(t, s, src, &clock)
	if len(m.taken) != 1 || m.mails["i-new"] == nil {
		t.Errorf("taken of the first round: %v", m.taken)
	}
	b.deliver("older", "i-older", epoch.Add(-time.Hour), pdf)
	b.epoch++
	finish(t, s, src, &clock)
	if len(m.taken) != 2 || m.mails["i-older"] == nil || m.mails["i-old"] != nil {
		t.Errorf("taken after old mail was moved in: %v", m.taken)
	}
}

func TestTheSweepFindsWhatDeltaForgot(t *testing.T) {
	t.Parallel()
	k := &killer{left: -1}
	b, m := newBox(k), newMemory(k)
	want := fill(b, 4)
	clock := epoch.Add(time.Hour)
	s := newTestSyncer(t, b, m, &clock)
	finish(t, s, Source{}, &clock)
	if found, err := s.Sweep(t.Context(), Source{}, 1000); err != nil || found != 0 {
		t.Errorf("a sweep after a full round: %d, %v", found, err)
	}
	b.deliver("hidden", "i-hidden", epoch, pdf)
	b.log = b.log[:len(b.log)-1]
	if found, err := s.Sweep(t.Context(), Source{}, 1000); err != nil || found != 1 {
		t.Errorf("a sweep after a mail that delta forgot: %d, %v", found, err)
	}
	finish(t, s, Source{}, &clock)
	checkTaken(t, b, m, want+1)
}

// oneError answers an error for one message, or for all.
type oneError struct {
	*box
	err error
	id  string
}

func (o oneError) Message(ctx context.Context, mailbox, id string) (Message, error) {
	if o.id == "" || o.id == id {
		return Message{}, o.err
	}
	return o.box.Message(ctx, mailbox, id)
}

func TestAMailThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	k := &killer{left: -1}
	b, m := newBox(k), newMemory(k)
	fill(b, 3)
	clock := epoch
	s := newTestSyncer(t, b, m, &clock)
	s.Reader = oneError{box: b, err: &Error{Failure: Transient, Status: 500}, id: "d000"}
	for range 30 {
		if _, err := s.Step(t.Context(), Source{}); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(time.Hour)
	}
	if o := m.items["d000"].settled; o == nil || o.State != OutcomeFailed || o.Cause == nil {
		t.Errorf("the broken mail: %+v", o)
	}
	if len(m.taken) != 2+3 {
		t.Errorf("of the others %d attachments were taken", len(m.taken))
	}
}

// breaking ends the answer with an attachment in its middle, so many times.
type breaking struct {
	*box
	times int
	asked map[string]int // by attachment
}

func (b breaking) Content(ctx context.Context, mailbox, message, attachment string) (io.ReadCloser, error) {
	content, err := b.box.Content(ctx, mailbox, message, attachment)
	if b.asked[attachment]++; err != nil || b.asked[attachment] > b.times {
		return content, err
	}
	return io.NopCloser(io.MultiReader(io.LimitReader(content, int64(len(b.files[attachment])*2/3)), iotest.ErrReader(&Error{Failure: Transient, Cause: io.ErrUnexpectedEOF}))), nil
}

// forwarded is a mail with three PDFs, of which two have passed when two thirds
// were read.
var forwarded = []byte("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	strings.Repeat("--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n"+string(pdf)+strings.Repeat(" ", 8<<10)+"\r\n", 3) + "--b--\r\n")

func TestAnAttachmentWhoseAnswerBreaksOffIsAskedForAgainWithoutPuttingOffItsMail(t *testing.T) {
	t.Parallel()
	for times, putOff := range map[int]bool{0: false, readTries - 1: false, readTries: true} {
		k := &killer{left: -1}
		b, m := newBox(k), newMemory(k)
		b.deliver("d", "i", epoch, pdf, zipped(t, map[string][]byte{"a.pdf": pdf, "b.pdf": pdf}, "a.pdf", "b.pdf"), forwarded)
		b.lists["i"][2].Name = "forwarded.eml"
		clock := epoch
		s := newTestSyncer(t, b, m, &clock)
		s.Reader = breaking{b, times, map[string]int{}}
		if _, err := s.Step(t.Context(), Source{Archives: true}); err != nil {
			t.Fatal(err)
		}
		if (m.putOff["d"] != nil) != putOff {
			t.Errorf("answers broke off %d times: put off for %v", times, m.putOff["d"])
		}
		finish(t, s, Source{Archives: true}, &clock)
		if checkTaken(t, b, m, 6); len(m.mails["i"].decisions) != 6 {
			t.Errorf("decisions: %+v", m.mails["i"].decisions)
		}
	}
}

func TestThrottlingStopsTheStepAndCountsAgainstNoMail(t *testing.T) {
	t.Parallel()
	k := &killer{left: -1}
	b, m := newBox(k), newMemory(k)
	fill(b, 3)
	clock := epoch
	s := newTestSyncer(t, b, m, &clock)
	s.Reader = oneError{box: b, err: &Error{Failure: Throttled, RetryAfter: 2 * time.Minute}}
	_, err := s.Step(t.Context(), Source{})
	if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 2*time.Minute {
		t.Errorf("the step answered %v", err)
	}
	if len(m.putOff) != 0 {
		t.Errorf("mails were put off: %v", m.putOff)
	}
}

// refusing answers that every link is wrong.
type refusing struct{ *box }

func (r refusing) Delta(ctx context.Context, mailbox, folder, link string) (Page, error) {
	if link != "" {
		return Page{}, &Error{Failure: Refused, Status: 400}
	}
	return r.box.Delta(ctx, mailbox, folder, link)
}

func TestALinkThatGraphRefusesIsGivenUp(t *testing.T) {
	t.Parallel()
	k := &killer{left: -1}
	b, m := newBox(k), newMemory(k)
	want := fill(b, 5) // two pages
	clock := epoch
	s := newTestSyncer(t, b, m, &clock)
	finish(t, s, Source{}, &clock)
	b.deliver("new", "i-new", epoch, pdf)
	s.Reader = refusing{b}
	if _, err := s.Step(t.Context(), Source{}); FailureOf(err) != Refused || m.cursor.Link != "" || !m.cursor.Based {
		t.Fatalf("%v, the cursor is %+v", err, *m.cursor)
	}
	s.Reader = b
	finish(t, s, Source{}, &clock)
	checkTaken(t, b, m, want+1)
}

func TestARefusedFileIsNotedWithIntakesSentence(t *testing.T) {
	t.Parallel()
	k := &killer{left: -1}
	b, m := newBox(k), newMemory(k)
	m.refusal = models.Invalid("file is a damaged PDF")
	b.deliver("d", "i", epoch, pdf)
	clock := epoch
	s := newTestSyncer(t, b, m, &clock)
	finish(t, s, Source{}, &clock)
	if d := m.mails["i"].decisions; len(d) != 1 || d[0].Reason != ReasonRefused || d[0].Detail != "file is a damaged PDF" {
		t.Errorf("decisions: %+v", d)
	}
}

// foreign leads away from Graph.
type foreign struct{ *box }

func (foreign) Delta(context.Context, string, string, string) (Page, error) {
	return Page{Next: "https://graph.test.evil.test/v1.0/delta"}, nil
}

func TestALinkToAForeignHostIsNeitherStoredNorFollowed(t *testing.T) {
	t.Parallel()
	k := &killer{left: -1}
	b, m := newBox(k), newMemory(k)
	clock := epoch
	s := newTestSyncer(t, b, m, &clock)
	s.Reader = foreign{b}
	if _, err := s.Step(t.Context(), Source{}); FailureOf(err) != ForeignLink || m.cursor.Link != "" {
		t.Errorf("a page with a foreign link: %v, stored %q", err, m.cursor.Link)
	}
	s.Reader = b
	m.cursor.Link = "http://graph.test/v1.0/delta"
	if _, err := s.Step(t.Context(), Source{}); FailureOf(err) != ForeignLink {
		t.Errorf("a stored link without TLS: %v", err)
	}
}

func TestWhatOneFoldersRulesLeaveOutIsTakenInAnotherFolder(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]Rules{
		"a whole mail":  {{Name: "others", Sender: "nobody@x.test"}},
		"an attachment": {{Name: "no PDFs", Types: []string{"application/pdf"}, Ignore: true}},
	} {
		k := &killer{left: -1}
		b, m := newBox(k), newMemory(k)
		b.deliver("d", "i", epoch, pdf, pdf)
		clock := epoch
		s := newTestSyncer(t, b, m, &clock)
		finish(t, s, Source{Rules: rules}, &clock)
		if len(m.taken) != 0 {
			t.Errorf("%s: taken against the rules: %v", name, m.taken)
		}
		b.move("d", "e")
		finish(t, s, Source{}, &clock)
		checkTaken(t, b, m, 2)
		b.move("e", "f")
		finish(t, s, Source{}, &clock)
		if checkTaken(t, b, m, 2); m.items["f"].settled.State != OutcomeKnown {
			t.Errorf("%s: the third time it was %s", name, m.items["f"].settled.State)
		}
	}
}
