package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"decoded.digital/extractor/internal/intake"
	"decoded.digital/extractor/models"
)

// form is a multipart body that was received: the file stands in a temporary
// file, never in memory.
type form struct {
	upload *intake.Upload
	fields map[string]string
}

// formKey is where a form stands that was received before its operation ran.
type formKey struct{}

// isUpload says whether the request's route takes a multipart body.
func isUpload(c *gin.Context) bool {
	return c.Request.Method == http.MethodPost && slices.Contains([]string{"/api/embed/extract", "/api/embed/files"}, c.FullPath())
}

// received is the form of an upload; close it.
func (s *Server) received(ctx context.Context, parts *multipart.Reader) (*form, error) {
	if c, ok := ctx.(*gin.Context); ok {
		if f, ok := c.Request.Context().Value(formKey{}).(*form); ok {
			return f, nil
		}
	}
	return receiveParts(parts)
}

// receive reads a request's multipart body.
func (s *Server) receive(r *http.Request) (*form, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, badBody(err)
	}
	return receiveParts(parts)
}

func receiveParts(parts *multipart.Reader) (*form, error) {
	f := &form{fields: map[string]string{}}
	if err := f.read(parts); err != nil {
		return nil, errors.Join(badUpload(err), f.close())
	}
	if f.upload == nil {
		return nil, models.Invalid("file is required: send it as the part named file")
	}
	return f, nil
}

func (f *form) read(parts *multipart.Reader) error {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f.readPart(part); err != nil {
			return err
		}
	}
}

// readPart takes the parts that an operation may want and drops others.
func (f *form) readPart(part *multipart.Part) error {
	name := part.FormName()
	_, twice := f.fields[name]
	switch name {
	case "file":
		if f.upload != nil {
			return models.Invalid("file must be given once")
		}
		var err error
		f.upload, err = intake.Receive(part.FileName(), part)
		return err
	case "documentId", "description":
		if twice {
			return models.Invalid("%s must be given once", name)
		}
		value, err := io.ReadAll(io.LimitReader(part, 4*models.MaxDescriptionLength+1))
		if err != nil {
			return err
		}
		f.fields[name], err = models.Text(name, string(value), models.MaxDescriptionLength)
		return err
	}
	_, err := io.Copy(io.Discard, part)
	return err
}

// badUpload says what is wrong with a body that could not be received.
func badUpload(err error) error {
	if _, ours := errors.AsType[*models.Error](err); ours {
		return err
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return models.Invalid("file is larger than 10MB")
	}
	return &models.Error{Code: models.CodeInvalid, Message: "the multipart body is damaged or ended early; send the file again", Cause: err}
}

// fingerprint tells two uploads apart.
func (f *form) fingerprint() string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q", f.upload.SHA256, f.upload.Name)
	for _, name := range []string{"documentId", "description"} {
		fmt.Fprintf(hash, " %q", f.fields[name])
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// closeForm gives up a form that was received before its operation ran; the
// operation may not have run at all, or have closed it already.
func closeForm(c *gin.Context) {
	if f, ok := c.Request.Context().Value(formKey{}).(*form); ok {
		_ = f.close()
	}
}

func (f *form) close() error {
	if f.upload == nil {
		return nil
	}
	return f.upload.Close()
}
