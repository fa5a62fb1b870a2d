package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"
)

func TestAListStandsStillWhileRowsComeIn(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	var made []string
	for range 5 {
		made = append(made, s.document(t, a)) // all of one moment
	}
	s.clock.pass(time.Second)
	first := s.do(t, call{method: "GET", path: "/documents?limit=2", as: a})
	asOf := first.text(t, "pagination.asOf")
	s.clock.pass(time.Second)
	late := s.document(t, a)
	seen := ids(t, first)
	for page := 2; page <= 3; page++ {
		got := s.do(t, call{method: "GET", path: fmt.Sprintf("/documents?limit=2&page=%d&asOf=%s", page, url.QueryEscape(asOf)), as: a})
		seen = append(seen, ids(t, got)...)
		if got.value(t, "pagination.totalCount") != 5.0 || got.text(t, "pagination.asOf") != asOf {
			t.Errorf("page %d: %s", page, got.body)
		}
	}
	slices.Sort(made)
	sorted := slices.Sorted(slices.Values(seen))
	if !slices.Equal(sorted, made) {
		t.Errorf("seen %v, made %v", seen, made)
	}
	if now := ids(t, s.do(t, call{method: "GET", path: "/documents?limit=1", as: a})); !slices.Equal(now, []string{late}) {
		t.Errorf("newest first: %v, want %s", now, late)
	}
}

// ids are those of a list's items.
func ids(t *testing.T, got answer) []string {
	t.Helper()
	items, ok := got.value(t, "items").([]any)
	if !ok {
		t.Fatalf("no list in %s", got.body)
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		object, isObject := item.(map[string]any)
		id, isText := object["id"].(string)
		if !isObject || !isText || object["_id"] != id {
			t.Fatalf("no id and _id in %v", item)
		}
		list = append(list, id)
	}
	return list
}
