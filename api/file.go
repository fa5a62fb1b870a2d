package api

import (
	"context"
	"fmt"
	"mime"
	"strconv"
	"strings"
	"time"

	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

// FileURLLife is how long a file's address works.
const FileURLLife = 15 * time.Minute

// FileURL makes the function that writes a file's address at this API: whoever
// has it can fetch the bytes for a while.
func FileURL(publicURL string, keys *secret.Keys, now func() time.Time) func(models.File) string {
	return func(f models.File) string {
		expires := now().Add(FileURLLife).Unix()
		return fmt.Sprintf("%s/api/embed/files/%s/content?token=%d.%s", publicURL, f.ID, expires, keys.SignFile(f.ID, expires))
	}
}

// GetFileContent serves a file's bytes to who has its signed address, or a key of
// its tenant. An upload can be two kinds of file at once, so the browser is told
// to run none of it.
func (s *Server) GetFileContent(ctx context.Context, r GetFileContentRequestObject) (GetFileContentResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "file"); err != nil {
		return nil, err
	}
	file, err := s.readableFile(ctx, caller, r.ID, r.Params.Token)
	if err != nil {
		return nil, err
	}
	content, err := s.Blobs.Get(ctx, file.BlobKey)
	if err != nil {
		return nil, err
	}
	return GetFileContent200AsteriskResponse{
		Body: content, ContentType: file.Type, ContentLength: file.Size,
		Headers: GetFileContent200ResponseHeaders{
			ContentDisposition:    mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}),
			ContentSecurityPolicy: "sandbox; default-src 'none'",
			XContentTypeOptions:   "nosniff",
			CacheControl:          "private, no-store",
		},
	}, nil
}

// readableFile reads a file for who asks: by its signature, or as the caller.
func (s *Server) readableFile(ctx context.Context, caller models.Caller, id string, token *string) (models.File, error) {
	if token == nil {
		return s.Store.GetFile(ctx, caller, id)
	}
	if err := s.checkFileToken(id, *token); err != nil {
		return models.File{}, err
	}
	return s.Store.System().LoadFile(ctx, id)
}

func (s *Server) checkFileToken(id, token string) error {
	expiry, signature, _ := strings.Cut(token, ".")
	expires, err := strconv.ParseInt(expiry, 10, 64)
	if err != nil || expires < s.Now().Unix() || !s.Keys.ValidFile(id, expires, signature) {
		return models.Forbidden("token is not valid for this file or has expired; get a new address from the file or the extraction")
	}
	return nil
}

// ListFiles answers GET /files.
func (s *Server) ListFiles(ctx context.Context, r ListFilesRequestObject) (ListFilesResponseObject, error) {
	ctx, caller := requestOf(ctx)
	page, err := s.page(r.Params.Page, r.Params.Limit, r.Params.AsOf)
	if err != nil {
		return nil, err
	}
	filter := models.FileFilter{}
	if filter.Search, err = search(r.Params.Search); err != nil {
		return nil, err
	}
	if filter.Type, err = models.Text("fileType", or(r.Params.FileType), maxSearch); err != nil {
		return nil, err
	}
	rows, total, err := s.Store.ListFiles(ctx, caller, filter, page)
	if err != nil {
		return nil, err
	}
	return ListFiles200JSONResponse{Data: FileList{Items: views(rows, s.fileView), Pagination: pagination(page, total)}}, nil
}

func (s *Server) fileView(f *models.File) File {
	return File{
		ID: f.ID, UnderscoreID: f.ID, FileName: f.Name, FileType: f.Type, FileSize: f.Size, FileURL: s.FileURL(*f),
		Status: FileStatusUploaded, Description: f.Description, Source: f.Source, AppName: f.AppName,
		CreatedAt: models.FormatTime(f.CreatedAt), UpdatedAt: models.FormatTime(f.UpdatedAt),
	}
}

// UploadFile answers POST /files.
func (s *Server) UploadFile(ctx context.Context, r UploadFileRequestObject) (UploadFileResponseObject, error) {
	form, err := s.received(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	defer form.close()
	ctx, caller := requestOf(ctx)
	f, err := s.Intake.Keep(ctx, caller, form.upload, intake.Order{Source: models.SourceEmbed, Description: form.fields["description"]})
	if err != nil {
		return nil, err
	}
	return UploadFile200JSONResponse{Data: UploadedFile{
		ID: f.ID, UnderscoreID: f.ID, FileName: f.Name, FileType: f.Type, FileSize: f.Size, FileURL: s.FileURL(f),
		Status: UploadedFileStatusUploaded, Message: "File uploaded successfully",
	}}, nil
}

// ExtractFile answers POST /files/:id/extract.
func (s *Server) ExtractFile(ctx context.Context, r ExtractFileRequestObject) (ExtractFileResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "file"); err != nil {
		return nil, err
	}
	file, err := s.Store.GetFile(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	order := intake.Order{ID: subjectID(ctx), Source: models.SourceEmbed, DocumentID: or(or(r.Body).DocumentID)}
	x, entry, err := s.Intake.ExtractFile(ctx, caller, file, order)
	if err != nil {
		return nil, err
	}
	s.runNow(ctx, entry, func(ctx context.Context) error { return s.Runner.Start(ctx, x) })
	return ExtractFile200JSONResponse{Data: s.started(&x, "Extraction started")}, nil
}

// DeleteFile answers DELETE /files/:id.
func (s *Server) DeleteFile(ctx context.Context, r DeleteFileRequestObject) (DeleteFileResponseObject, error) {
	ctx, caller := requestOf(ctx)
	if err := validID(r.ID, "file"); err != nil {
		return nil, err
	}
	entry, err := s.Store.DeleteFile(ctx, caller, r.ID)
	if err != nil {
		return nil, err
	}
	s.runNow(ctx, entry, func(ctx context.Context) error { return s.Intake.Discard(ctx, entry.Detail) })
	return DeleteFile200JSONResponse{Data: Deleted{Deleted: true, ID: r.ID}}, nil
}
