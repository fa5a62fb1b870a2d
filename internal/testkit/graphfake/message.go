package graphfake

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) getUser(w http.ResponseWriter, c *call) {
	body := map[string]any{"id": c.box.id, "displayName": c.box.address, "mail": c.box.address, "userPrincipalName": c.box.address}
	if kept, ok := selected(w, c, "user", body); ok {
		writeJSON(w, http.StatusOK, kept)
	}
}

func (s *Server) folderJSON(b *mailbox, f *folder) map[string]any {
	children, total := 0, 0
	for _, other := range b.folders {
		if other.parent == f.id {
			children++
		}
	}
	for _, m := range b.messages {
		if m.folder == f.id {
			total++
		}
	}
	return map[string]any{
		"id": f.id, "displayName": f.name, "parentFolderId": f.parent, "childFolderCount": children,
		"totalItemCount": total, "unreadItemCount": 0, "isHidden": false,
	}
}

func (s *Server) getFolder(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := c.box.folder(c.PathValue("folder"))
	if f == nil {
		notFound(w)
		return
	}
	if kept, ok := selected(w, c, "mailFolder", s.folderJSON(c.box, f)); ok {
		writeJSON(w, http.StatusOK, kept)
	}
}

func notFound(w http.ResponseWriter) {
	writeError(w, http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
}

func (s *Server) listFolders(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parent := ""
	if id := c.PathValue("folder"); id != "" {
		f := c.box.folder(id)
		if f == nil {
			notFound(w)
			return
		}
		parent = f.id
	}
	var list []map[string]any
	for _, f := range c.box.folders {
		if f.parent == parent {
			list = append(list, s.folderJSON(c.box, f))
		}
	}
	s.page(w, c, "mailFolder", list)
}

// page answers a part of a list by $top and $skip, 10 where nothing is asked,
// with a nextLink while there is more.
func (s *Server) page(w http.ResponseWriter, c *call, kind string, list []map[string]any) {
	top, skip := 10, 0
	for name, number := range map[string]*int{"$top": &top, "$skip": &skip} {
		if text := c.query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > 1000 {
				writeError(w, http.StatusBadRequest, "BadRequest", "Invalid value for "+name+".")
				return
			}
			*number = n
		}
	}
	body := map[string]any{}
	if end := skip + top; end < len(list) {
		next := url.Values{}
		for name := range c.query {
			next.Set(name, c.query.Get(name))
		}
		next.Set("$skip", strconv.Itoa(end))
		next.Set("$top", strconv.Itoa(top))
		body["@odata.nextLink"] = s.URL + c.URL.EscapedPath() + "?" + next.Encode()
		list = list[:end]
	}
	value := []map[string]any{}
	for _, item := range list[min(skip, len(list)):] {
		kept, ok := selected(w, c, kind, item)
		if !ok {
			return
		}
		value = append(value, kept)
	}
	body["value"] = value
	writeJSON(w, http.StatusOK, body)
}

func recipient(name, address string) map[string]any {
	return map[string]any{"emailAddress": map[string]any{"name": name, "address": address}}
}

func recipients(addresses []string) []map[string]any {
	list := []map[string]any{}
	for _, address := range addresses {
		list = append(list, recipient(address, address))
	}
	return list
}

func (m *message) json(immutable bool) map[string]any {
	id, attached := m.id, slices.ContainsFunc(m.Attachments, func(a Attachment) bool { return !a.Inline })
	if immutable {
		id = m.immutable
	}
	if m.HasAttachments != nil {
		attached = *m.HasAttachments
	}
	body := map[string]any{"contentType": "text", "content": m.Text}
	if m.HTML != "" {
		body = map[string]any{"contentType": "html", "content": m.HTML}
	}
	preview := []rune(m.Text)
	return map[string]any{
		"@odata.etag": `W/"` + m.id + `"`, "id": id, "receivedDateTime": m.Received.UTC().Format(time.RFC3339),
		"hasAttachments": attached, "internetMessageId": m.InternetID, "subject": m.Subject,
		"bodyPreview": string(preview[:min(255, len(preview))]), "parentFolderId": m.folder, "isRead": m.read, "isDraft": m.Draft,
		"body": body, "from": recipient(m.FromName, m.From), "sender": recipient(m.FromName, m.From),
		"toRecipients": recipients(m.To), "ccRecipients": recipients(m.Cc), "categories": slices.Concat([]string{}, m.categories),
	}
}

func (s *Server) listMessages(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := c.box.folder(c.PathValue("folder"))
	if f == nil {
		notFound(w)
		return
	}
	if order := c.query.Get("$orderby"); order != "" && order != "receivedDateTime desc" {
		writeError(w, http.StatusBadRequest, "ErrorInvalidUrlQuery", "The query is not supported.")
		return
	}
	var there []*message
	for _, m := range c.box.messages {
		if m.folder == f.id {
			there = append(there, m)
		}
	}
	slices.SortStableFunc(there, func(a, b *message) int { return b.Received.Compare(a.Received) })
	var list []map[string]any
	for _, m := range there {
		list = append(list, m.json(c.immutable))
	}
	s.page(w, c, "message", list)
}

// found is the message that c names; the caller holds mu.
func (s *Server) found(w http.ResponseWriter, c *call) *message {
	m := c.box.message(c.PathValue("message"))
	if m == nil {
		notFound(w)
	}
	return m
}

func (s *Server) getMessage(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.found(w, c)
	if m == nil {
		return
	}
	if kept, ok := selected(w, c, "message", m.json(c.immutable)); ok {
		if c.immutable {
			w.Header().Set("Preference-Applied", `IdType="ImmutableId"`)
		}
		writeJSON(w, http.StatusOK, kept)
	}
}

// decode reads a JSON body of properties that are known.
func decode(w http.ResponseWriter, c *call, into any) bool {
	decoder := json.NewDecoder(c.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		writeError(w, http.StatusBadRequest, "BadRequest", "Unable to read JSON request payload: "+err.Error())
		return false
	}
	return true
}

func (s *Server) patchMessage(w http.ResponseWriter, c *call) {
	var body struct {
		Type       string   `json:"@odata.type"`
		IsRead     *bool    `json:"isRead"`
		Categories []string `json:"categories"`
	}
	if !decode(w, c, &body) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.found(w, c)
	if m == nil {
		return
	}
	if body.IsRead != nil {
		m.read = *body.IsRead
	}
	if body.Categories != nil {
		m.categories = body.Categories
	}
	f := c.box.folder(m.folder)
	f.changes = append(f.changes, change{id: m.id, immutable: m.immutable})
	writeJSON(w, http.StatusOK, m.json(c.immutable))
}

func (s *Server) moveMessage(w http.ResponseWriter, c *call) {
	var body struct {
		DestinationID string `json:"destinationId"`
	}
	if !decode(w, c, &body) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.found(w, c)
	if m == nil {
		return
	}
	to := c.box.folder(body.DestinationID)
	if to == nil {
		notFound(w)
		return
	}
	s.move(c.box, m, to)
	writeJSON(w, http.StatusCreated, m.json(c.immutable))
}

func (a *Attachment) json(immutable bool) map[string]any {
	id, kind, size := a.id, a.Kind, a.Size
	if immutable {
		id = a.immutable
	}
	if kind == "" {
		kind = File
	}
	if size == 0 {
		size = int64(len(a.Content)) + 178 // properties count, too
	}
	body := map[string]any{
		"@odata.type": kind, "id": id, "name": a.Name, "contentType": a.ContentType, "size": size, "isInline": a.Inline,
	}
	if kind == File {
		body["contentId"], body["contentBytes"] = a.ContentID, a.Content
	}
	return body
}

func (s *Server) listAttachments(w http.ResponseWriter, c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.found(w, c)
	if m == nil {
		return
	}
	value := []map[string]any{}
	for i := range m.Attachments {
		kept, ok := selected(w, c, "attachment", m.Attachments[i].json(c.immutable))
		if !ok {
			return
		}
		value = append(value, kept)
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": value})
}

func (s *Server) attachment(w http.ResponseWriter, c *call) *Attachment {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.found(w, c)
	if m == nil {
		return nil
	}
	for _, a := range m.Attachments {
		if id := c.PathValue("attachment"); a.id == id || a.immutable == id {
			return &a
		}
	}
	notFound(w)
	return nil
}

func (s *Server) getAttachment(w http.ResponseWriter, c *call) {
	a := s.attachment(w, c)
	if a == nil {
		return
	}
	body := a.json(c.immutable)
	if expand := c.query.Get("$expand"); expand != "" {
		if !strings.EqualFold(expand, "microsoft.graph.itemattachment/item") || a.Kind != Item {
			writeError(w, http.StatusBadRequest, "BadRequest", "Parsing $expand failed.")
			return
		}
		kind := a.ItemType
		if kind == "" {
			kind = "message"
		}
		body["item"] = map[string]any{"@odata.type": "#microsoft.graph." + kind, "subject": a.Name}
	}
	if kept, ok := selected(w, c, "attachment", body); ok {
		writeJSON(w, http.StatusOK, kept)
	}
}

func (s *Server) streamAttachment(w http.ResponseWriter, c *call) {
	a := s.attachment(w, c)
	switch {
	case a == nil:
	case a.Kind == Reference:
		writeError(w, http.StatusMethodNotAllowed, "ErrorInvalidRequest", "$value is not supported on a reference attachment.")
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Content)))
		_, _ = w.Write(a.Content)
	}
}
