// Package msgraph is mailbox.Client over Microsoft's SDK. It alone imports
// github.com/microsoftgraph/msgraph-sdk-go, and of it users, subscriptions and
// models, never the root package: that one compiles 80 packages more.
//
// The SDK's own HTTP client is not used: its order of middleware is random, it
// leaves bodies open and it retries what it should hand up. Requests go through
// mailbox.Authorize and mailbox.Transport instead.
package msgraph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/authentication"
	khttp "github.com/microsoft/kiota-http-go"
	kjson "github.com/microsoft/kiota-serialization-json-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/subscriptions"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"decoded.digital/extractor/internal/mailbox"
)

// pageSize is Graph's largest for folders, and what keeps pages of messages
// from running into a timeout.
const pageSize = 100

// Client is one account's mailbox.Client.
type Client struct {
	graph         *url.URL
	http          *http.Client
	adapter       abs.RequestAdapter
	users         *users.UsersRequestBuilder
	subscriptions *subscriptions.SubscriptionsRequestBuilder
}

var _ mailbox.Client = (*Client)(nil)

// New makes a client of the Graph that transport leads to. transport is shared
// by all accounts, so that a mailbox that two of them read keeps its limit.
func New(transport *mailbox.Transport, tokens mailbox.TokenSource) (*Client, error) {
	// One order, always. Authentication, retries and limits are below.
	parent := khttp.NewCustomTransportWithParentTransport(
		&answers{base: &mailbox.Authorize{Base: transport, Tokens: tokens}, now: transport.Now},
		khttp.NewParametersNameDecodingHandler(), // the SDK writes %24select
		khttp.NewUserAgentHandler(),
	)
	// No Timeout: contexts carry deadlines, and a stream may last.
	client := &http.Client{
		Transport:     parent,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	adapter, err := khttp.NewNetHttpRequestAdapterWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		&authentication.AnonymousAuthenticationProvider{}, kjson.NewJsonParseNodeFactory(), kjson.NewJsonSerializationWriterFactory(), client)
	if err != nil {
		return nil, fmt.Errorf("make the SDK's adapter: %w", err)
	}
	base := transport.Graph.JoinPath("v1.0").String()
	adapter.SetBaseUrl(base)
	path := map[string]string{"baseurl": base}
	return &Client{
		graph: transport.Graph, http: client, adapter: adapter,
		users:         users.NewUsersRequestBuilderInternal(path, adapter),
		subscriptions: subscriptions.NewSubscriptionsRequestBuilderInternal(path, adapter),
	}, nil
}

// failed is what a call of the SDK answers. Those of Graph, of Entra and of the
// store are there already (answers); what is left is the network's, and JSON
// that broke off.
func failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*mailbox.Error](err); ok {
		return known
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return mailbox.Unanswered(err)
}

// prefer asks for ids that outlive a move, or for the default ones.
func prefer(immutable bool) *abs.RequestHeaders {
	headers := abs.NewRequestHeaders()
	headers.Add("Prefer", fmt.Sprintf("odata.maxpagesize=%d", pageSize))
	if immutable {
		headers.Add("Prefer", `IdType="ImmutableId"`)
	}
	return headers
}

func (c *Client) folder(name, folder string) *users.ItemMailFoldersMailFolderItemRequestBuilder {
	return c.users.ByUserId(name).MailFolders().ByMailFolderId(folder)
}

func (c *Client) message(name, id string) *users.ItemMessagesMessageItemRequestBuilder {
	return c.users.ByUserId(name).Messages().ByMessageId(id)
}

// Delta implements mailbox.Reader.
func (c *Client) Delta(ctx context.Context, name, folder, link string) (mailbox.Page, error) {
	builder := c.folder(name, folder).Messages().Delta()
	config := &users.ItemMailFoldersItemMessagesDeltaRequestBuilderGetRequestConfiguration{Headers: prefer(false)}
	if link == "" {
		// No $filter: it would hide old mail that is moved in later.
		config.QueryParameters = &users.ItemMailFoldersItemMessagesDeltaRequestBuilderGetQueryParameters{Select: []string{"id", "receivedDateTime"}}
	} else {
		if err := mailbox.CheckLink(c.graph, link); err != nil {
			return mailbox.Page{}, err
		}
		builder = builder.WithUrl(link)
	}
	ctx = of(ctx, mailbox.OfFolder)
	answer, err := builder.GetAsDeltaGetResponse(ctx, config)
	if err != nil {
		return mailbox.Page{}, failed(ctx, err)
	}
	return mailbox.Page{
		Entries: entries(answer.GetValue()), Next: value(answer.GetOdataNextLink()), Delta: value(answer.GetOdataDeltaLink()),
	}, nil
}

// Newest implements mailbox.Reader.
func (c *Client) Newest(ctx context.Context, name, folder, link string) (mailbox.Page, error) {
	builder := c.folder(name, folder).Messages()
	config := &users.ItemMailFoldersItemMessagesRequestBuilderGetRequestConfiguration{Headers: prefer(false)}
	if link == "" {
		config.QueryParameters = &users.ItemMailFoldersItemMessagesRequestBuilderGetQueryParameters{
			Select: []string{"id", "receivedDateTime"}, Orderby: []string{"receivedDateTime desc"}, Top: new(int32(pageSize)),
		}
	} else {
		if err := mailbox.CheckLink(c.graph, link); err != nil {
			return mailbox.Page{}, err
		}
		builder = builder.WithUrl(link)
	}
	ctx = of(ctx, mailbox.OfFolder)
	answer, err := builder.Get(ctx, config)
	if err != nil {
		return mailbox.Page{}, failed(ctx, err)
	}
	return mailbox.Page{Entries: entries(answer.GetValue()), Next: value(answer.GetOdataNextLink())}, nil
}

func entries(list []models.Messageable) []mailbox.Entry {
	var entries []mailbox.Entry
	for _, m := range list {
		_, removed := m.GetAdditionalData()["@removed"]
		entries = append(entries, mailbox.Entry{ID: value(m.GetId()), Received: value(m.GetReceivedDateTime()), Removed: removed})
	}
	return entries
}

// Folders implements mailbox.Client.
func (c *Client) Folders(ctx context.Context, name, parent, link string) (mailbox.FolderPage, error) {
	if link != "" {
		if err := mailbox.CheckLink(c.graph, link); err != nil {
			return mailbox.FolderPage{}, err
		}
	}
	ctx = of(ctx, mailbox.OfFolder)
	answer, err := c.folders(ctx, name, parent, link)
	if err != nil {
		return mailbox.FolderPage{}, failed(ctx, err)
	}
	page := mailbox.FolderPage{Next: value(answer.GetOdataNextLink())}
	for _, f := range answer.GetValue() {
		page.Folders = append(page.Folders, mailbox.Folder{
			ID: value(f.GetId()), Name: value(f.GetDisplayName()), Parent: value(f.GetParentFolderId()),
			Children: int(value(f.GetChildFolderCount())), Total: int(value(f.GetTotalItemCount())),
		})
	}
	return page, nil
}

func (c *Client) folders(ctx context.Context, name, parent, link string) (models.MailFolderCollectionResponseable, error) {
	top := c.users.ByUserId(name).MailFolders()
	switch {
	case link != "": // of either list: the address says which
		return top.WithUrl(link).Get(ctx, &users.ItemMailFoldersRequestBuilderGetRequestConfiguration{Headers: prefer(true)})
	case parent == "":
		return top.Get(ctx, &users.ItemMailFoldersRequestBuilderGetRequestConfiguration{
			Headers: prefer(true), QueryParameters: &users.ItemMailFoldersRequestBuilderGetQueryParameters{Top: new(int32(pageSize))},
		})
	}
	return c.folder(name, parent).ChildFolders().Get(ctx, &users.ItemMailFoldersItemChildFoldersRequestBuilderGetRequestConfiguration{
		Headers: prefer(true), QueryParameters: &users.ItemMailFoldersItemChildFoldersRequestBuilderGetQueryParameters{Top: new(int32(pageSize))},
	})
}

// value is what a pointer of the SDK points to, zero for nil.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// utc is a time as Graph writes it.
func utc(t time.Time) *time.Time { return new(t.UTC()) }
