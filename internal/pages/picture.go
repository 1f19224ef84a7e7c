package pages

import (
	"net/url"
	"regexp"
	"strings"
)

// Picture is a picture on a stranger's server, which a page shows and does not fetch itself. The zero value shows
// nothing.
type Picture struct{ address, source string }

// hostForm is what a Content-Security-Policy can name: no wildcard, no user, no IPv6 address.
var hostForm = regexp.MustCompile(`^[0-9A-Za-z](?:[0-9A-Za-z.-]{0,252}[0-9A-Za-z])?(?::[0-9]{1,5})?$`)

// ReadPicture takes an absolute http or https address; of any other it gives the zero Picture.
func ReadPicture(address string) Picture {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || !hostForm.MatchString(u.Host) {
		return Picture{}
	}
	u.Fragment, u.RawFragment = "", ""
	if u.Path == "" {
		u.Path = "/"
	}
	// A source has no query. Browsers compare the path once its escapes are undone.
	path := strings.NewReplacer(";", "%3B", ",", "%2C", "'", "%27").Replace(u.EscapedPath())
	return Picture{address: u.String(), source: u.Scheme + "://" + u.Host + path}
}

// Address is where it is; empty where there is none to show.
func (p Picture) Address() string { return p.address }
