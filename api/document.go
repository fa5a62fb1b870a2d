package api

import (
	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/models"
)

type documentRequest struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Fields      []models.Field `json:"fields"`
}

// deletedAnswer is the answer to the deletion of a document or an extraction.
type deletedAnswer struct {
	Deleted bool   `json:"deleted"`
	ID      string `json:"id"`
}

func (s *server) listDocuments(c *gin.Context, caller models.Caller) (list[models.DocumentView], error) {
	page, err := queryPage(c)
	if err != nil {
		return list[models.DocumentView]{}, err
	}
	rows, total, err := s.Store.ListDocuments(c.Request.Context(), caller, models.DocumentFilter{Search: c.Query("search")}, page)
	if err != nil {
		return list[models.DocumentView]{}, err
	}
	return newList(rows, total, page, (*models.Document).View), nil
}

func (s *server) getDocument(c *gin.Context, caller models.Caller) (models.DocumentView, error) {
	id, err := pathID(c, "document")
	if err != nil {
		return models.DocumentView{}, err
	}
	document, err := s.Store.GetDocument(c.Request.Context(), caller, id)
	return document.View(), err
}

func (s *server) createDocument(c *gin.Context, caller models.Caller) (models.DocumentView, error) {
	document, err := decodeDocument(c)
	if err != nil {
		return models.DocumentView{}, err
	}
	now := s.Now()
	document.ID, document.TenantID, document.CreatedAt, document.UpdatedAt = models.NewID(now), caller.TenantID, now, now
	if err := s.Store.CreateDocument(c.Request.Context(), caller, &document); err != nil {
		return models.DocumentView{}, err
	}
	return document.View(), nil
}

func (s *server) updateDocument(c *gin.Context, caller models.Caller) (models.DocumentView, error) {
	id, err := pathID(c, "document")
	if err != nil {
		return models.DocumentView{}, err
	}
	document, err := decodeDocument(c)
	if err != nil {
		return models.DocumentView{}, err
	}
	document, err = s.Store.UpdateDocument(c.Request.Context(), caller, id, document.Name, document.Description, document.Fields)
	return document.View(), err
}

func (s *server) deleteDocument(c *gin.Context, caller models.Caller) (deletedAnswer, error) {
	id, err := pathID(c, "document")
	if err != nil {
		return deletedAnswer{}, err
	}
	return deletedAnswer{Deleted: true, ID: id}, s.Store.DeleteDocument(c.Request.Context(), caller, id)
}

func decodeDocument(c *gin.Context) (models.Document, error) {
	var r documentRequest
	if err := decode(c, &r); err != nil {
		return models.Document{}, err
	}
	document := models.Document{Name: r.Name, Description: r.Description, Fields: r.Fields}
	return document, document.Validate()
}
