package graphfake

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// round is where a client stands in a folder's changes.
type round struct {
	box     *mailbox
	folder  string
	epoch   int
	fields  string
	changes []change // still to be told
	told    int      // of the folder's, when the round ends
	started bool     // a first round: what the folder holds, whatever happened
}

// delta tells a page of changes. Ids are as the request prefers; with immutable
// ones, a message that was moved into the folder is not told (issue 72 of
// microsoft-graph-docs-contrib).
func (s *Server) delta(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := c.box.folder(c.PathValue("folder"))
	if f == nil {
		notFound(w)
		return
	}
	at, ok := s.round(w, c, f)
	if !ok {
		return
	}
	size := pageSize(c)
	page, rest := at.changes[:min(size, len(at.changes))], at.changes[min(size, len(at.changes)):]
	value := []map[string]any{}
	for _, change := range page {
		item, told := at.item(change, c.immutable)
		if !told {
			continue
		}
		kept, ok := pick(w, at.fields, "message", item)
		if !ok {
			return
		}
		value = append(value, kept)
	}
	next := *at
	next.changes = rest
	name, link := "$skiptoken", "@odata.nextLink"
	if len(rest) == 0 {
		name, link = "$deltatoken", "@odata.deltaLink"
		next.changes = nil
		next.started = false
	}
	token := s.name("T")
	s.rounds[token] = &next
	writeJSON(w, http.StatusOK, map[string]any{
		"value": value, link: s.URL + c.URL.EscapedPath() + "?" + name + "=" + token,
	})
}

// round is the one of the request's token, or a new one.
func (s *Server) round(w http.ResponseWriter, c *call, f *folder) (*round, bool) {
	token := c.query.Get("$deltatoken") + c.query.Get("$skiptoken")
	if token == "" {
		return s.begin(w, c, f)
	}
	if len(c.query) > 1 {
		writeError(w, http.StatusBadRequest, "BadRequest", "Parameters stand in the token; give none beside it.")
		return nil, false
	}
	known := s.rounds[token]
	if known == nil || known.box != c.box || known.folder != f.id {
		writeError(w, http.StatusBadRequest, "ErrorInvalidSyncState", "Badly formed token.")
		return nil, false
	}
	if known.epoch != c.box.epoch {
		writeError(w, http.StatusGone, "syncStateNotFound", "The sync state generation is not found.")
		return nil, false
	}
	at := *known
	if c.query.Get("$deltatoken") != "" {
		at.changes, at.told = slices.Clone(f.changes[at.told:]), len(f.changes)
	}
	return &at, true
}

// begin tells what the folder holds, in no order that a client may count on.
func (s *Server) begin(w http.ResponseWriter, c *call, f *folder) (*round, bool) {
	order := c.query.Get("$orderby")
	if forbiddenFilter(c.query.Get("$filter")) || (order != "" && order != "receivedDateTime desc") {
		writeError(w, http.StatusBadRequest, "ErrorInvalidUrlQuery", "The query is not supported by change tracking.")
		return nil, false
	}
	at := &round{box: c.box, folder: f.id, epoch: c.box.epoch, fields: c.query.Get("$select"), told: len(f.changes), started: true}
	for _, m := range c.box.messages {
		if m.folder == f.id {
			at.changes = append(at.changes, change{id: m.id, immutable: m.immutable})
		}
	}
	slices.SortFunc(at.changes, func(a, b change) int { return strings.Compare(string(s.hash(a.id)), string(s.hash(b.id))) })
	return at, true
}

func (at *round) item(c change, immutable bool) (map[string]any, bool) {
	id := c.id
	if immutable {
		id = c.immutable
	}
	m := at.box.message(c.immutable)
	switch {
	case c.removed:
		return map[string]any{"@odata.type": "#microsoft.graph.message", "id": id, "@removed": map[string]any{"reason": "deleted"}}, true
	case immutable && c.moved && !at.started:
		return nil, false
	case m == nil || m.id != c.id: // gone meanwhile; that is told where it belongs
		return nil, false
	}
	return m.json(immutable), true
}

// pageSize is what the client prefers, at most 1,000, or 10.
func pageSize(c *call) int {
	for _, line := range c.Header.Values("Prefer") {
		if match := regexp.MustCompile(`odata\.maxpagesize=(\d+)`).FindStringSubmatch(line); match != nil {
			if n, err := strconv.Atoi(match[1]); err == nil && n > 0 {
				return min(n, 1000)
			}
		}
	}
	return 10
}

// EmptyPage is group 7: a page without items whose nextLink asks the same again.
func (s *Server) EmptyPage() Break {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		writeJSON(w, http.StatusOK, map[string]any{"value": []any{}, "@odata.nextLink": s.URL + r.URL.RequestURI()})
	}
}

// Repeat is group 7: every item of the page comes twice, the second time in the
// other order.
func Repeat() Break {
	return changePage(func(body map[string]any) {
		if value, ok := body["value"].([]any); ok {
			again := slices.Clone(value)
			slices.Reverse(again)
			body["value"] = slices.Concat(value, again)
		}
	})
}

// ForeignLink is group 13: the page's link leads to another host.
func ForeignLink(host string) Break {
	return changePage(func(body map[string]any) {
		delete(body, "@odata.deltaLink")
		body["@odata.nextLink"] = "https://" + host + "/v1.0/users/x/mailFolders/y/messages/delta?$skiptoken=z"
	})
}

func changePage(change func(body map[string]any)) Break {
	return rewrite(func(w http.ResponseWriter, _ *http.Request, body []byte) {
		var page map[string]any
		if json.Unmarshal(body, &page) == nil && page["value"] != nil {
			change(page)
			body, _ = json.Marshal(page)
		}
		w.Header().Del("Content-Length")
		_, _ = w.Write(body)
	})
}
