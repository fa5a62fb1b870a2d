package api

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// pageView is how a page looks before its script knows better.
type pageView struct {
	theme string
	// language is one that there are pages in, as ISO 639 has it.
	language string
}

// pageLanguages are those that the UI's build prerenders the pages in.
func pageLanguages() []string { return []string{"en", "de", "fr", "es"} }

// viewOf takes the theme and the language from a page's query; without a
// language that there are pages in, the browser's first such one (RFC 9110,
// section 12.5.4), else English.
func viewOf(r *http.Request) pageView {
	query := r.URL.Query()
	view := pageView{theme: "auto", language: "en"}
	if theme := query.Get("theme"); theme == "light" || theme == "dark" {
		view.theme = theme
	}
	wanted := []string{query.Get("locale")}
	accepted, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")) // a header that is none accepts nothing
	for _, tag := range accepted {
		wanted = append(wanted, tag.String())
	}
	for _, tag := range wanted {
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(pageLanguages(), primary) {
			view.language = primary
			break
		}
	}
	return view
}
