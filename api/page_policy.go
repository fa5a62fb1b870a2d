package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"decoded.digital/extractor/models"
)

// frameAncestors are the sources (CSP Level 3, section 2.3.1) of those who may
// frame a page: the origin that a session was made for, else the hosts of the
// API key's allowedDomains. A source without a scheme would take the page's own,
// so each has one: https, and http where the host can be this machine alone.
func (s *Server) frameAncestors(who *identity) []string {
	if made := who.session.Origin; made != "" && made != s.origin {
		return []string{made}
	}
	if len(who.key.AllowedDomains) == 0 {
		return []string{"https:", "http://localhost:*"}
	}
	var sources []string
	for _, domain := range who.key.AllowedDomains {
		if local(domain) {
			sources = append(sources, "http://"+domain+":*", "https://"+domain+":*")
			continue
		}
		sources = append(sources, "https://"+domain)
	}
	return sources
}

// local says whether a domain is this machine's by RFC 6761, section 6.3.
func local(domain string) bool {
	return domain == "localhost" || strings.HasSuffix(domain, ".localhost")
}

// pagePolicy is a page's Content-Security-Policy: all of it is ours, no script
// stands in the page itself, and who may frame it is named; no sources: nobody.
func pagePolicy(ancestors []string) string {
	if len(ancestors) == 0 {
		ancestors = []string{"'none'"}
	}
	return "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; worker-src 'self' blob:; " +
		"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors " + strings.Join(ancestors, " ")
}

// allowStyle lets a page have the style that the build put into it: by its hash
// (CSP Level 3, section 2.3.1), so that no other one is taken.
func allowStyle(header http.Header, content []byte) {
	_, rest, found := bytes.Cut(content, []byte("<style>"))
	style, _, closed := bytes.Cut(rest, []byte("</style>"))
	if !found || !closed {
		return
	}
	sum := sha256.Sum256(style)
	source := "style-src 'self' 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	header.Set("Content-Security-Policy", strings.Replace(header.Get("Content-Security-Policy"), "style-src 'self'", source, 1))
}

// framedBy is the origin of the page that frames this one, as far as its
// Referer says it.
func framedBy(destination, referrer string) string {
	switch destination {
	case "iframe", "frame", "object", "embed":
		return models.NormalOrigin(referrer)
	}
	return ""
}
