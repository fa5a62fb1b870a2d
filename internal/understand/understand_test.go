package understand

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/internal/testkit/llmfake"
	"decoded.digital/extractor/models"
)

func TestAModelFillsATemplateAndItsValuesStandOnThePage(t *testing.T) {
	t.Parallel()
	b := setup(t, telling(map[string]any{
		"invoice_number": "NP-7", "total": 1234.5, "date": "2026-04-17", "paid": nil,
		"seller": map[string]any{"address": "Long Street 5, 12345 Town"}, "tags": []any{"urgent", "paper"},
		"lines": []any{map[string]any{"item": "Bolts", "amount": 4}, map[string]any{"item": "Nuts and washers", "amount": 4}},
	}))
	read := documentOf(
		"Acme                      Invoice number: NP-7",
		"Long Street 5             Date: 17. April 2026",
		"12345 Town                Tags: urgent, paper",
		"",
		"Item                      Amount",
		"Bolts                     4.00",
		"Nuts and                  4.00",
		"washers",
		"Total:                    1.234,50",
	)
	found := b.extract(t, read,
		field("invoice_number", models.TypeString), field("total", models.TypeNumber), field("date", models.TypeDate), field("paid", models.TypeBoolean),
		field("seller", models.TypeObject, field("address", models.TypeString)), field("tags", models.TypeStringList),
		field("lines", models.TypeObjectList, field("item", models.TypeString), field("amount", models.TypeNumber)))
	if found.Data["total"] != 1234.5 || found.Data["date"] != "2026-04-17" || found.Data["paid"] != nil || len(found.Data) != 7 {
		t.Errorf("got %v", found.Data)
	}
	for path, text := range map[string]string{
		"invoice_number": "NP-7", "total": "1.234,50", "date": "17. April 2026", "seller.address": "Long Street 5 12345 Town",
		"tags[0]": "urgent", "lines[0].amount": "4.00", "lines[1].item": "Nuts and washers",
	} {
		e := found.Evidence[path]
		if keyOf(e.Text) != keyOf(text) || e.Page != 1 || e.Box == nil || e.Method != models.MethodModel || e.Confidence <= models.MaxUngrounded {
			t.Errorf("%s: got %+v", path, e)
		}
	}
	if first, second := found.Evidence["lines[0].amount"].Box, found.Evidence["lines[1].amount"].Box; first == nil || second == nil || first.Y >= second.Y {
		t.Errorf("the rows' amounts stand at %v and %v", first, second)
	}
	if found.Evidence["paid"].Reason != models.ReasonNotFound {
		t.Errorf("got %+v", found.Evidence["paid"])
	}
}

func TestAValueThatStandsNowhereIsNeverSure(t *testing.T) {
	t.Parallel()
	b := setup(t, telling(map[string]any{"total": 99.5, "buyer": "Nobody Ltd", "paid": true, "due": "2031-01-01"}))
	found := b.extract(t, documentOf("Total: 12.00", "Buyer: Acme"),
		field("total", models.TypeNumber), field("buyer", models.TypeString), field("paid", models.TypeBoolean), field("due", models.TypeDate))
	for path := range found.Data {
		if e := found.Evidence[path]; e.Method != models.MethodUngrounded || e.Confidence > models.MaxUngrounded || e.Confidence <= 0 || e.Page != 0 || e.Box != nil {
			t.Errorf("%s: got %+v", path, e)
		}
	}
}

func TestTheBuiltInEngineRaisesAndLowersConfidence(t *testing.T) {
	t.Parallel()
	b := setup(t, telling(map[string]any{"total": 12, "tax": 3, "remark": "thanks"}))
	found := b.extract(t, documentOf("Total: 12.00", "Tax: 2.00", "net 3.00 thanks"),
		field("total", models.TypeNumber), field("tax", models.TypeNumber), field("remark", models.TypeString))
	agreed, differs, alone := found.Evidence["total"], found.Evidence["tax"], found.Evidence["remark"]
	if agreed.Confidence <= alone.Confidence || alone.Confidence <= differs.Confidence {
		t.Errorf("agreed %v, alone %v, differing %v", agreed.Confidence, alone.Confidence, differs.Confidence)
	}
	if found.Data["tax"] != 3.0 {
		t.Errorf("got %v", found.Data)
	}
}

func TestWhatTheModelLacksIsACandidateAndNoValue(t *testing.T) {
	t.Parallel()
	b := setup(t, telling(map[string]any{"total": nil, "due": "soon"}))
	found := b.extract(t, documentOf("Total: 12.00"), field("total", models.TypeNumber), field("due", models.TypeDate))
	total := found.Evidence["total"]
	if found.Data["total"] != nil || total.Reason == "" || len(total.Candidates) != 1 || total.Candidates[0].Page != 1 {
		t.Errorf("got %v, %+v", found.Data["total"], total)
	}
	if e := found.Evidence["due"]; found.Data["due"] != nil || e.Reason != models.ReasonTypeMismatch {
		t.Errorf("got %v, %+v", found.Data["due"], e)
	}
}

func TestRowsThatThePageShowsAndTheAnswerLacksAreReported(t *testing.T) {
	t.Parallel()
	list := field("lines", models.TypeObjectList, field("item", models.TypeString), field("amount", models.TypeNumber))
	read := documentOf("Item            Amount", "Bolts           4.00", "Nuts            5.00", "Washers         6.00")
	all := []any{map[string]any{"item": "Bolts", "amount": 4}, map[string]any{"item": "Nuts", "amount": 5}, map[string]any{"item": "Washers", "amount": 6}}
	for _, tc := range []struct {
		rows []any
		want models.Check
	}{
		{all, models.Check{Rule: "rows(lines) = rows on the page", OK: true}},
		{all[:1], models.Check{Rule: "rows(lines) = rows on the page", Difference: 2}},
		{[]any{all[0], all[2]}, models.Check{Rule: "rows(lines) = rows on the page", Difference: 1}},
	} {
		b := setup(t, telling(map[string]any{"lines": tc.rows}))
		if found := b.extract(t, read, list); !slices.Contains(found.Checks, tc.want) {
			t.Errorf("%d rows: got %+v", len(tc.rows), found.Checks)
		}
	}
}

func TestWithoutATemplateNoModelIsAsked(t *testing.T) {
	t.Parallel()
	b := setup(t, telling(nil))
	found, err := b.Extract(t.Context(), Input{Read: documentOf("Total: 12.00")})
	if err != nil || found.Data["total"] == nil || found.Usage != nil || len(b.server.Requests()) != 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestWhatACallTookIsCounted(t *testing.T) {
	t.Parallel()
	b := setup(t, telling(map[string]any{"total": 12}), func(o *Options) { o.Prices = &Prices{Input: 2.5, Output: 10} })
	used := b.extract(t, documentOf("Total: 12.00"), field("total", models.TypeNumber)).Usage
	cost := (2.5*llmfake.InputTokens + 10*llmfake.OutputTokens) / 1e6
	if used.Calls != 1 || used.InputTokens != llmfake.InputTokens || used.OutputTokens != llmfake.OutputTokens || math.Abs(*used.Cost-cost) > 1e-12 || used.Model == "" {
		t.Errorf("got %+v, cost %v", used, *used.Cost)
	}
}

func TestAnAnswerThatCantBeUsedIsRepairedOnce(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"no JSON": `{"total": 12`, "a key is missing": `{"other":1}`, "another type": `{"total":{"value":12}}`, "prose": `Here you are: {"total":12}`, "empty": ``, "a list": `[12]`,
	} {
		b := setup(t, func(n int, _ *llmfake.Request) llmfake.Reply {
			if n == 1 {
				return llmfake.Reply{Text: bad}
			}
			return llmfake.Reply{Text: `{"total":12}`}
		})
		found := b.extract(t, documentOf("Total: 12.00"), field("total", models.TypeNumber))
		if found.Data["total"] != 12.0 || found.Usage.Calls != 2 {
			t.Errorf("%s: got %v, %+v", name, found.Data, found.Usage)
		}
		if again := b.server.Requests()[1]; again.Complaint == "" || (bad != "" && again.Previous != bad) || again.Text != b.server.Requests()[0].Text {
			t.Errorf("%s: it was told %+v", name, again)
		}
		never := setup(t, func(int, *llmfake.Request) llmfake.Reply { return llmfake.Reply{Text: bad} })
		_, err := never.Extract(t.Context(), Input{Read: documentOf("Total: 12.00"), Template: template(field("total", models.TypeNumber))})
		if failureOf(err) != models.FailureProviderUnavailable || len(never.server.Requests()) != 2 {
			t.Errorf("%s: got %v after %d requests", name, err, len(never.server.Requests()))
		}
	}
}

func failureOf(err error) models.FailureType {
	if e, ok := errors.AsType[*models.Error](err); ok {
		return e.Type
	}
	return ""
}

func TestAProvidersFailureIsTheSteps(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		reply llmfake.Reply
		want  models.FailureType
		after time.Duration
	}{
		{llmfake.Reply{Status: 429, Header: map[string]string{"Retry-After": "7"}}, models.FailureProviderLimited, 7 * time.Second},
		{llmfake.Reply{Status: 500}, models.FailureProviderUnavailable, 0},
		{llmfake.Reply{Stop: "refused"}, models.FailureDocumentUnsupported, 0},
		{llmfake.Reply{Stop: "filtered"}, models.FailureDocumentUnsupported, 0},
	} {
		b := setup(t, func(int, *llmfake.Request) llmfake.Reply { return tc.reply })
		_, err := b.Extract(t.Context(), Input{Read: documentOf("Total: 12.00"), Template: template(field("total", models.TypeNumber))})
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Type != tc.want || e.RetryAfter != tc.after || len(b.server.Requests()) != 1 {
			t.Errorf("%+v: got %v", tc.reply, err)
		}
	}
}

func TestASchemaThatAProviderRefusesIsSentInWords(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ int, r *llmfake.Request) llmfake.Reply {
		if r.Schema != nil {
			return llmfake.Reply{Status: 400, Type: "invalid_request_error", Message: "Invalid schema for response_format"}
		}
		return llmfake.Reply{Text: `{"total":12}`}
	})
	if found := b.extract(t, documentOf("Total: 12.00"), field("total", models.TypeNumber)); found.Data["total"] != 12.0 {
		t.Errorf("got %v", found.Data)
	}
}

// tableOf is a document whose every page shows rows of a number and a name.
func tableOf(pages, rows int) *reader.Document {
	read := &reader.Document{}
	for p := range pages {
		lines := []string{"Number    Name           Price"}
		for r := range rows {
			n := p*rows + r
			// Every other row is one that stands twice on its page.
			lines = append(lines, fmt.Sprintf("%-9d Part %-9s %d.50", 1000+n/2, string(rune('A'+n%7/2)), 10+n/2%3))
		}
		read.Pages = append(read.Pages, pageOf(p+1, lines...))
	}
	return read
}

var shownRow = regexp.MustCompile(`(?m)^(\d{4}) +Part +(\w) +(\d+\.50)$`)

// readRows is an honest model, which also takes the rows of pages that it was
// told to leave.
func readRows(_ int, r *llmfake.Request) llmfake.Reply {
	rows := []any{}
	for _, m := range shownRow.FindAllStringSubmatch(r.Text, -1) {
		price, _ := strconv.ParseFloat(m[3], 64)
		rows = append(rows, map[string]any{"number": m[1], "name": "Part " + m[2], "price": price})
	}
	return replyOf(map[string]any{"rows": rows})
}

func rowsField() models.Field {
	return field("rows", models.TypeObjectList, field("number", models.TypeString), field("name", models.TypeString), field("price", models.TypeNumber))
}

func wantRows(t *testing.T, found Result, n int) {
	t.Helper()
	rows, _ := found.Data["rows"].([]any)
	if len(rows) != n {
		t.Fatalf("got %d rows, want %d", len(rows), n)
	}
	for i, row := range rows {
		if got := row.(map[string]any)["number"]; got != strconv.Itoa(1000+i/2) {
			t.Fatalf("row %d is %v", i, got)
		}
		if e := found.Evidence[fmt.Sprintf("rows[%d].number", i)]; e.Method != models.MethodModel {
			t.Fatalf("row %d stands nowhere: %+v", i, e)
		}
	}
}

func TestALongDocumentIsReadInWindowsAndEachRowComesOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, readRows, func(o *Options) { o.ContextTokens = 5000 })
	found := b.extract(t, tableOf(80, 20), rowsField())
	if n := len(b.server.Requests()); n < 4 || found.Usage.Calls != n {
		t.Errorf("%d requests, %d counted", n, found.Usage.Calls)
	}
	wantRows(t, found, 1600)
}

func TestAQuotaThatEndsHalfwayCostsNoAnswerThatIsThere(t *testing.T) {
	t.Parallel()
	limited := 0
	var mu sync.Mutex
	b := setup(t, func(n int, r *llmfake.Request) llmfake.Reply {
		mu.Lock()
		defer mu.Unlock()
		if n > 1 && limited < 3 && strings.Contains(r.Text, "page 80 of 80") {
			limited++
			return llmfake.Reply{Status: 429, Header: map[string]string{"Retry-After-Ms": "1"}}
		}
		return readRows(n, r)
	}, func(o *Options) { o.ContextTokens = 5000 })
	found := b.extract(t, tableOf(80, 20), rowsField())
	wantRows(t, found, 1600)
	// More windows than are asked about at once: the last is asked about after another was answered.
	if n := len(b.server.Requests()); limited != 3 || n-3 <= atOnce || found.Usage.Calls != n-3 {
		t.Errorf("%d requests, %d of them limited, %d counted", n, limited, found.Usage.Calls)
	}
}

func TestAPageThatIsLargerThanAWindowIsParted(t *testing.T) {
	t.Parallel()
	b := setup(t, readRows, func(o *Options) { o.ContextTokens = 4096 })
	found := b.extract(t, tableOf(2, 500), rowsField())
	if len(b.server.Requests()) < 4 {
		t.Errorf("%d requests", len(b.server.Requests()))
	}
	wantRows(t, found, 1000)
}

func TestAnAnswerThatIsCutOffIsAskedForInHalves(t *testing.T) {
	t.Parallel()
	b := setup(t, func(n int, r *llmfake.Request) llmfake.Reply {
		if len(shownRow.FindAllString(r.Text, -1)) > 50 {
			return llmfake.Reply{Text: `{"rows":[{"num`, Stop: "truncated"}
		}
		return readRows(n, r)
	})
	wantRows(t, b.extract(t, tableOf(10, 20), rowsField()), 200)
	one := setup(t, func(n int, r *llmfake.Request) llmfake.Reply {
		if len(shownRow.FindAllString(r.Text, -1)) > 15 {
			return llmfake.Reply{Status: 400, Message: "This model's maximum context length is 100 tokens"}
		}
		return readRows(n, r)
	})
	wantRows(t, one.extract(t, tableOf(1, 40), rowsField()), 40)
}

func TestWhatIsAlwaysCutOffFailsForGood(t *testing.T) {
	t.Parallel()
	b := setup(t, func(int, *llmfake.Request) llmfake.Reply { return llmfake.Reply{Text: `{`, Stop: "truncated"} })
	_, err := b.Extract(t.Context(), Input{Read: tableOf(2, 10), Template: template(rowsField())})
	if failureOf(err) != models.FailureDocumentTooLarge {
		t.Errorf("got %v", err)
	}
}

// drawn draws pages, and remembers which.
type drawn struct{ pages []int }

func (d *drawn) Picture(_ context.Context, page int) ([]byte, string, error) {
	d.pages = append(d.pages, page)
	return []byte("\x89PNG page " + strconv.Itoa(page)), "image/png", nil
}

func TestPagesWithPoorTextAreShownAsPictures(t *testing.T) {
	t.Parallel()
	bad := pageOf(2, "T0ta1 l2.O0")
	bad.Scanned = true
	for i := range bad.Words {
		bad.Words[i].Confidence = 0.3
	}
	read := &reader.Document{Pages: []reader.Page{pageOf(1, "Total: 12.00"), bad, {Number: 3, Width: 600, Height: 800}}}
	b := setup(t, telling(map[string]any{"total": 12}))
	pictures := &drawn{}
	if _, err := b.Extract(t.Context(), Input{Read: read, Template: template(field("total", models.TypeNumber)), Pictures: pictures}); err != nil {
		t.Fatal(err)
	}
	got := b.server.Requests()[0].Pictures
	if len(got) != 2 || string(got[0]) != "\x89PNG page 2" || string(got[1]) != "\x89PNG page 3" || !slices.Equal(pictures.pages, []int{2, 3}) {
		t.Errorf("it was shown %q", got)
	}
}

func TestAStepThatIsStoppedStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := setup(t, func(int, *llmfake.Request) llmfake.Reply {
		cancel()
		return llmfake.Reply{Stall: true}
	})
	if _, err := b.Extract(ctx, Input{Read: documentOf("x"), Template: template(field("total", models.TypeNumber))}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTheTenantsOwnWordsGuideTheModel(t *testing.T) {
	t.Parallel()
	b := setup(t, telling(map[string]any{"total": 12}))
	b.extract(t, documentOf("Total: 12.00"), field("total", models.TypeNumber))
	if r := b.server.Requests()[0]; !strings.Contains(r.Instructions, "Invoice. what is to be paid") {
		t.Errorf("got %q", r.Instructions)
	}
}
