package webhook

import (
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
)

// InboxHost is the host of URLs that are delivered in the process, to the inbox: http://inbox.localhost/WS/NAME.
const InboxHost = "inbox.localhost"

const (
	maxURL       = 2048
	controlMount = "_mockbank"
)

var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`)

// CheckURL says what is wrong with a URL that somebody wants notifications at, as a problem.Invalid. Which
// address a name has is looked at when a connection is made, since it may be another one by then.
func CheckURL(raw string) error {
	if flaw := flawOf(raw); flaw != "" {
		return problem.New(problem.Invalid, "bad_webhook_url", "The webhook URL "+flaw)
	}
	return nil
}

// flawOf ends the sentence "The webhook URL ..."; empty: there is none.
func flawOf(raw string) string {
	switch {
	case raw == "":
		return "is empty"
	case len(raw) > maxURL:
		return "is longer than 2,048 characters"
	case strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "holds a blank or a control character: percent-encode it"
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "can not be read as a URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return "must begin with http:// or https://"
	case u.Opaque != "" || u.Host == "":
		return "names no host"
	case u.User != nil:
		return "holds a user name or a password, which is not sent"
	case u.Fragment != "":
		return "has a fragment (#...), which is not sent"
	}
	if flaw := hostFlaw(u); flaw != "" {
		return flaw
	}
	return pathFlaw(u)
}

func hostFlaw(u *url.URL) string {
	host, port := u.Hostname(), u.Port()
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) || strings.HasSuffix(u.Host, ":") {
		return "has a port that is not between 1 and 65535"
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	if len(host) > 253 || !hostName.MatchString(host) {
		return "has a host that is no ASCII name and no address: write an international name in its xn-- form"
	}
	return ""
}

func pathFlaw(u *url.URL) string {
	for part := range strings.SplitSeq(path.Clean(strings.ReplaceAll(u.Path, `\`, "/")), "/") {
		if strings.EqualFold(part, controlMount) {
			return "leads to mockbank's own control API"
		}
	}
	if u.Hostname() != InboxHost {
		return ""
	}
	if _, _, ok := inboxOf(u); !ok {
		return "must have the form http://inbox.localhost/WORKSPACE/NAME for the built-in inbox"
	}
	return ""
}

// inboxOf reads workspace and name from an inbox's URL.
func inboxOf(u *url.URL) (workspace, name string, ok bool) {
	workspace, name, ok = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return workspace, name, ok && checkInbox(workspace, name) == nil
}

// mailTarget begins the target of a letter: mailto: and one address (RFC 6068).
const mailTarget = "mailto:"

// MailTo is the target of a delivery by mail.
func MailTo(address string) string { return mailTarget + url.PathEscape(address) }

// mailAddress reads what MailTo wrote.
func mailAddress(target string) (address string, ok bool) {
	escaped, ok := strings.CutPrefix(target, mailTarget)
	if !ok {
		return "", false
	}
	address, err := url.PathUnescape(escaped)
	return address, err == nil
}

// lane tells which targets are one receiver, whose slowness they share: those of one host and port, each inbox
// alone, and all of mail.
func lane(target string) string {
	if strings.HasPrefix(target, mailTarget) {
		return mailTarget
	}
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	if u.Hostname() == InboxHost {
		return u.Host + u.Path
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}
