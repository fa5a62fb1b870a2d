package mailbox

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// opened is what became of one attachment.
type opened struct {
	decisions []Decision
	taken     []File
	bytes     [][]byte
}

func (o opened) reasons() string {
	var list []string
	for _, d := range o.decisions {
		if d.Taken {
			list = append(list, "taken")
		} else {
			list = append(list, string(d.Reason))
		}
	}
	return strings.Join(list, " ")
}

// open decides about an attachment as a Syncer does.
func open(t *testing.T, p part, content io.Reader, change ...func(*walker)) (opened, error) {
	t.Helper()
	var o opened
	w := &walker{archives: true, shown: map[string]bool{}}
	w.seen = func(context.Context, string) (int, error) { return 0, nil }
	w.take = func(_ context.Context, f File, content io.Reader) error {
		whole, err := io.ReadAll(content)
		o.taken, o.bytes = append(o.taken, f), append(o.bytes, whole)
		return err
	}
	for _, c := range change {
		c(w)
	}
	if p.path == "" {
		p.path = "p"
	}
	err := w.attachment(t.Context(), p, content)
	o.decisions = w.decisions
	return o, err
}

func noise(n int) []byte {
	random, b := rand.New(rand.NewPCG(1, 2)), make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// picturePNG is a noisy picture, so that it is no small file.
func picturePNG(t *testing.T, side int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	copy(img.Pix, noise(len(img.Pix)))
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t *testing.T, files map[string][]byte, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(files[name])
	}
	z.Close()
	return b.Bytes()
}

// eml is a mail with one attachment of a type.
func eml(name, contentType string, content []byte) []byte {
	return fmt.Appendf(nil, "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%[1]q\r\n\r\n--%[1]s\r\n"+
		"Content-Type: text/plain\r\n\r\nhello\r\n--%[1]s\r\nContent-Type: %[2]s\r\nContent-Disposition: attachment; filename=%[3]q\r\n"+
		"Content-Transfer-Encoding: base64\r\n\r\n%[4]s\r\n--%[1]s--\r\n",
		fmt.Sprintf("b%d", len(content)), contentType, name, base64.StdEncoding.EncodeToString(content))
}

// emls is a PDF inside depth mails.
func emls(depth int) []byte {
	mail := eml("invoice.pdf", "application/pdf", pdf)
	for range depth - 1 {
		mail = eml("forwarded.eml", "message/rfc822", mail)
	}
	return mail
}

func tnefAttribute(id uint32, value []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{tnefAttachment}, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	return append(append(b, value...), 0, 0)
}

// tnefOf is a winmail.dat with a file under a short name and a long one.
func tnefOf(short, long string, content []byte) []byte {
	var units []byte
	for _, u := range utf16.Encode([]rune(long + "\x00")) {
		units = binary.LittleEndian.AppendUint16(units, u)
	}
	properties := []byte{2, 0, 0, 0, 3, 0, 5, 0x37, 1, 0, 0, 0, 0x1f, 0, 7, 0x37, 1, 0, 0, 0}
	properties = binary.LittleEndian.AppendUint32(properties, uint32(len(units)))
	properties = append(properties, units...)
	b := []byte{0x78, 0x9f, 0x3e, 0x22, 1, 0}
	b = append(b, tnefAttribute(tnefBegin, make([]byte, 14))...)
	b = append(b, tnefAttribute(tnefTitle, []byte(short+"\x00"))...)
	b = append(b, tnefAttribute(tnefData, content)...)
	return append(b, tnefAttribute(tnefProperties, properties)...)
}

func encrypted(kind byte) []byte {
	return append([]byte{0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, kind}, noise(400)...)
}

func TestWhatBecomesOfAnAttachment(t *testing.T) {
	t.Parallel()
	photo, logo := picturePNG(t, 200), picturePNG(t, 100)
	for name, c := range map[string]struct {
		part    part
		content []byte
		want    string
	}{
		"a PDF that calls itself bytes":      {part{name: "x", contentType: "application/octet-stream"}, pdf, "taken"},
		"a PDF in the mail's text":           {part{contentID: "<shown@x>"}, pdf, "taken"},
		"a PDF that calls itself a mail":     {part{name: "x.eml", contentType: "message/rfc822"}, pdf, "taken"},
		"a photo":                            {part{name: "scan.png"}, photo, "taken"},
		"a photo in the mail's text":         {part{name: "scan.png", contentID: "<shown@x>"}, photo, "inline_image"},
		"a logo of few pixels":               {part{name: "logo.png"}, logo, "signature_image"},
		"a picture of few bytes":             {part{name: "dot.png"}, picturePNG(t, 40), "signature_image"},
		"a picture that breaks off":          {part{}, append([]byte("\x89PNG\r\n\x1a\n"), noise(20000)...), "damaged"},
		"nothing":                            {part{name: "invoice.pdf"}, nil, "empty"},
		"a text that calls itself a PDF":     {part{name: "a.pdf", contentType: "application/pdf"}, []byte("hello"), "unsupported_type"},
		"a web page":                         {part{name: "a.pdf"}, []byte("<html><script>"), "unsupported_type"},
		"a mail in a mail":                   {part{contentType: "message/rfc822"}, emls(1), "taken"},
		"three mails in each other":          {part{contentType: "message/rfc822"}, emls(3), "taken"},
		"five mails in each other":           {part{contentType: "message/rfc822"}, emls(5), "too_deep"},
		"a mail without attachments":         {part{name: "a.eml"}, []byte("Subject: x\r\n\r\nhello"), "empty"},
		"a mail that breaks off":             {part{name: "a.eml"}, emls(1)[:200], "damaged"},
		"a mail that is none":                {part{name: "a.eml"}, []byte("\x00\x01 no header"), "damaged"},
		"a mail with broken base64":          {part{name: "a.eml"}, bytes.Replace(emls(1), []byte("JVBERi0"), []byte("JVBERi0****"), 1), "damaged"},
		"a mail with a strange encoding":     {part{name: "a.eml"}, bytes.Replace(emls(1), []byte("base64"), []byte("x-uuenc"), 1), "unknown_encoding"},
		"winmail.dat":                        {part{name: "winmail.dat"}, tnefOf("INVOIC~1.PDF", "invoice.pdf", pdf), "taken"},
		"winmail.dat that breaks off":        {part{name: "winmail.dat"}, tnefOf("A", "a", pdf)[:40], "tnef empty"},
		"winmail.dat in mails":               {part{name: "a.eml"}, eml("winmail.dat", "application/ms-tnef", tnefOf("a", "b", pdf)), "taken"},
		"an encrypted mail":                  {part{name: "smime.p7m"}, encrypted(3), "encrypted_mail"},
		"a sealed signed mail":               {part{name: "smime.p7m"}, encrypted(2), "signed_mail"},
		"a signature":                        {part{name: "smime.p7s", contentType: "application/pkcs7-signature"}, encrypted(2), "signature"},
		"an Outlook file":                    {part{name: "mail.msg"}, append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), noise(600)...), "outlook_message"},
		"an archive":                         {part{}, zipped(t, map[string][]byte{"../a.pdf": pdf, "b.txt": []byte("x")}, "../a.pdf", "dir/", "b.txt"), "taken unsupported_type"},
		"an archive in an archive":           {part{}, zipped(t, map[string][]byte{"b.zip": zipped(t, nil, "a")}, "b.zip"), "nested_archive"},
		"an archive in a mail in an archive": {part{}, zipped(t, map[string][]byte{"a.eml": eml("b.zip", "application/zip", zipped(t, nil, "a"))}, "a.eml"), "nested_archive"},
		"an archive packed beyond reason":    {part{}, zipped(t, map[string][]byte{"a.pdf": make([]byte, 1<<20)}, "a.pdf"), "archive_limits"},
		"a spreadsheet":                      {part{name: "a.xlsx"}, zipped(t, nil, "[Content_Types].xml"), "unsupported_type"},
		"an empty archive":                   {part{}, zipped(t, nil), "empty"},
		"an archive of empty folders":        {part{}, zipped(t, nil, "a/", "a/b/"), "empty"},
		"an archive that breaks off":         {part{}, zipped(t, map[string][]byte{"a": pdf}, "a")[:60], "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := open(t, c.part, bytes.NewReader(c.content), func(w *walker) { w.shown = references(`<img src="CID:shown%40x">`) })
			if err != nil || o.reasons() != c.want {
				t.Fatalf("%s, %v; want %s", o.reasons(), err, c.want)
			}
			for i, f := range o.taken {
				if f.Type == "application/pdf" && !bytes.Equal(o.bytes[i], pdf) {
					t.Errorf("the file came as %q", o.bytes[i])
				}
			}
		})
	}
}

func TestPathsAndNamesOfInnerFiles(t *testing.T) {
	t.Parallel()
	o, err := open(t, part{name: "a.eml"}, bytes.NewReader(eml("winmail.dat", "application/ms-tnef", tnefOf("SHORT.PDF", "Rechnung März.pdf", pdf))))
	if err != nil || len(o.taken) != 1 || o.taken[0].Path != "p/2/1" || o.taken[0].Name != "Rechnung März.pdf" {
		t.Errorf("%+v, %v", o.taken, err)
	}
	o, err = open(t, part{}, bytes.NewReader(zipped(t, map[string][]byte{`c:\tmp\..\x.pdf`: pdf}, `c:\tmp\..\x.pdf`)))
	if err != nil || len(o.taken) != 1 || o.taken[0].Name != "x.pdf" {
		t.Errorf("%+v, %v", o.taken, err)
	}
	o, err = open(t, part{name: "a.eml"}, bytes.NewReader(eml("=?utf-8?q?R=C3=A9.pdf?=", "application/pdf", pdf)))
	if err != nil || len(o.taken) != 1 || o.taken[0].Name != "Ré.pdf" {
		t.Errorf("%+v, %v", o.taken, err)
	}
}

func TestAPictureInSeveralMailsOfASenderIsALetterhead(t *testing.T) {
	t.Parallel()
	for seen, want := range map[int]string{0: "taken", 1: "taken", 2: "signature_image", 9: "signature_image"} {
		o, err := open(t, part{}, bytes.NewReader(picturePNG(t, 200)), func(w *walker) {
			w.seen = func(_ context.Context, sum string) (int, error) {
				if len(sum) != 64 {
					t.Errorf("asked for %q", sum)
				}
				return seen, nil
			}
		})
		if err != nil || o.reasons() != want {
			t.Errorf("seen in %d other mails: %s, %v", seen, o.reasons(), err)
		}
	}
}

func TestTheLimitCountsBytesAndNotWhatGraphSays(t *testing.T) {
	t.Parallel()
	exact := append(bytes.Clone(pdf), make([]byte, MaxFile-len(pdf))...)
	for n, want := range map[int]string{MaxFile: "taken", MaxFile + 1: "too_large"} {
		o, err := open(t, part{}, bytes.NewReader(append(exact, 0)[:n]))
		if err != nil || o.reasons() != want {
			t.Errorf("%d bytes: %s, %v", n, o.reasons(), err)
		}
	}
	for size, want := range map[int64]Reason{MaxFile + 1000: "", 2 * MaxFile: ReasonTooLarge} {
		if got := (Attachment{Kind: KindFile, Size: size}).Judge(); got != want {
			t.Errorf("Graph says %d: %q", size, got)
		}
	}
}

func TestACutConnectionIsNoDamagedFile(t *testing.T) {
	t.Parallel()
	cut := errors.New("connection reset")
	for name, content := range map[string][]byte{
		"a PDF": append(bytes.Clone(pdf), noise(9000)...), "a mail": emls(2), "a picture": picturePNG(t, 200),
		"an archive": zipped(t, map[string][]byte{"a": noise(9000)}, "a"), "winmail.dat": tnefOf("a", "b", noise(9000)),
	} {
		for _, at := range []int{0, 10, 600, len(content) - 1} {
			at = min(at, len(content)-1)
			broken := io.MultiReader(bytes.NewReader(content[:at]), iotest.ErrReader(cut))
			p := part{contentType: "message/rfc822"}
			if o, err := open(t, p, broken); !errors.Is(err, cut) {
				t.Errorf("%s cut at %d: %v, %s", name, at, err, o.reasons())
			}
		}
	}
}

func TestAMailOfManyPartsIsReadUpToTheLimit(t *testing.T) {
	t.Parallel()
	files, names := map[string][]byte{}, []string{}
	for i := range 70 {
		names = append(names, fmt.Sprintf("%d.pdf", i))
		files[names[i]] = pdf
	}
	o, err := open(t, part{}, bytes.NewReader(zipped(t, files, names...)))
	if err != nil || len(o.taken) != maxParts-1 || len(o.decisions) != 70 || o.decisions[69].Reason != ReasonTooMany {
		t.Errorf("%d taken, %d decisions, %v", len(o.taken), len(o.decisions), err)
	}
}

func TestArchivesAreOpenedOnlyWhereThatIsSwitchedOn(t *testing.T) {
	t.Parallel()
	o, err := open(t, part{}, bytes.NewReader(zipped(t, nil, "a")), func(w *walker) { w.archives = false })
	if err != nil || o.reasons() != "archive" {
		t.Errorf("%s, %v", o.reasons(), err)
	}
}

func TestWhatTheListAloneDecides(t *testing.T) {
	t.Parallel()
	for want, a := range map[Reason]Attachment{
		ReasonCloudLink: {Kind: KindReference}, ReasonNoMessage: {Kind: KindItem}, "": {Kind: KindItem, Message: true, Size: 99 << 20},
	} {
		if got := a.Judge(); got != want {
			t.Errorf("%+v: %q, want %q", a, got, want)
		}
	}
}

func TestAMailOfWhichNothingIsTakenSaysWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state     OutcomeState
		rule      string
		decisions int
		want      Reason
	}{
		"nothing is attached":     {OutcomeDone, "", 0, ReasonNoAttachment},
		"something was looked at": {OutcomeDone, "", 1, ""},
		"no rule takes it":        {OutcomeFiltered, "", 0, ReasonNoRule},
		"a rule leaves it out":    {OutcomeFiltered, "no news", 0, ""},
		"it was never read":       {OutcomeFailed, "", 0, ""},
	} {
		if got := NothingTaken(c.state, c.rule, c.decisions); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestEveryReasonHasASentence(t *testing.T) {
	t.Parallel()
	for reason, sentence := range sentences() {
		if !strings.HasSuffix(sentence, ".") || reason.Sentence() != sentence {
			t.Errorf("%s: %q", reason, sentence)
		}
	}
	for _, kind := range []format{formatOther, formatOutlook, formatEncrypted, formatSigned, formatSignature} {
		if kind.reason().Sentence() == "" {
			t.Errorf("format %d is never taken, and nobody says why", kind)
		}
	}
}
