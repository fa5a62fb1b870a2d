package mailbox

import (
	"errors"
	"net/url"
	"strings"
)

// CheckLink says whether link, a page's nextLink or deltaLink, leads to the
// Graph that base names. Links are absolute and lie in our database; without
// this a tampered one would take the token along, or, as the SDK has it, lose
// it without a word.
func CheckLink(base *url.URL, link string) error {
	u, err := url.Parse(link)
	if err != nil {
		return &Error{Failure: ForeignLink, Cause: errors.New("the link is no URL")}
	}
	if u.Scheme != base.Scheme || !strings.EqualFold(u.Host, base.Host) || u.User != nil || u.Opaque != "" {
		return &Error{Failure: ForeignLink, Cause: errors.New("the link leads to another host than Graph's")}
	}
	return nil
}
