package mailbox

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestTheFolderPickerPagesThroughSubfolders(t *testing.T) {
	t.Parallel()
	g, k := fakeGraph(t), &killer{left: -1}
	clock := epoch
	var client Client = connect(t, g, newMemory(k), &clock).Reader.(rest)
	parent := g.AddFolder("u1", "", "Suppliers")
	for i := range 130 {
		g.AddFolder("u1", parent, fmt.Sprint(i))
	}
	names := map[string]bool{}
	for link := ""; ; {
		page, err := client.Folders(t.Context(), "u1", parent, link)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range page.Folders {
			names[f.Name] = f.Parent == parent
		}
		if link = page.Next; link == "" {
			break
		}
	}
	top, err := client.Folders(t.Context(), "u1", "", "")
	if err != nil || len(names) != 130 || !names["129"] || len(top.Folders) != 3 || top.Folders[2].Children != 130 {
		t.Errorf("%d subfolders; top %+v, %v", len(names), top.Folders, err)
	}
}

func TestSubscriptionsAreMadeRenewedAndEnded(t *testing.T) {
	t.Parallel()
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, r.URL.Query().Get("validationToken"))
	}))
	t.Cleanup(echo.Close)
	g, k := fakeGraph(t), &killer{left: -1}
	clock := epoch
	var client Client = connect(t, g, newMemory(k), &clock).Reader.(rest)
	want := Subscription{
		Resource: "users/u1/mailFolders/inbox/messages", URL: echo.URL, LifecycleURL: echo.URL, ClientState: "s3cret", Expires: time.Now().Add(time.Hour),
	}
	made, err := client.Subscribe(t.Context(), want)
	if err != nil || made.ID == "" || made.ClientState != "" {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := client.Subscribe(t.Context(), want); FailureOf(err) != Conflict {
		t.Errorf("the second one: %v", err)
	}
	renewed, err := client.Renew(t.Context(), made.ID, made.Expires.Add(time.Hour))
	if err != nil || !renewed.Expires.After(made.Expires) {
		t.Errorf("renewed: %+v, %v", renewed, err)
	}
	if list, err := client.Subscriptions(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("listed: %+v, %v", list, err)
	}
	if err := client.Unsubscribe(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	if _, err := client.Renew(t.Context(), made.ID, made.Expires); FailureOf(err) != NotFound {
		t.Errorf("renewed after its end: %v", err)
	}
}
