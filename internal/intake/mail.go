package intake

import (
	"context"
	"fmt"
	"io"

	"decoded.digital/extractor/models"
)

// MailOrder is an attachment that is to become an extraction.
type MailOrder struct {
	TenantID   string
	Name       string // as the sender called it
	Origin     models.MailOrigin
	DocumentID string // the template to extract by; empty, or one that is gone: choose
}

// TakeMail stores an attachment and promises its extraction. An attachment that
// was taken before is not taken again, which is no error; neither is one whose
// extraction was deleted since. left is the extraction of what another mailbox
// brought already, where Origin.SkipDuplicate left this one out; else empty.
func (in *Intake) TakeMail(ctx context.Context, o MailOrder, content io.Reader) (left string, err error) {
	up, err := Receive(o.Name, content)
	if err != nil {
		return "", err
	}
	defer up.Close()
	if err := extractable(up.Type); err != nil {
		return "", err
	}
	caller := models.Caller{TenantID: o.TenantID}
	order := Order{Source: models.SourceEmail, DocumentID: o.DocumentID}
	file := in.row(caller, up, order)
	x, err := in.extraction(ctx, caller, file, order)
	if models.CodeOf(err) == models.CodeNotFound && err != nil {
		order.DocumentID = ""
		x, err = in.extraction(ctx, caller, file, order)
	}
	if err != nil {
		return "", err
	}
	if err := in.put(ctx, file, up); err != nil {
		return "", err
	}
	taken, err := in.Store.System().TakeMail(ctx, &x.File, &x.Extraction, o.Origin)
	if err != nil {
		return "", fmt.Errorf("take an attachment: %w", err)
	}
	if !taken.Taken {
		_ = in.Discard(ctx, file.BlobKey) // bytes without a row are cheap
		if taken.DuplicateOf != nil {
			return *taken.DuplicateOf, nil
		}
	}
	return "", nil
}
