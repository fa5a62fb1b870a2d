package webhook

import (
	"encoding/json"
	"time"

	"decoded.digital/extractor/models"
)

// MaxPayload is how large a body may be, in bytes; a larger one goes without what
// makes it large.
const MaxPayload = 256 << 10

// Links writes the addresses that stand in bodies. They need the API key and no
// token, so that they work for as long as what they name is there, and what
// reads a body in a log can't use them.
type Links struct{ PublicURL string }

func (l Links) extraction(id string) string { return l.PublicURL + "/api/embed/extractions/" + id }

func (l Links) file(id string) string { return l.PublicURL + "/api/embed/files/" + id + "/content" }

// extractionData is the data of an extraction's events: the extraction as GET
// /extractions/:id answers it, without the text of an e-mail, and what the event
// adds.
type extractionData struct {
	models.ExtractionView
	Sequence  int    `json:"sequence"`
	Truncated bool   `json:"truncated"`
	URL       string `json:"url"`
}

// Extraction is the body that tells how an extraction ended. Where it would be
// larger than MaxPayload, what the template and the document make large is left
// out: truncated says so, and url is where it can be read.
func Extraction(d *models.Delivery, x *models.ExtractionDetail, links Links) ([]byte, error) {
	data := extractionData{ExtractionView: withoutText(x.View(links.file(x.File.ID))), Sequence: d.Sequence, URL: links.extraction(x.ID)}
	body, err := payload(d.EventType, d.CreatedAt, data)
	if err != nil || len(body) <= MaxPayload {
		return body, err
	}
	data.Truncated = true
	data.ExtractedData, data.Evidence, data.Checks, data.Document, data.Email = nil, nil, nil, nil, nil
	return payload(d.EventType, d.CreatedAt, data)
}

// withoutText leaves out what an e-mail says.
func withoutText(v models.ExtractionView) models.ExtractionView {
	if v.Email != nil {
		email := *v.Email
		email.Body = nil
		v.Email = &email
	}
	return v
}

// Test is the body of a test event.
func Test(d *models.Delivery) ([]byte, error) {
	return payload(d.EventType, d.CreatedAt, struct {
		WebhookID string `json:"webhookId"`
		Message   string `json:"message"`
	}{d.WebhookID, "This is a test. No extraction has ended."})
}

// Disabled is the body that tells of another webhook, w, that was switched off.
func Disabled(d *models.Delivery, w *models.Webhook) ([]byte, error) {
	reason := models.StopReason(d.Detail)
	return payload(d.EventType, d.CreatedAt, struct {
		WebhookID string            `json:"webhookId"`
		Name      string            `json:"name"`
		Reason    models.StopReason `json:"reason"`
		Message   string            `json:"message"`
	}{d.SubjectID, w.Name, reason, reason.Sentence()})
}

// payload is a body (Standard Webhooks 1.0.0, "Payload structure").
func payload(event models.EventType, at time.Time, data any) ([]byte, error) {
	return json.Marshal(struct {
		Type      models.EventType `json:"type"`
		Timestamp string           `json:"timestamp"`
		Data      any              `json:"data"`
	}{event, models.FormatTime(at), data})
}
