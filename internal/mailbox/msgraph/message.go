package msgraph

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"decoded.digital/extractor/internal/mailbox"
)

// Message implements mailbox.Reader.
func (c *Client) Message(ctx context.Context, name, id string) (mailbox.Message, error) {
	ctx = of(ctx, mailbox.OfMessage)
	m, err := c.message(name, id).Get(ctx, &users.ItemMessagesMessageItemRequestBuilderGetRequestConfiguration{
		Headers: prefer(true),
		QueryParameters: &users.ItemMessagesMessageItemRequestBuilderGetQueryParameters{Select: []string{
			"id", "internetMessageId", "from", "toRecipients", "ccRecipients", "subject", "bodyPreview", "body", "receivedDateTime", "hasAttachments", "isDraft",
		}},
	})
	if err != nil {
		return mailbox.Message{}, failed(ctx, err)
	}
	return mailbox.Message{
		ID: value(m.GetId()), InternetID: value(m.GetInternetMessageId()),
		From: address(m.GetFrom()), To: addresses(m.GetToRecipients()), Cc: addresses(m.GetCcRecipients()),
		Subject: value(m.GetSubject()), Preview: value(m.GetBodyPreview()), Body: body(m.GetBody()),
		Received: value(m.GetReceivedDateTime()), HasAttachments: value(m.GetHasAttachments()), Draft: value(m.GetIsDraft()),
	}, nil
}

func address(r models.Recipientable) mailbox.Address {
	if r == nil || r.GetEmailAddress() == nil {
		return mailbox.Address{}
	}
	return mailbox.Address{Name: value(r.GetEmailAddress().GetName()), Address: value(r.GetEmailAddress().GetAddress())}
}

func addresses(list []models.Recipientable) []mailbox.Address {
	var found []mailbox.Address
	for _, r := range list {
		found = append(found, address(r))
	}
	return found
}

func body(b models.ItemBodyable) mailbox.Body {
	if b == nil {
		return mailbox.Body{}
	}
	kind := b.GetContentType()
	return mailbox.Body{HTML: kind != nil && *kind == models.HTML_BODYTYPE, Content: value(b.GetContent())}
}

// Attachments implements mailbox.Reader.
func (c *Client) Attachments(ctx context.Context, name, message string) ([]mailbox.Attachment, error) {
	ctx = of(ctx, mailbox.OfMessage)
	builder := c.message(name, message).Attachments()
	config := &users.ItemMessagesItemAttachmentsRequestBuilderGetRequestConfiguration{
		Headers: prefer(true),
		QueryParameters: &users.ItemMessagesItemAttachmentsRequestBuilderGetQueryParameters{Select: []string{
			// Without $select, the bytes of every attachment come along.
			"id", "name", "contentType", "size", "isInline", "microsoft.graph.fileAttachment/contentId",
		}},
	}
	var list []mailbox.Attachment
	for {
		answer, err := builder.Get(ctx, config)
		if err != nil {
			return nil, failed(ctx, err)
		}
		for _, a := range answer.GetValue() {
			attachment, err := c.attachment(ctx, name, message, a)
			if err != nil {
				return nil, err
			}
			list = append(list, attachment)
		}
		next := value(answer.GetOdataNextLink())
		if next == "" {
			return list, nil
		}
		if err := mailbox.CheckLink(c.graph, next); err != nil {
			return nil, err
		}
		builder, config = builder.WithUrl(next), &users.ItemMessagesItemAttachmentsRequestBuilderGetRequestConfiguration{Headers: prefer(true)}
	}
}

func (c *Client) attachment(ctx context.Context, name, message string, a models.Attachmentable) (mailbox.Attachment, error) {
	found := mailbox.Attachment{
		ID: value(a.GetId()), Kind: mailbox.KindFile, Name: value(a.GetName()), ContentType: value(a.GetContentType()),
		Size: int64(value(a.GetSize())), Inline: value(a.GetIsInline()),
	}
	switch typed := a.(type) {
	case models.FileAttachmentable:
		found.ContentID = value(typed.GetContentId())
	case models.ItemAttachmentable:
		found.Kind = mailbox.KindItem
		is, err := c.isMessage(ctx, name, message, found.ID)
		if err != nil {
			return mailbox.Attachment{}, err
		}
		found.Message = is
	case models.ReferenceAttachmentable: // last: every attachment has the methods of this interface
		found.Kind = mailbox.KindReference
	}
	return found, nil
}

// isMessage tells a mail that is attached from an event and a contact, which
// the list does not.
func (c *Client) isMessage(ctx context.Context, name, message, attachment string) (bool, error) {
	answer, err := c.message(name, message).Attachments().ByAttachmentId(attachment).Get(ctx,
		&users.ItemMessagesItemAttachmentsAttachmentItemRequestBuilderGetRequestConfiguration{
			Headers:         prefer(true),
			QueryParameters: &users.ItemMessagesItemAttachmentsAttachmentItemRequestBuilderGetQueryParameters{Expand: []string{"microsoft.graph.itemattachment/item"}},
		})
	if err != nil {
		return false, failed(ctx, err)
	}
	item, ok := answer.(models.ItemAttachmentable)
	if !ok {
		return false, nil
	}
	_, is := item.GetItem().(models.Messageable)
	return is, nil
}

// Content implements mailbox.Reader. The SDK has no builder for an attachment's
// $value, and its contentBytes hold the file whole, several times over.
func (c *Client) Content(ctx context.Context, name, message, attachment string) (io.ReadCloser, error) {
	ctx = of(ctx, mailbox.OfMessage)
	info, err := c.message(name, message).Attachments().ByAttachmentId(attachment).ToGetRequestInformation(ctx, nil)
	if err != nil {
		return nil, failed(ctx, err)
	}
	info.UrlTemplate = strings.Replace(info.UrlTemplate, "{?", "/$value{?", 1)
	info.Headers.Clear()
	info.Headers.AddAll(prefer(true))
	native, err := c.adapter.ConvertToNativeRequest(ctx, info)
	if err != nil {
		return nil, failed(ctx, err)
	}
	r, ok := native.(*http.Request)
	if !ok {
		return nil, &mailbox.Error{Failure: mailbox.Refused, Cause: fmt.Errorf("the SDK made a %T of a request", native)}
	}
	response, err := c.http.Do(r) //nolint:bodyclose // the caller of Content closes it
	if err != nil {
		return nil, failed(ctx, err)
	}
	return &stream{ReadCloser: response.Body, ctx: ctx}, nil
}

// stream makes of a connection that breaks an error like the others.
type stream struct {
	io.ReadCloser
	ctx context.Context //nolint:containedctx // the request's, for as long as it is read
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader's own rule: EOF is not wrapped
		err = failed(s.ctx, err)
	}
	return n, err
}

// MarkRead implements mailbox.Actor.
func (c *Client) MarkRead(ctx context.Context, name, message string) error {
	change := models.NewMessage()
	change.SetIsRead(new(true))
	return c.change(ctx, name, message, change)
}

func (c *Client) change(ctx context.Context, name, message string, change models.Messageable) error {
	ctx = of(ctx, mailbox.OfMessage)
	_, err := c.message(name, message).Patch(ctx, change, &users.ItemMessagesMessageItemRequestBuilderPatchRequestConfiguration{Headers: prefer(true)})
	return failed(ctx, err)
}

// Categorize implements mailbox.Actor.
func (c *Client) Categorize(ctx context.Context, name, message, category string) error {
	ctx = of(ctx, mailbox.OfMessage)
	m, err := c.message(name, message).Get(ctx, &users.ItemMessagesMessageItemRequestBuilderGetRequestConfiguration{
		Headers:         prefer(true),
		QueryParameters: &users.ItemMessagesMessageItemRequestBuilderGetQueryParameters{Select: []string{"id", "categories"}},
	})
	if err != nil {
		return failed(ctx, err)
	}
	if slices.Contains(m.GetCategories(), category) {
		return nil
	}
	change := models.NewMessage()
	change.SetCategories(append(m.GetCategories(), category))
	return c.change(ctx, name, message, change)
}

// Move implements mailbox.Actor.
func (c *Client) Move(ctx context.Context, name, message, folder string) error {
	ctx = of(ctx, mailbox.OfMessage)
	to := users.NewItemMessagesItemMovePostRequestBody()
	to.SetDestinationId(&folder)
	_, err := c.message(name, message).Move().Post(ctx, to, &users.ItemMessagesItemMoveRequestBuilderPostRequestConfiguration{Headers: prefer(true)})
	return failed(ctx, err)
}
