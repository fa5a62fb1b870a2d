package engine

import (
	"fmt"
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// BenchmarkExtract fills a template of 20 fields and a list from documents of
// one dense page and of 200.
func BenchmarkExtract(b *testing.B) {
	template := invoiceTemplate()
	for i := range 13 {
		template.Fields = append(template.Fields, field(fmt.Sprintf("unknown_value_%d", i), models.TypeString))
	}
	for _, pages := range []int{1, 200} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			document := &reader.Document{}
			for p := range pages {
				document.Pages = append(document.Pages, densePage(p+1))
			}
			e := New()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Extract(b.Context(), document, template, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*pages)/1000, "ms/page")
		})
	}
}

func densePage(number int) reader.Page {
	lines := []string{"INVOICE", fmt.Sprintf("Invoice number:  A-%d        Customer no    4711", number), "", "Description            Quantity   Unit price   Amount"}
	for i := range 45 {
		lines = append(lines, fmt.Sprintf("%-23s%-11d%-13s%s", fmt.Sprintf("Part number %d", i), 1, "2.50", "2.50"))
	}
	lines = append(lines, "", "This sentence stands for the many words of small print that stand below the lines of an invoice.")
	return layout(number, lines...)
}
