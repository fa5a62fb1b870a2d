package reader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"decoded.digital/extractor/models"
)

// Options of a Pool.
type Options struct {
	// Command starts a child; it speaks Serve's side over its standard streams.
	Command []string
	// Env is all of a child's environment: no key of ours is in it.
	Env []string
	// Size is how many documents are read at once, each by a child of its own.
	Size int
	// Stall is how long a child may work without a sign before it is killed, and
	// its document given up; one that got no processor is given three times that.
	Stall time.Duration
	// Documents is after how many a child is replaced by a fresh one.
	Documents int
}

// Pool reads documents in child processes, behind a wall: a document may be made
// to harm who parses it. Children are kept warm between documents.
type Pool struct {
	options Options
	slots   chan *child // a nil one is a place for a child that must be started
}

// NewPool makes a pool and starts its children, so that the first documents do
// not wait for them.
func NewPool(ctx context.Context, options Options) (*Pool, error) {
	p := &Pool{options: options, slots: make(chan *child, options.Size)}
	for range options.Size {
		c, err := p.start(ctx)
		if err != nil {
			p.Close()
			return nil, err
		}
		p.slots <- c
	}
	return p, nil
}

// Read reads a document of the given MIME type and size in bytes, and tells
// progress before each page. open is called once, and again where the first
// child died before it could be blamed on the document. What the document is to
// blame for is a models.Failed with a sentence for the user.
func (p *Pool) Read(ctx context.Context, fileType string, size int64, open func(context.Context) (io.ReadCloser, error), progress func(page, of int)) (Result, error) {
	return p.ask(ctx, request{Type: fileType, Size: size}, open, progress)
}

// Picture draws a page of a document, counted from 1, turned clockwise by 0, 90,
// 180 or 270 degrees: a JPEG.
func (p *Pool) Picture(ctx context.Context, fileType string, size int64, open func(context.Context) (io.ReadCloser, error), page, turn int) ([]byte, error) {
	result, err := p.ask(ctx, request{Type: fileType, Size: size, Page: page, Turn: turn}, open, func(int, int) {})
	return result.Encoded, err
}

func (p *Pool) ask(ctx context.Context, r request, open func(context.Context) (io.ReadCloser, error), progress func(page, of int)) (Result, error) {
	if r.Size > MaxFile {
		return Result{}, models.Failed(models.FailureDocumentTooLarge, fmt.Sprintf("The file has %d bytes; at most %d can be read.", r.Size, MaxFile), nil)
	}
	var result Result
	var err error
	for range 2 {
		result, err = p.try(ctx, r, open, progress)
		if !errors.Is(err, errDied) {
			return result, err
		}
	}
	if errors.Is(err, errStart) {
		return Result{}, err
	}
	return Result{}, tooLarge(err)
}

// Result is what was read.
type Result struct {
	Pages   int    // how many
	Encoded []byte // the document, see Decode
}

func tooLarge(cause error) error {
	return models.Failed(models.FailureDocumentTooLarge, "Reading the document took more memory or time than a document may take. Print it to a new PDF, or split it, and upload that.", cause)
}

func (p *Pool) try(ctx context.Context, r request, open func(context.Context) (io.ReadCloser, error), progress func(page, of int)) (Result, error) {
	c, err := p.take(ctx)
	if err != nil {
		return Result{}, err
	}
	content, err := open(ctx)
	if err != nil {
		p.slots <- c
		return Result{}, err
	}
	result, err := c.read(ctx, r, content, progress)
	err = errors.Join(err, content.Close())
	if c.broken || c.documents >= p.options.Documents {
		c.kill()
		p.slots <- p.spare(ctx)
		return result, err
	}
	p.slots <- c
	return result, err
}

// take waits for a child that is free, and starts one in place of one that died.
func (p *Pool) take(ctx context.Context) (*child, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case c := <-p.slots:
		if c != nil && c.alive() {
			return c, nil
		}
		if c != nil {
			c.kill()
		}
		c, err := p.start(ctx)
		if err != nil {
			p.slots <- nil
			return nil, err
		}
		return c, nil
	}
}

// spare is a fresh child for the next document; where none can be started, that
// document learns why.
func (p *Pool) spare(ctx context.Context) *child {
	c, err := p.start(context.WithoutCancel(ctx))
	if err != nil {
		return nil
	}
	return c
}

// Close ends the children. No document may be being read.
func (p *Pool) Close() {
	for range p.options.Size {
		select {
		case c := <-p.slots:
			if c != nil {
				c.kill()
			}
		default:
		}
	}
}
