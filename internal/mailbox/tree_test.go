package mailbox

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// tree is an attachment with others inside of it.
type tree struct {
	kind     string // pdf, text, eml, zip, dat
	children []tree
}

func drawTree(r *rapid.T, depth int, budget *int) tree {
	*budget--
	kinds := []string{"pdf", "text", "eml", "zip", "dat"}
	if depth == 0 || *budget <= 0 {
		kinds = kinds[:2]
	}
	n := tree{kind: rapid.SampledFrom(kinds).Draw(r, "kind")}
	if n.kind == "pdf" || n.kind == "text" {
		return n
	}
	for range rapid.IntRange(1, 3).Draw(r, "children") {
		n.children = append(n.children, drawTree(r, depth-1, budget))
	}
	return n
}

// documents is how many PDFs the table says are to be taken.
func (n tree) documents(mails int, archived bool) int {
	switch {
	case n.kind == "pdf":
		return 1
	case n.kind == "zip" && archived, (n.kind == "eml" || n.kind == "dat") && mails >= maxDepth:
		return 0
	case n.kind == "zip":
		archived = true
	default:
		mails++
	}
	sum := 0
	for _, child := range n.children {
		sum += child.documents(mails, archived)
	}
	return sum
}

func (n tree) bytes(r *rapid.T) []byte {
	var b bytes.Buffer
	switch n.kind {
	case "pdf":
		return pdf
	case "text":
		return []byte("hello")
	case "zip":
		z := zip.NewWriter(&b)
		for i, child := range n.children {
			w, err := z.Create(fmt.Sprintf("dir/%d.%s", i, child.kind))
			if err != nil {
				r.Fatal(err)
			}
			w.Write(child.bytes(r))
		}
		z.Close()
	case "eml":
		inner := make([][]byte, len(n.children))
		size := 0
		for i, child := range n.children {
			inner[i] = child.bytes(r)
			size += len(inner[i])
		}
		mark := fmt.Sprintf("mark-%d", size)
		fmt.Fprintf(&b, "Subject: x\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n", mark)
		for i, child := range n.children {
			fmt.Fprintf(&b, "--%s\r\nContent-Disposition: attachment; filename=%d.%s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
				mark, i, child.kind, base64.StdEncoding.EncodeToString(inner[i]))
		}
		fmt.Fprintf(&b, "--%s--\r\n", mark)
	case "dat":
		b.Write([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0})
		for i, child := range n.children {
			b.Write(tnefAttribute(tnefBegin, make([]byte, 14)))
			b.Write(tnefAttribute(tnefTitle, fmt.Appendf(nil, "%d.%s\x00", i, child.kind)))
			b.Write(tnefAttribute(tnefData, child.bytes(r)))
		}
	}
	return b.Bytes()
}

func TestEveryDocumentInATreeOfAttachmentsIsTakenOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		budget := 20
		n := drawTree(r, 6, &budget)
		content := n.bytes(r)
		p := part{name: "a." + n.kind}
		o, err := open(t, p, bytes.NewReader(content))
		again, _ := open(t, p, bytes.NewReader(content))
		if want := n.documents(0, false); err != nil || len(o.taken) != want {
			r.Fatalf("%d taken of %d, %v: %s", len(o.taken), want, err, o.reasons())
		}
		paths := map[string]bool{}
		for i, f := range o.taken {
			if paths[f.Path] || !bytes.Equal(o.bytes[i], pdf) || again.taken[i].Path != f.Path {
				r.Fatalf("%s came twice, changed, or under another path", f.Path)
			}
			paths[f.Path] = true
		}
	})
}
