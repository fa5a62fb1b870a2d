package mailbox

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// archive opens a .zip, if the source wants that and it is within the limits.
func (w *walker) archive(ctx context.Context, p part, d Decision, content *watched) error {
	if p.archived {
		return w.skip(d, ReasonNestedArchive)
	}
	whole, err := io.ReadAll(p.content)
	if err != nil {
		return w.broken(d, content, err)
	}
	d.Size = int64(len(whole))
	z, err := zip.NewReader(bytes.NewReader(whole), d.Size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return w.skip(d, ReasonDamaged)
	}
	if reason := judgeArchive(z, d.Size, w.archives); reason != "" {
		return w.skip(d, reason)
	}
	before := len(w.decisions)
	for i, entry := range z.File {
		if strings.HasSuffix(entry.Name, "/") {
			continue
		}
		if err := w.entry(ctx, p, entry, p.path+"/"+strconv.Itoa(i+1)); err != nil {
			return err
		}
	}
	if len(w.decisions) == before {
		return w.skip(d, ReasonEmpty) // nothing but folders
	}
	return nil
}

// judgeArchive looks at the list of entries alone. What it says of sizes may be
// a lie; the bytes are counted again when they are read.
func judgeArchive(z *zip.Reader, size int64, open bool) Reason {
	var unpacked uint64
	for _, entry := range z.File {
		switch {
		case entry.Name == "[Content_Types].xml": // Word, Excel and their like are archives, too
			return ReasonUnsupported
		case entry.UncompressedSize64 > maxUnpacked: // also lest the sum runs over
			return ReasonArchiveLimits
		}
		unpacked += entry.UncompressedSize64
	}
	switch {
	case !open:
		return ReasonArchive
	case len(z.File) == 0:
		return ReasonEmpty
	case len(z.File) > maxEntries || unpacked > maxUnpacked || unpacked > maxRatio*uint64(size): //nolint:gosec // a size is positive
		return ReasonArchiveLimits
	}
	return ""
}

func (w *walker) entry(ctx context.Context, p part, entry *zip.File, place string) error {
	// Names in archives have either kind of slash, and climb: only the last part
	// is a name.
	name := path.Base(strings.ReplaceAll(entry.Name, `\`, "/"))
	d := Decision{Path: place, Name: name}
	if entry.Flags&1 != 0 {
		return w.skip(d, ReasonArchiveLocked)
	}
	if w.unpacked > maxUnpacked {
		return w.skip(d, ReasonArchiveLimits)
	}
	content, err := entry.Open()
	if err != nil {
		return w.skip(d, ReasonDamaged)
	}
	defer content.Close()
	counted := &watched{from: content, limit: maxUnpacked}
	err = w.part(ctx, part{path: place, name: name, depth: p.depth, archived: true, content: counted})
	w.unpacked += counted.read
	return err
}
