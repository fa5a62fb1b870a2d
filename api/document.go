package api

import (
	"context"

	"decoded.digital/extractor/models"
)

// ListDocuments answers GET /documents.
func (s *Server) ListDocuments(ctx context.Context, r ListDocumentsRequestObject) (ListDocumentsResponseObject, error) {
	ctx, caller := requestOf(ctx)
	page, err := s.page(r.Params.Page, r.Params.Limit, r.Params.AsOf)
	if err != nil {
		return nil, err
	}
	text, err := search(r.Params.Search)
	if err != nil {
		return nil, err
	}
	rows, total, err := s.Store.ListDocuments(ctx, caller, models.DocumentFilter{Search: text}, page)
	if err != nil {
		return nil, err
	}
	return ListDocuments200JSONResponse{Data: DocumentList{Items: views(rows, (*models.Document).View), Pagination: pagination(page, total)}}, nil
}

// GetDocument answers GET /documents/:id.
func (s *Server) GetDocument(ctx context.Context, r GetDocumentRequestObject) (GetDocumentResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "document"); err != nil {
		return nil, err
	}
	document, err := s.Store.GetDocument(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	return GetDocument200JSONResponse{Data: document.View()}, nil
}

// CreateDocument answers POST /documents.
func (s *Server) CreateDocument(ctx context.Context, r CreateDocumentRequestObject) (CreateDocumentResponseObject, error) {
	ctx, caller := requestOf(ctx)
	now := s.Now()
	document := models.Document{
		ID: models.NewID(now), Name: r.Body.Name, Description: r.Body.Description, Fields: r.Body.Fields, CreatedAt: now, UpdatedAt: now,
	}
	if err := document.Validate(); err != nil {
		return nil, err
	}
	if err := s.Store.CreateDocument(ctx, caller, &document); err != nil {
		return nil, err
	}
	return CreateDocument201JSONResponse{Data: document.View()}, nil
}

// UpdateDocument answers PUT /documents/:id.
func (s *Server) UpdateDocument(ctx context.Context, r UpdateDocumentRequestObject) (UpdateDocumentResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "document"); err != nil {
		return nil, err
	}
	document := models.Document{Name: r.Body.Name, Description: r.Body.Description, Fields: r.Body.Fields}
	if err := document.Validate(); err != nil {
		return nil, err
	}
	document, err := s.Store.UpdateDocument(ctx, caller, r.ID, document.Name, document.Description, document.Fields)
	if err != nil {
		return nil, err
	}
	return UpdateDocument200JSONResponse{Data: document.View()}, nil
}

// DeleteDocument answers DELETE /documents/:id.
func (s *Server) DeleteDocument(ctx context.Context, r DeleteDocumentRequestObject) (DeleteDocumentResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "document"); err != nil {
		return nil, err
	}
	if err := s.Store.DeleteDocument(ctx, caller, r.ID); err != nil {
		return nil, err
	}
	return DeleteDocument200JSONResponse{Data: Deleted{Deleted: true, ID: r.ID}}, nil
}
