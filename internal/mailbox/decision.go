package mailbox

import (
	"bytes"
	"image"
	_ "image/jpeg" // for image.DecodeConfig
	_ "image/png"  // likewise
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	_ "golang.org/x/image/webp" // likewise
)

// The limits of what is taken. Sizes are bytes.
const (
	MaxFile        = 10 << 20 // of a file, as intake has it
	maxMail        = 40 << 20 // of a nested mail, its encoding included
	maxDepth       = 3        // mails in mails
	maxParts       = 50       // of one mail, nested ones included
	maxEntries     = 100      // of an archive
	maxUnpacked    = 40 << 20 // of an archive
	maxRatio       = 100      // of an archive, unpacked to packed
	signatureBytes = 10 << 10 // a smaller picture is no document
	signatureSide  = 150      // pixels; likewise
	signatureMails = 3        // with so many mails of one sender, a picture is their letterhead
)

// Reason is why an attachment was not taken, or nothing of a whole mail.
type Reason string

// The reasons.
const (
	ReasonInlineImage     Reason = "inline_image"
	ReasonSignatureImage  Reason = "signature_image"
	ReasonUnsupported     Reason = "unsupported_type"
	ReasonNoMessage       Reason = "calendar_or_contact"
	ReasonOutlookMessage  Reason = "outlook_message"
	ReasonArchive         Reason = "archive"
	ReasonNestedArchive   Reason = "nested_archive"
	ReasonArchiveLimits   Reason = "archive_limits"
	ReasonArchiveLocked   Reason = "encrypted_archive"
	ReasonTNEF            Reason = "tnef"
	ReasonEncryptedMail   Reason = "encrypted_mail"
	ReasonSignedMail      Reason = "signed_mail"
	ReasonSignature       Reason = "signature"
	ReasonCloudLink       Reason = "cloud_link"
	ReasonTooLarge        Reason = "too_large"
	ReasonTooDeep         Reason = "too_deep"
	ReasonTooMany         Reason = "too_many_parts"
	ReasonEmpty           Reason = "empty"
	ReasonDamaged         Reason = "damaged"
	ReasonRefused         Reason = "refused"
	ReasonFiltered        Reason = "filtered"
	ReasonAttachmentGone  Reason = "gone"
	ReasonContentEncoding Reason = "unknown_encoding"
	ReasonDuplicate       Reason = "duplicate"
	ReasonNoAttachment    Reason = "no_attachment" // of a mail
	ReasonNoRule          Reason = "no_rule"       // of a mail
)

// NothingTaken is why nothing of a mail was looked at: how its reading ended, the
// rule that left it out and how many decisions there are say it. It is empty
// where these say enough.
func NothingTaken(ended OutcomeState, rule string, decisions int) Reason {
	switch {
	case ended == OutcomeDone && decisions == 0:
		return ReasonNoAttachment
	case ended == OutcomeFiltered && rule == "" && decisions == 0:
		return ReasonNoRule
	}
	return ""
}

// Sentence says the reason to a user. It is empty for a value that is none.
func (r Reason) Sentence() string { return sentences()[r] }

func sentences() map[Reason]string {
	return map[Reason]string{
		ReasonInlineImage:     "A picture inside the mail's text, not a document.",
		ReasonSignatureImage:  "A small or often repeated picture, such as a logo in a signature.",
		ReasonUnsupported:     "No PDF, JPEG, PNG or WebP.",
		ReasonNoMessage:       "A calendar entry or a contact, not a document.",
		ReasonOutlookMessage:  "A mail saved as an Outlook file (.msg), which can't be opened; forward the mail as an attachment instead.",
		ReasonArchive:         "An archive; opening archives is switched off for this folder.",
		ReasonNestedArchive:   "An archive inside an archive, which is not opened.",
		ReasonArchiveLimits:   "An archive of more than 100 files or 40 MB unpacked, or one that is packed beyond reason.",
		ReasonArchiveLocked:   "An archive that needs a password; send it without one.",
		ReasonTNEF:            "A winmail.dat that can't be opened; ask the sender to send HTML instead of rich text.",
		ReasonEncryptedMail:   "An encrypted mail; only its recipient can open it.",
		ReasonSignedMail:      "A signed mail whose content is sealed inside the signature; ask the sender to sign in clear text.",
		ReasonSignature:       "The mail's electronic signature, not a document.",
		ReasonCloudLink:       "A link to a file in a cloud; attach the file itself.",
		ReasonTooLarge:        "Larger than 10 MB.",
		ReasonTooDeep:         "Inside more than three mails that are attached to each other.",
		ReasonTooMany:         "The mail has more than 50 parts; this one came after them.",
		ReasonEmpty:           "An empty file.",
		ReasonDamaged:         "Damaged: the file can't be read to its end.",
		ReasonRefused:         "The file was refused.",
		ReasonFiltered:        "Left out by the folder's rules.",
		ReasonAttachmentGone:  "Deleted from the mail before it was read.",
		ReasonContentEncoding: "Encoded in a way that is not known.",
		ReasonDuplicate:       "The same file came with the same mail by another mailbox.",
		ReasonNoAttachment:    "The mail has no attachment.",
		ReasonNoRule:          "The folder has rules, and none of them takes this mail.",
	}
}

// format is what an attachment is by its bytes, and where these don't tell, by
// its name and type.
type format int

const (
	formatOther format = iota
	formatPDF
	formatImage
	formatArchive
	formatTNEF
	formatMail
	formatOutlook
	formatEncrypted
	formatSigned
	formatSignature
)

// sniff finds what a file is. mimeType is set for what intake extracts. head
// holds the first 512 bytes; what name and contentType say is believed only
// where it makes no document of something else.
func sniff(head []byte, name, contentType string) (kind format, mimeType string) {
	switch found := http.DetectContentType(head); found {
	case "application/pdf":
		return formatPDF, found
	case "image/jpeg", "image/png", "image/webp":
		return formatImage, found
	}
	name, contentType = strings.ToLower(name), strings.ToLower(contentType)
	extension := path.Ext(name)
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return formatArchive, ""
	case bytes.HasPrefix(head, []byte{0x78, 0x9f, 0x3e, 0x22}):
		return formatTNEF, ""
	case strings.HasSuffix(contentType, "pkcs7-mime") || extension == ".p7m":
		return smime(head, contentType), ""
	case strings.HasSuffix(contentType, "pkcs7-signature") || contentType == "application/pgp-signature" || extension == ".p7s":
		return formatSignature, ""
	case extension == ".msg" && bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return formatOutlook, ""
	case contentType == "message/rfc822" || extension == ".eml":
		return formatMail, ""
	}
	return formatOther, ""
}

// smime tells an encrypted mail from a signed one by the object identifier with
// which its content begins (RFC 5652, 4; RFC 5083, 2.1). What is in neither form
// counts as encrypted: either way nobody can read it here.
func smime(head []byte, contentType string) format {
	signed := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	if at := bytes.Index(head, signed); at >= 0 && at < 32 || strings.Contains(contentType, "signed-data") {
		return formatSigned
	}
	return formatEncrypted
}

// reasonOf is the reason for a format that is never taken, empty for others.
func (f format) reason() Reason {
	switch f { //nolint:exhaustive // the others are looked into
	case formatOther:
		return ReasonUnsupported
	case formatOutlook:
		return ReasonOutlookMessage
	case formatEncrypted:
		return ReasonEncryptedMail
	case formatSigned:
		return ReasonSignedMail
	case formatSignature:
		return ReasonSignature
	}
	return ""
}

// Judge decides by what the list says, before a byte was read; an empty reason
// says that the bytes decide. The size that Graph gives counts the encoding,
// too, so that only one far over the limit is proof.
func (a Attachment) Judge() Reason {
	switch {
	case a.Kind == KindReference:
		return ReasonCloudLink
	case a.Kind == KindItem && !a.Message:
		return ReasonNoMessage
	case a.Kind == KindItem:
		return ""
	case a.Size > MaxFile+MaxFile/2:
		return ReasonTooLarge
	}
	return ""
}

// picture decides about a picture. seen is in how many other mails of the
// sender the same bytes came. That it is marked as inline proves nothing: only
// that the text shows it does.
func picture(content []byte, contentID string, shown map[string]bool, seen int) Reason {
	if shown[plainID(contentID)] {
		return ReasonInlineImage
	}
	if len(content) < signatureBytes || seen+1 >= signatureMails {
		return ReasonSignatureImage
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return ReasonDamaged
	}
	if c.Width < signatureSide || c.Height < signatureSide {
		return ReasonSignatureImage
	}
	return ""
}

// references are the content ids that an HTML text shows.
func references(html string) map[string]bool {
	shown := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?i)cid:([^"'<>\s)]+)`).FindAllStringSubmatch(html, 1000) {
		id := strings.ReplaceAll(match[1], "&amp;", "&")
		if plain, err := url.PathUnescape(id); err == nil {
			id = plain
		}
		shown[plainID(id)] = true
	}
	delete(shown, "")
	return shown
}

func plainID(contentID string) string {
	return strings.ToLower(strings.Trim(strings.TrimSpace(contentID), "<>"))
}

// listAttachments says whether a message can have any: hasAttachments is false
// when all of them are inline, and real PDFs are.
func listAttachments(m Message) bool {
	return m.HasAttachments || (m.Body.HTML && strings.Contains(strings.ToLower(m.Body.Content), "cid:"))
}
