package webhook

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"decoded.digital/extractor/models"
)

// ended is a completed extraction whose data has one long value.
func ended(length int) (*models.Delivery, *models.ExtractionDetail) {
	id := "507f1f77bcf86cd799439011"
	at := time.Date(2026, 3, 11, 10, 30, 0, 0, time.UTC)
	x := &models.ExtractionDetail{File: models.File{ID: id, Name: "invoice.pdf", Type: "application/pdf"}}
	x.ID, x.Status, x.Attempt, x.Source, x.CreatedAt, x.UpdatedAt = id, models.StatusCompleted, 1, models.SourceEmbed, at, at
	x.Data = map[string]any{"note": strings.Repeat("x", length)}
	x.Document = &models.Document{ID: id, Name: "Invoice", Fields: []models.Field{{Key: "note", Type: models.TypeString, Description: "A note"}}, CreatedAt: at, UpdatedAt: at}
	return &models.Delivery{ID: id, WebhookID: id, SubjectID: id, EventType: models.EventExtractionCompleted, Sequence: 3, CreatedAt: at}, x
}

// schemaOf is the contract's of an event.
func schemaOf(t *testing.T, event models.EventType) *openapi3.Schema {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	hook := doc.Webhooks[string(event)]
	if hook == nil || hook.Post == nil {
		t.Fatalf("the contract has no webhook %s", event)
	}
	return hook.Post.RequestBody.Value.Content["application/json"].Schema.Value
}

func checkBody(t *testing.T, event models.EventType, body []byte) map[string]any {
	t.Helper()
	var value struct {
		Type string
		Data map[string]any
	}
	var whole any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(body, &whole)
	if err := schemaOf(t, event).VisitJSON(whole, openapi3.MultiErrors()); err != nil {
		t.Errorf("%s is not as the contract says: %v\n%s", event, err, body)
	}
	if err := schemaOf(t, event).VisitJSON(map[string]any{"type": string(event), "timestamp": "2026-03-11T10:30:00.000Z", "data": map[string]any{}}); err == nil {
		t.Errorf("the contract takes an empty %s", event)
	}
	return value.Data
}

func TestEachEventIsAsTheContractSays(t *testing.T) {
	t.Parallel()
	links := Links{PublicURL: "https://extractor.test"}
	d, x := ended(10)
	body, err := Extraction(d, x, links)
	if err != nil {
		t.Fatal(err)
	}
	data := checkBody(t, d.EventType, body)
	if data["sequence"] != 3.0 || data["truncated"] != false || data["url"] != "https://extractor.test/api/embed/extractions/"+x.ID ||
		data["fileUrl"] != "https://extractor.test/api/embed/files/"+x.File.ID+"/content" {
		t.Errorf("got %v", data)
	}
	message := "The PDF is damaged."
	d.EventType, x.Status, x.Error, x.FailureType, x.Data = models.EventExtractionFailed, models.StatusFailed, &message, models.FailureDocumentBroken, nil
	if body, err = Extraction(d, x, links); err != nil {
		t.Fatal(err)
	}
	checkBody(t, d.EventType, body)
	d.EventType = models.EventWebhookTest
	if body, err = Test(d); err != nil {
		t.Fatal(err)
	}
	checkBody(t, d.EventType, body)
	for _, reason := range []models.StopReason{models.StopGone, models.StopFailing, models.StopNoDocuments} {
		d.EventType, d.Detail = models.EventWebhookDisabled, string(reason)
		if body, err = Disabled(d, &models.Webhook{Name: "n"}); err != nil {
			t.Fatal(err)
		}
		if data := checkBody(t, d.EventType, body); data["message"] == "" {
			t.Errorf("%s has no sentence", reason)
		}
	}
}

func TestALargeBodyGoesThin(t *testing.T) {
	t.Parallel()
	const around = 1000
	for _, length := range []int{MaxPayload - 3*around, MaxPayload, 10 * MaxPayload} {
		d, x := ended(length)
		body, err := Extraction(d, x, Links{PublicURL: "https://extractor.test"})
		if err != nil {
			t.Fatal(err)
		}
		data := checkBody(t, d.EventType, body)
		thin := length >= MaxPayload
		if data["truncated"] != thin || (data["extractedData"] == nil) != thin || len(body) > MaxPayload || data["url"] == "" || data["id"] != x.ID {
			t.Errorf("%d bytes of data: truncated is %v, the body has %d bytes", length, data["truncated"], len(body))
		}
	}
}

func TestTheTextOfAnEMailStaysOut(t *testing.T) {
	t.Parallel()
	view := models.ExtractionView{Email: &models.EmailView{Subject: "Invoice", Body: &models.EmailBody{Content: "secret"}}}
	got := withoutText(view)
	if got.Email.Body != nil || got.Email.Subject != "Invoice" || view.Email.Body == nil {
		t.Errorf("got %+v, of %+v", got.Email, view.Email)
	}
}
