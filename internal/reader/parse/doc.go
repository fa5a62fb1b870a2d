package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"decoded.digital/extractor/internal/process"
	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// maxDocText is the most text that a .doc may hold, in bytes.
const maxDocText = 16 << 20

// docTimeout is how long each of the programs may take.
const docTimeout = 5 * time.Second

// oleMagic begins every file of Word 97 to 2003 ([MS-CFB], 2.2).
const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// readDoc reads a Word 97 to 2003 document by antiword, then, because each of
// the two knows files that the other does not, by catdoc.
func readDoc(ctx context.Context, content []byte) (*reader.Document, error) {
	if !bytes.HasPrefix(content, []byte(oleMagic)) {
		return nil, models.Failed(models.FailureDocumentUnsupported, "The file is no Word 97 to 2003 document, whatever its name says. Save it as .docx or PDF and upload that.", nil)
	}
	file, err := os.CreateTemp("", "*.doc")
	if err != nil {
		return nil, fmt.Errorf("keep the document for its reader: %w", err)
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(content); err != nil {
		return nil, errors.Join(fmt.Errorf("keep the document for its reader: %w", err), file.Close())
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	missing := 0
	for _, command := range [][]string{{"antiword", "-w", "0", "-m", "UTF-8.txt", file.Name()}, {"catdoc", "-w", "-d", "utf-8", file.Name()}} {
		text, err := output(ctx, command)
		switch {
		case errors.Is(err, exec.ErrNotFound):
			missing++
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err == nil && len(bytes.TrimSpace(text)) > 0:
			return readText(text), nil
		}
	}
	if missing == 2 {
		return nil, models.Failed(models.FailureReaderMissing, "This server can't read Word 97 to 2003 documents: it has neither antiword nor catdoc. Save the document as .docx or PDF and upload that.", nil)
	}
	return nil, brokenWord(errors.New("neither antiword nor catdoc reads it"))
}

// output is what a command prints, up to maxDocText.
func output(ctx context.Context, command []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, docTimeout) // catdoc loops on some damaged files
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // the commands are ours, the file's name is made here
	process.EndWithParent(c, syscall.SIGKILL)
	pipe, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(pipe, maxDocText))
	if len(text) == maxDocText {
		err = errors.Join(err, c.Process.Kill())
	}
	return text, errors.Join(err, c.Wait())
}
