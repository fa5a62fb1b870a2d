package graphfake_test

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

// look opens a page as a browser does, without following where it is sent.
func look(t *testing.T, s *graphfake.Server, method, address, body string) (text, sent string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := s.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page), response.Header.Get("Location")
}

// press is the address of a page's link.
func press(t *testing.T, page, address, link string) string {
	t.Helper()
	found := regexp.MustCompile(`href="(\?[^"]*)">` + regexp.QuoteMeta(link) + `<`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no link %q in %s", link, page)
	}
	at, _, _ := strings.Cut(address, "?")
	return at + html.UnescapeString(found[1])
}

func demo(t *testing.T) *graphfake.Server {
	t.Helper()
	s := graphfake.New(graphfake.Options{})
	t.Cleanup(s.Close)
	s.Demo(graphfake.PDF(1))
	return s
}

func TestABrowserPicksWhoSignsIn(t *testing.T) {
	t.Parallel()
	s := demo(t)
	query := url.Values{
		"client_id": {"client"}, "response_type": {"code"}, "redirect_uri": {"https://extractor.example.com/callback"}, "state": {"s 1"},
		"code_challenge": {"x"}, "code_challenge_method": {"S256"},
	}
	address := s.URL + "/organizations/oauth2/v2.0/authorize?" + query.Encode()
	page, _ := look(t, s, http.MethodGet, address, "")
	for link, want := range map[string]string{
		"Allow as jo@contoso.test": "code=", "Cancel": "error=access_denied", "Play an organisation whose administrator must approve": "error=consent_required",
	} {
		if _, sent := look(t, s, http.MethodGet, press(t, page, address, link), ""); !strings.Contains(sent, want) || !strings.Contains(sent, "state=s+1") {
			t.Errorf("%s: sent to %s", link, sent)
		}
	}
}

func TestABrowserApprovesForAnOrganisation(t *testing.T) {
	t.Parallel()
	s := demo(t)
	query := url.Values{"client_id": {"client"}, "scope": {"Mail.Read"}, "redirect_uri": {"https://extractor.example.com/callback"}, "state": {"s"}}
	address := s.URL + "/organizations/v2.0/adminconsent?" + query.Encode()
	page, _ := look(t, s, http.MethodGet, address, "")
	for link, want := range map[string]string{"Approve": "admin_consent=True", "Cancel": "error=access_denied"} {
		if _, sent := look(t, s, http.MethodGet, press(t, page, address, link), ""); !strings.Contains(sent, want) {
			t.Errorf("%s: sent to %s", link, sent)
		}
	}
}

func TestABrowserSendsMail(t *testing.T) {
	t.Parallel()
	s := demo(t)
	form := url.Values{"to": {"jo@contoso.test"}, "from": {"a@b.test"}, "subject": {"<script>alert(1)</script>"}}
	if page, sent := look(t, s, http.MethodPost, s.URL+"/fake/send", form.Encode()); sent != "/fake/" {
		t.Fatalf("sent to %q: %s", sent, page)
	}
	page, _ := look(t, s, http.MethodGet, s.URL+"/fake/", "")
	if !strings.Contains(page, "&lt;script&gt;alert(1)") || strings.Contains(page, "<script>") {
		t.Errorf("the mail is not shown, or runs: %s", page)
	}
}
