package graphfake

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// PDF is a small real one, whose text is n, so that no two are the same.
func PDF(n int) []byte {
	text := fmt.Sprintf("BT /F1 12 Tf 72 720 Td (Invoice %d) Tj ET", n)
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(text), text), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var places []int
	for i, object := range objects {
		places = append(places, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, place := range places {
		fmt.Fprintf(&b, "%010d 00000 n \n", place)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

// Oddity is an attachment that lies or hides something (group 15).
type Oddity struct {
	Attachment
	// Documents is how many real PDFs an importer is to find in it, with archives
	// switched on and mails opened to a depth of three.
	Documents int
}

// Oddities are one of each kind; n tells those of one mail from another's.
func Oddities(n int) []Oddity {
	pdf := PDF(n)
	return []Oddity{
		{Attachment{Name: "plain.pdf", ContentType: "application/pdf", Content: pdf}, 1},
		{Attachment{Name: "inline.pdf", ContentType: "application/pdf", Content: pdf, Inline: true, ContentID: "pdf@x"}, 1},
		{Attachment{Name: "bytes", ContentType: "application/octet-stream", Content: pdf}, 1},
		{Attachment{Name: "lies.pdf", ContentType: "application/pdf", Content: []byte("<html><script>alert(1)</script>")}, 0},
		{Attachment{Name: "size.pdf", ContentType: "application/pdf", Content: pdf, Size: 1}, 1},
		{Attachment{ContentType: "application/pdf", Content: pdf}, 1},
		{Attachment{Name: "../../etc/a/b.pdf", ContentType: "application/pdf", Content: pdf}, 1},
		{Attachment{Name: "invoice\u202efdp.exe", ContentType: "application/pdf", Content: pdf}, 1},
		{Attachment{Name: strings.Repeat("é", 296) + ".pdf", ContentType: "application/pdf", Content: pdf}, 1},
		{Attachment{Name: "empty.pdf", ContentType: "application/pdf"}, 0},
		{Attachment{Name: "invoices.zip", ContentType: "application/zip", Content: zipOf(map[string][]byte{"../a.pdf": pdf})}, 1},
		{Attachment{Name: "bomb.zip", ContentType: "application/zip", Content: zipOf(map[string][]byte{"a.pdf": make([]byte, 4<<20)})}, 0},
		{Attachment{Name: "forwarded", Kind: Item, Content: nestedMail(3, pdf)}, 1},
		{Attachment{Name: "deep.eml", ContentType: "message/rfc822", Content: nestedMail(5, pdf)}, 0},
		{Attachment{Name: "meeting", Kind: Item, ItemType: "event", Content: []byte("BEGIN:VCALENDAR\r\n")}, 0},
		{Attachment{Name: "smime.p7m", ContentType: "application/pkcs7-mime", Content: enveloped()}, 0},
		{Attachment{Name: "winmail.dat", ContentType: "application/ms-tnef", Content: tnef("INVOICE.PDF", pdf)}, 1},
		{Attachment{Name: "in the cloud.pdf", Kind: Reference}, 0},
	}
}

func zipOf(files map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, _ := z.Create(name) // into memory nothing fails
		_, _ = w.Write(content)
	}
	_ = z.Close()
	return b.Bytes()
}

// nestedMail is a PDF inside so many mails.
func nestedMail(depth int, pdf []byte) []byte {
	name, kind, content := "invoice.pdf", "application/pdf", pdf
	for level := range depth {
		boundary := fmt.Sprintf("level-%d", level)
		content = fmt.Appendf(nil, "Subject: level %[1]d\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%[2]s\r\n\r\n"+
			"--%[2]s\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--%[2]s\r\nContent-Type: %[3]s; name=%[4]q\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n%[5]s\r\n--%[2]s--\r\n",
			level, boundary, kind, name, base64.StdEncoding.EncodeToString(content))
		name, kind = "forwarded.eml", "message/rfc822"
	}
	return content
}

// enveloped is the beginning of an encrypted CMS message.
func enveloped() []byte {
	return append([]byte{0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03, 0xa0, 0x80}, make([]byte, 600)...)
}

// tnef is a winmail.dat with one file ([MS-OXTNEF] 2.1.3).
func tnef(name string, content []byte) []byte {
	b := []byte{0x78, 0x9f, 0x3e, 0x22, 1, 0}
	for _, attribute := range []struct {
		id    uint32
		value []byte
	}{{0x00069002, make([]byte, 14)}, {0x00018010, []byte(name + "\x00")}, {0x0006800f, content}} {
		b = binary.LittleEndian.AppendUint32(append(b, 2), attribute.id)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(attribute.value)))
		sum := uint16(0)
		for _, v := range attribute.value {
			sum += uint16(v)
		}
		b = binary.LittleEndian.AppendUint16(append(b, attribute.value...), sum)
	}
	return b
}
