package reader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/models"
)

// asChild makes the test's own program a child of the pool.
const asChild = "EXTRACTOR_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		if err := Serve(context.Background(), script{}, os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// script is a parser that does what the document says.
type script struct{}

func (script) Read(ctx context.Context, _ string, content []byte, progress func(page, of int)) (*Document, error) {
	progress(1, 2)
	progress(2, 2)
	switch string(content) {
	case "die":
		os.Exit(3)
	case "panic":
		panic(errors.New("the document's own text"))
	case "crash":
		var none []int
		_ = none[len(content)]
	case "hang":
		select {}
	case "spin":
		for n := 0; ; n++ {
			_ = n
		}
	case "environment":
		return page(strings.Join(os.Environ(), " ")), nil
	case "who":
		return page(fmt.Sprint(os.Getpid())), nil
	case "broken":
		return nil, models.Failed(models.FailureDocumentBroken, "It is broken.", errors.New("because"))
	case "wrong":
		return nil, errors.New("a failure of ours")
	}
	return page(string(content)), nil
}

func (script) Picture(fileType string, content []byte, page, turn int) ([]byte, error) {
	if page > 1 {
		return nil, models.Failed(models.FailureDocumentBroken, "It has no such page.", nil)
	}
	return fmt.Appendf(nil, "%s %s %d %d", fileType, content, page, turn), nil
}

func page(text string) *Document {
	return &Document{Pages: []Page{{Number: 1, Width: 595, Height: 842, Words: []Word{{Text: text, Confidence: 1}}}}}
}

func newPool(t *testing.T, change func(*Options)) *Pool {
	t.Helper()
	options := Options{Command: []string{os.Args[0]}, Env: []string{asChild + "=1"}, Size: 1, Stall: time.Minute, Documents: 100}
	if change != nil {
		change(&options)
	}
	p, err := NewPool(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func readText(ctx context.Context, p *Pool, text string) (string, error) {
	result, err := p.Read(ctx, "text/plain", int64(len(text)), opener(strings.NewReader(text)), func(int, int) {})
	if err != nil {
		return "", err
	}
	d, err := Decode(result.Encoded)
	if err != nil {
		return "", err
	}
	return d.Pages[0].Words[0].Text, nil
}

func opener(r io.ReadSeeker) func(context.Context) (io.ReadCloser, error) {
	return func(context.Context) (io.ReadCloser, error) {
		_, err := r.Seek(0, io.SeekStart)
		return io.NopCloser(r), err
	}
}

func mustRead(t *testing.T, p *Pool, text string) string {
	t.Helper()
	got, err := readText(t.Context(), p, text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestADocumentIsReadWithItsProgress(t *testing.T) {
	t.Parallel()
	p := newPool(t, nil)
	var told [][2]int
	result, err := p.Read(t.Context(), "text/plain", 5, opener(strings.NewReader("hello")), func(page, of int) { told = append(told, [2]int{page, of}) })
	if err != nil || result.Pages != 1 || fmt.Sprint(told) != "[[1 2] [2 2]]" {
		t.Errorf("got %d pages, progress %v, %v", result.Pages, told, err)
	}
}

func TestAPageIsDrawnByAChild(t *testing.T) {
	t.Parallel()
	p := newPool(t, nil)
	picture, err := p.Picture(t.Context(), "text/plain", 5, opener(strings.NewReader("hello")), 1, 90)
	if err != nil || string(picture) != "text/plain hello 1 90" {
		t.Errorf("got %q, %v", picture, err)
	}
	if _, err := p.Picture(t.Context(), "text/plain", 5, opener(strings.NewReader("hello")), 2, 0); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("got %v", err)
	}
	if got := mustRead(t, p, "next"); got != "next" {
		t.Errorf("then got %q", got)
	}
}

// TestADeadChildIsOneDocumentsError: whatever ends a child, its document fails
// with a sentence, or with an error of ours, and the next one is read.
func TestADeadChildIsOneDocumentsError(t *testing.T) {
	t.Parallel()
	p := newPool(t, func(o *Options) { o.Stall = 300 * time.Millisecond })
	for text, kind := range map[string]models.FailureType{
		"die": models.FailureDocumentTooLarge, "panic": models.FailureDocumentTooLarge, "crash": models.FailureDocumentTooLarge,
		"hang": models.FailureDocumentTooLarge, "spin": models.FailureDocumentTooLarge, "broken": models.FailureDocumentBroken,
	} {
		_, err := readText(t.Context(), p, text)
		if e, ok := errors.AsType[*models.Error](err); !ok || e.Type != kind || e.Message == "" {
			t.Errorf("%s: got %v, want %s", text, err, kind)
		}
		if err != nil && strings.Contains(err.Error(), "own text") {
			t.Errorf("what a child printed got into the error: %v", err)
		}
		if got := mustRead(t, p, "next"); got != "next" {
			t.Errorf("after %s: got %q", text, got)
		}
	}
	if _, err := readText(t.Context(), p, "wrong"); models.CodeOf(err) != models.CodeInternal {
		t.Errorf("got %v, want an error of ours", err)
	}
}

// TestAKilledChildIsNotTheDocumentsFault: a signal from elsewhere costs a second
// try, not the document.
func TestAKilledChildIsNotTheDocumentsFault(t *testing.T) { //nolint:paralleltest // it kills every child of this process
	p := newPool(t, nil)
	killed := false
	result, err := p.Read(t.Context(), "text/plain", 2, opener(strings.NewReader("ok")), func(page, _ int) {
		if !killed {
			killed = true
			// The pool's one child is ours while it reads.
			for _, pid := range children(t) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	})
	if err != nil || result.Pages != 1 {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestAnIdleChildThatDiedIsReplaced(t *testing.T) {
	t.Parallel()
	p := newPool(t, nil)
	var pid int
	if _, err := fmt.Sscan(mustRead(t, p, "who"), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, p, "who"); got == fmt.Sprint(pid) {
		t.Error("the dead child answered")
	}
}

func TestAChildIsReplacedAfterSomeDocuments(t *testing.T) {
	t.Parallel()
	p := newPool(t, func(o *Options) { o.Documents = 2 })
	first, second, third := mustRead(t, p, "who"), mustRead(t, p, "who"), mustRead(t, p, "who")
	if first != second || second == third {
		t.Errorf("processes %s, %s, %s read", first, second, third)
	}
}

func TestAChildKnowsNoKeys(t *testing.T) {
	t.Setenv("EXTRACTOR_ENCRYPTION_KEY", "secret")
	if got := mustRead(t, newPool(t, nil), "environment"); got != asChild+"=1" {
		t.Errorf("its environment is %q", got)
	}
}

func TestACancelledReadEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPool(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := p.Read(ctx, "text/plain", 4, opener(strings.NewReader("hang")), func(page, of int) {
		if page == of {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := mustRead(t, p, "next"); got != "next" {
		t.Errorf("got %q", got)
	}
}

func TestAFileThatCantBeLoadedIsNotTheChildsFault(t *testing.T) {
	t.Parallel()
	p := newPool(t, nil)
	away := errors.New("the store is away")
	for name, open := range map[string]func(context.Context) (io.ReadCloser, error){
		"not opened": func(context.Context) (io.ReadCloser, error) { return nil, away },
		"cut off":    func(context.Context) (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(away)), nil },
	} {
		if _, err := p.Read(t.Context(), "text/plain", 100, open, func(int, int) {}); !errors.Is(err, away) {
			t.Errorf("%s: got %v", name, err)
		}
		if got := mustRead(t, p, "next"); got != "next" {
			t.Errorf("%s: then got %q", name, got)
		}
	}
	_, err := p.Read(t.Context(), "text/plain", 100, opener(strings.NewReader("short")), func(int, int) {})
	if e, ok := errors.AsType[*models.Error](err); !ok || e.Type != models.FailureFileMissing {
		t.Errorf("a file that became shorter: got %v", err)
	}
}

func TestAFileThatIsTooLargeIsNotSent(t *testing.T) {
	t.Parallel()
	p := newPool(t, nil)
	open := func(context.Context) (io.ReadCloser, error) { return nil, errors.New("it was opened") }
	_, err := p.Read(t.Context(), "application/pdf", MaxFile+1, open, func(int, int) {})
	if e, ok := errors.AsType[*models.Error](err); !ok || e.Type != models.FailureDocumentTooLarge {
		t.Errorf("got %v", err)
	}
}

// TestManyReadAtOnce: each gets its own document's words.
func TestManyReadAtOnce(t *testing.T) {
	t.Parallel()
	p := newPool(t, func(o *Options) { o.Size, o.Documents = 3, 5 })
	var group errgroup.Group
	for i := range 40 {
		group.Go(func() error {
			want := fmt.Sprint("document ", i)
			if i%7 == 0 {
				_, err := readText(t.Context(), p, "broken")
				if models.CodeOf(err) != models.CodeInvalid {
					return fmt.Errorf("a broken document: %w", err)
				}
				return nil
			}
			got, err := readText(t.Context(), p, want)
			if err != nil || got != want {
				return fmt.Errorf("got %q, %w", got, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAProgramThatIsNoReaderIsAnError(t *testing.T) {
	t.Parallel()
	p := newPool(t, func(o *Options) { o.Command, o.Env = []string{"/bin/echo", "hello"}, nil })
	if _, err := readText(t.Context(), p, "x"); models.CodeOf(err) != models.CodeInternal {
		t.Errorf("got %v", err)
	}
	if _, err := NewPool(t.Context(), Options{Command: []string{"/nothing/there"}, Size: 1}); err == nil {
		t.Error("a program that is missing started")
	}
}

// FuzzPool: a child may say anything; the pool answers an error or what it said,
// within its limits.
func FuzzPool(f *testing.F) {
	encoded, err := Encode(page("x"))
	if err != nil {
		f.Fatal(err)
	}
	var good bytes.Buffer
	_ = writeJSON(&good, frameReady, struct{}{})
	_ = writeJSON(&good, frameProgress, progress{1, 2})
	_ = writeJSON(&good, frameDone, pagesRead{1})
	_ = writeFrame(&good, frameDocument, encoded)
	f.Add(good.Bytes())
	f.Add([]byte("f\x00\x00\x00\x02{}"))
	f.Add([]byte("b\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, said []byte) {
		c := &child{options: Options{Stall: time.Minute}, messages: make(chan message)}
		result, from := Result{}, newReader(said)
		for {
			kind, payload, err := readFrame(from)
			if err != nil {
				break
			}
			if done, err := c.hear(message{kind, payload}, &result, func(int, int) {}); done || err != nil {
				break
			}
		}
		if result.Encoded != nil {
			_, _ = Decode(result.Encoded)
		}
	})
}
