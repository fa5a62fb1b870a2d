package api

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// pageView is how a page looks before its script knows better.
type pageView struct {
	theme string
	// language is one that there are pages in, as ISO 639 has it.
	language string
	// variables are the host's own colours and shapes, as declarations of CSS.
	variables string
}

// apply gives a prerendered page the theme, and the variables behind all else of
// its style, over that of the components' theme.
func (v pageView) apply(content []byte) []byte {
	content = bytes.ReplaceAll(content, []byte(`data-theme="auto"`), []byte(`data-theme="`+v.theme+`"`))
	if v.variables == "" {
		return content
	}
	return bytes.Replace(content, []byte("</style>"), []byte("[data-theme]{"+v.variables+"}</style>"), 1)
}

// themeVariables are those of the React package's ThemeVariable.
func themeVariables() []string {
	return []string{"font", "background", "surface", "text", "muted", "border", "accent", "accent-text", "danger", "success", "warning", "radius"}
}

// maxVariable is the length of a variable's value, in bytes.
const maxVariable = 100

// variablesOf takes the variables from a page's query; a value that could end its
// declaration (CSS Syntax Level 3, section 5.4.4), or name an address, is left out.
func variablesOf(query url.Values) string {
	var css strings.Builder
	for _, name := range themeVariables() {
		value := query.Get(name)
		if value == "" || len(value) > maxVariable || strings.ContainsFunc(value, notInVariable) {
			continue
		}
		css.WriteString("--ex-" + name + ":" + value + ";")
	}
	return css.String()
}

func notInVariable(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune("#%(),.- ", r)
}

// pageLanguages are those that the UI's build prerenders the pages in.
func pageLanguages() []string { return []string{"en", "de", "fr", "es"} }

// viewOf takes the theme, the variables and the language from a page's query; without a
// language that there are pages in, the browser's first such one (RFC 9110,
// section 12.5.4), else English.
func viewOf(r *http.Request) pageView {
	query := r.URL.Query()
	view := pageView{theme: "auto", language: "en", variables: variablesOf(query)}
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
