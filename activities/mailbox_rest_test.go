package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"decoded.digital/extractor/internal/mailbox"
)

// rest is a Client over plain HTTP, so that the rules meet a server without the
// SDK. It asks as graph.md says: default ids for lists, immutable ones for the
// rest.
type rest struct {
	base   string
	token  func() string
	client *http.Client
}

func (c rest) do(ctx context.Context, of mailbox.Resource, method, link string, body any, immutable bool) (*http.Response, error) {
	var reader io.Reader
	if body != nil {
		text, _ := json.Marshal(body)
		reader = bytes.NewReader(text)
	}
	if !strings.HasPrefix(link, "http") {
		link = c.base + link
	}
	r, err := http.NewRequestWithContext(ctx, method, link, reader)
	if err != nil {
		return nil, &mailbox.Error{Failure: mailbox.Refused, Cause: err}
	}
	r.Header.Set("Authorization", "Bearer "+c.token())
	r.Header.Add("Prefer", "odata.maxpagesize=100")
	if immutable {
		r.Header.Add("Prefer", `IdType="ImmutableId"`)
	}
	response, err := c.client.Do(r)
	if err != nil {
		if f := mailbox.FailureOf(err); f == mailbox.ForeignLink {
			return nil, err
		}
		return nil, &mailbox.Error{Failure: mailbox.Transient, Cause: err}
	}
	if response.StatusCode >= 300 {
		defer response.Body.Close()
		var e struct{ Error struct{ Code string } }
		_ = json.NewDecoder(response.Body).Decode(&e)
		return nil, mailbox.Answered(of, response.StatusCode, e.Error.Code, response.Header, time.Now())
	}
	return response, nil
}

func (c rest) json(ctx context.Context, of mailbox.Resource, method, link string, body, into any, immutable bool) error {
	response, err := c.do(ctx, of, method, link, body, immutable)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return &mailbox.Error{Failure: mailbox.Transient, Cause: err}
	}
	return nil
}

func user(box string) string           { return "/users/" + url.PathEscape(box) }
func messagePath(box, m string) string { return user(box) + "/messages/" + url.PathEscape(m) }

func folderPath(box, f string) string {
	return user(box) + "/mailFolders/" + url.PathEscape(f)
}

func (c rest) list(ctx context.Context, link string) (mailbox.Page, error) {
	var body struct {
		Value []struct {
			ID       string
			Received time.Time `json:"receivedDateTime"`
			Removed  any       `json:"@removed"`
		}
		Next  string `json:"@odata.nextLink"`
		Delta string `json:"@odata.deltaLink"`
	}
	err := c.json(ctx, mailbox.OfFolder, http.MethodGet, link, nil, &body, false)
	page := mailbox.Page{Next: body.Next, Delta: body.Delta}
	for _, v := range body.Value {
		page.Entries = append(page.Entries, mailbox.Entry{ID: v.ID, Received: v.Received, Removed: v.Removed != nil})
	}
	return page, err
}

func (c rest) Delta(ctx context.Context, box, folder, link string) (mailbox.Page, error) {
	if link == "" {
		link = folderPath(box, folder) + "/messages/delta()?$select=id,receivedDateTime"
	}
	return c.list(ctx, link)
}

func (c rest) Newest(ctx context.Context, box, folder, link string) (mailbox.Page, error) {
	if link == "" {
		link = folderPath(box, folder) + "/messages?$select=id,receivedDateTime&$top=100&$orderby=receivedDateTime%20desc"
	}
	return c.list(ctx, link)
}

func (c rest) Message(ctx context.Context, box, id string) (mailbox.Message, error) {
	type recipient struct{ EmailAddress mailbox.Address }
	var m struct {
		ID, Subject, BodyPreview, InternetMessageID string
		From                                        recipient
		ToRecipients, CcRecipients                  []recipient
		Body                                        struct{ ContentType, Content string }
		ReceivedDateTime                            time.Time
		HasAttachments, IsDraft                     bool
	}
	err := c.json(ctx, mailbox.OfMessage, http.MethodGet, messagePath(box, id)+
		"?$select=id,subject,bodyPreview,internetMessageId,from,toRecipients,ccRecipients,body,receivedDateTime,hasAttachments,isDraft", nil, &m, true)
	return mailbox.Message{
		ID: m.ID, Subject: m.Subject, Preview: m.BodyPreview, InternetID: m.InternetMessageID, From: m.From.EmailAddress,
		Body: mailbox.Body{HTML: m.Body.ContentType == "html", Content: m.Body.Content}, Received: m.ReceivedDateTime,
		HasAttachments: m.HasAttachments, Draft: m.IsDraft,
	}, err
}

func (c rest) Attachments(ctx context.Context, box, message string) ([]mailbox.Attachment, error) {
	var body struct {
		Value []struct {
			Type                             string `json:"@odata.type"`
			ID, Name, ContentType, ContentID string
			Size                             int64
			IsInline                         bool
		}
	}
	link := messagePath(box, message) + "/attachments"
	err := c.json(ctx, mailbox.OfMessage, http.MethodGet, link+"?$select=id,name,contentType,size,isInline,microsoft.graph.fileAttachment/contentId", nil, &body, true)
	var list []mailbox.Attachment
	for _, v := range body.Value {
		a := mailbox.Attachment{ID: v.ID, Name: v.Name, ContentType: v.ContentType, ContentID: v.ContentID, Size: v.Size, Inline: v.IsInline, Kind: mailbox.KindFile}
		switch v.Type {
		case "#microsoft.graph.referenceAttachment":
			a.Kind = mailbox.KindReference
		case "#microsoft.graph.itemAttachment":
			var item struct {
				Item struct {
					Type string `json:"@odata.type"`
				}
			}
			if err := c.json(ctx, mailbox.OfMessage, http.MethodGet, link+"/"+url.PathEscape(v.ID)+"?$expand=microsoft.graph.itemattachment/item", nil, &item, true); err != nil {
				return nil, err
			}
			a.Kind, a.Message = mailbox.KindItem, item.Item.Type == "#microsoft.graph.message"
		}
		list = append(list, a)
	}
	return list, err
}

func (c rest) Content(ctx context.Context, box, message, attachment string) (io.ReadCloser, error) {
	response, err := c.do(ctx, mailbox.OfMessage, http.MethodGet, messagePath(box, message)+"/attachments/"+url.PathEscape(attachment)+"/$value", nil, true)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

func (c rest) MarkRead(ctx context.Context, box, message string) error {
	return c.json(ctx, mailbox.OfMessage, http.MethodPatch, messagePath(box, message), map[string]any{"isRead": true}, nil, true)
}

func (c rest) Categorize(ctx context.Context, box, message, category string) error {
	return c.json(ctx, mailbox.OfMessage, http.MethodPatch, messagePath(box, message), map[string]any{"categories": []string{category}}, nil, true)
}

func (c rest) Move(ctx context.Context, box, message, folder string) error {
	return c.json(ctx, mailbox.OfMessage, http.MethodPost, messagePath(box, message)+"/move", map[string]any{"destinationId": folder}, nil, true)
}

func (c rest) Folders(ctx context.Context, box, parent, link string) (mailbox.FolderPage, error) {
	switch {
	case link != "":
	case parent == "":
		link = user(box) + "/mailFolders?$top=100"
	default:
		link = folderPath(box, parent) + "/childFolders?$top=100"
	}
	var body struct {
		Value []struct {
			ID, DisplayName, ParentFolderID  string
			ChildFolderCount, TotalItemCount int
		}
		Next string `json:"@odata.nextLink"`
	}
	err := c.json(ctx, mailbox.OfFolder, http.MethodGet, link, nil, &body, true)
	page := mailbox.FolderPage{Next: body.Next}
	for _, v := range body.Value {
		page.Folders = append(page.Folders, mailbox.Folder{ID: v.ID, Name: v.DisplayName, Parent: v.ParentFolderID, Children: v.ChildFolderCount, Total: v.TotalItemCount})
	}
	return page, err
}

type wireSubscription struct {
	ID           string    `json:"id,omitempty"`
	Resource     string    `json:"resource,omitempty"`
	ChangeType   string    `json:"changeType,omitempty"`
	URL          string    `json:"notificationUrl,omitempty"`
	LifecycleURL string    `json:"lifecycleNotificationUrl,omitempty"`
	ClientState  string    `json:"clientState,omitempty"`
	Expires      time.Time `json:"expirationDateTime"`
}

func (w wireSubscription) plain() mailbox.Subscription {
	return mailbox.Subscription{ID: w.ID, Resource: w.Resource, URL: w.URL, LifecycleURL: w.LifecycleURL, Expires: w.Expires}
}

func (c rest) Subscribe(ctx context.Context, s mailbox.Subscription) (mailbox.Subscription, error) {
	var made wireSubscription
	err := c.json(ctx, mailbox.OfOther, http.MethodPost, "/subscriptions", wireSubscription{
		Resource: s.Resource, ChangeType: "created", URL: s.URL, LifecycleURL: s.LifecycleURL, ClientState: s.ClientState, Expires: s.Expires,
	}, &made, false)
	return made.plain(), err
}

func (c rest) Renew(ctx context.Context, id string, expires time.Time) (mailbox.Subscription, error) {
	var renewed wireSubscription
	err := c.json(ctx, mailbox.OfOther, http.MethodPatch, "/subscriptions/"+id, wireSubscription{Expires: expires}, &renewed, false)
	return renewed.plain(), err
}

func (c rest) Unsubscribe(ctx context.Context, id string) error {
	return c.json(ctx, mailbox.OfOther, http.MethodDelete, "/subscriptions/"+id, nil, nil, false)
}

func (c rest) Subscriptions(ctx context.Context) ([]mailbox.Subscription, error) {
	var body struct{ Value []wireSubscription }
	err := c.json(ctx, mailbox.OfOther, http.MethodGet, "/subscriptions", nil, &body, false)
	var list []mailbox.Subscription
	for _, w := range body.Value {
		list = append(list, w.plain())
	}
	return list, err
}
