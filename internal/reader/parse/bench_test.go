package parse

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klippa-app/go-pdfium/requests"
)

// corpora names the folder of real documents that figures are taken on.
const corpora = "EXTRACTOR_CORPORA"

// pdfs are the PDFs of a corpus.
func pdfs(b *testing.B, corpus string) map[string][]byte {
	b.Helper()
	names, err := filepath.Glob(filepath.Join(os.Getenv(corpora), corpus, "files", "*.pdf"))
	if err != nil || len(names) == 0 {
		b.Skipf("no PDFs of %s: name the folder of the corpora by %s", corpus, corpora)
	}
	contents := map[string][]byte{}
	for _, name := range names {
		contents[name] = file(b, name)
	}
	return contents
}

// cpu is the processor time that this process, or its children, have taken.
func cpu(b *testing.B, who int) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(who, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkPDF measures the reading of a corpus, by turns with go-pdfium alone
// (characters with their fonts) and with poppler's pdftotext -bbox, in processor
// time, and how far its text agrees with poppler's: by tokens, which are runs of
// letters and digits, by words with the signs around them, and by characters.
func BenchmarkPDF(b *testing.B) {
	for _, corpus := range []string{"invoices-zugferd", "contracts-nda"} {
		b.Run(corpus, func(b *testing.B) {
			contents := pdfs(b, corpus)
			if _, err := exec.LookPath("pdftotext"); err != nil {
				b.Skip("pdftotext is missing: install poppler-utils")
			}
			r := newReader(b)
			var ours, alone, poppler time.Duration
			var pages int
			var tokens, whole, joined float64
			for name, content := range contents {
				begun := cpu(b, syscall.RUSAGE_SELF)
				d, err := r.Read(b.Context(), "application/pdf", content, func(int, int) {})
				if err != nil {
					b.Fatal(err)
				}
				ours += cpu(b, syscall.RUSAGE_SELF) - begun
				pages += len(d.Pages)
				alone += pdfiumAlone(b, r, content)
				begun = cpu(b, syscall.RUSAGE_CHILDREN)
				out, err := exec.CommandContext(b.Context(), "pdftotext", "-bbox", name, "-").Output()
				if err != nil {
					b.Fatal(err)
				}
				poppler += cpu(b, syscall.RUSAGE_CHILDREN) - begun
				var words []string
				for _, p := range d.Pages {
					for _, w := range p.Words {
						words = append(words, w.Text)
					}
				}
				theirs := popplerWords(string(out))
				whole += f1(words, theirs)
				tokens += f1(tokensOf(words), tokensOf(theirs))
				joined += f1(strings.Split(strings.Join(words, ""), ""), strings.Split(strings.Join(theirs, ""), ""))
			}
			each := float64(time.Millisecond) * float64(pages)
			b.ReportMetric(float64(ours)/each, "ms/page")
			b.ReportMetric(float64(ours)/float64(alone), "x-pdfium")
			b.ReportMetric(float64(ours)/float64(poppler), "x-poppler")
			b.ReportMetric(tokens/float64(len(contents)), "tokens-f1")
			b.ReportMetric(whole/float64(len(contents)), "words-f1")
			b.ReportMetric(joined/float64(len(contents)), "characters-f1")
		})
	}
}

// pdfiumAlone is the time that go-pdfium takes for the characters and fonts of a
// document.
func pdfiumAlone(b *testing.B, r *Reader, content []byte) time.Duration {
	b.Helper()
	begun := cpu(b, syscall.RUSAGE_SELF)
	instance, err := r.pool.GetInstance(instanceWait)
	if err != nil {
		b.Fatal(err)
	}
	opened, err := instance.OpenDocument(&requests.OpenDocument{File: &content})
	if err != nil {
		b.Fatal(err)
	}
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: opened.Document})
	if err != nil {
		b.Fatal(err)
	}
	for i := range count.PageCount {
		if _, err := instance.GetPageTextStructured(&requests.GetPageTextStructured{
			Page: requests.Page{ByIndex: &requests.PageByIndex{Document: opened.Document, Index: i}},
			Mode: requests.GetPageTextStructuredModeChars, CollectFontInformation: true,
		}); err != nil {
			b.Fatal(err)
		}
	}
	if err := instance.Close(); err != nil {
		b.Fatal(err)
	}
	return cpu(b, syscall.RUSAGE_SELF) - begun
}

func popplerWords(xml string) []string {
	var words []string
	entities := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&apos;", "'", "&amp;", "&")
	for _, match := range regexp.MustCompile(`<word [^>]*>(.*)</word>`).FindAllStringSubmatch(xml, -1) {
		words = append(words, printable(entities.Replace(match[1])))
	}
	return words
}

// tokensOf are the runs of letters and digits: two readers may part a word from the
// sign beside it differently.
func tokensOf(words []string) []string {
	return regexp.MustCompile(`[\p{L}\p{N}_]+`).FindAllString(strings.Join(words, " "), -1)
}

// f1 is the harmonic mean of precision and recall of two bags of words.
func f1(a, b []string) float64 {
	if len(a)+len(b) == 0 {
		return 1
	}
	count := map[string]int{}
	for _, w := range b {
		count[w]++
	}
	same := 0
	for _, w := range a {
		if count[w] > 0 {
			count[w]--
			same++
		}
	}
	return 2 * float64(same) / float64(len(a)+len(b))
}
