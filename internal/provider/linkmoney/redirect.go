package linkmoney

import (
	"net/url"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The provider's hosts.
const (
	apiSandbox       = "api.link-sandbox.money"
	apiProduction    = "api.link.money"
	clientSandbox    = "client.link-sandbox.money"
	clientProduction = "client.link.money"
	staticHost       = "static.link.money"
)

const redirectNotAllowed = "REDIRECT_NOT_ALLOWED"

// production tells whether the call came to one of the production names. That decides about redirects, and nothing
// else: both environments share one store.
func production(c *provider.Call) bool {
	u, err := url.Parse(c.Origin)
	return err == nil && slices.Contains([]string{apiProduction, clientProduction}, strings.ToLower(u.Hostname()))
}

// clientBase is the address of the hosted page beside that by which the call came, staticBase that of the files.
func clientBase(c *provider.Call) string { return beside(c.Base(), clientFace) }
func staticBase(c *provider.Call) string { return beside(c.Base(), staticFace) }

// realHosts names the face's host for each host of another.
var realHosts = map[string]map[string]string{
	clientFace: {apiSandbox: clientSandbox, apiProduction: clientProduction, staticHost: clientSandbox},
	staticFace: {apiSandbox: staticHost, apiProduction: staticHost, clientSandbox: staticHost, clientProduction: staticHost},
}

// beside turns the address of one face into that of another: the real host, the name below localhost, or the mount.
func beside(base, face string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	host, port := strings.ToLower(u.Hostname()), ""
	if u.Port() != "" {
		port = ":" + u.Port()
	}
	if other := realHosts[face][host]; other != "" {
		u.Host = other + port
		return u.String()
	}
	for _, name := range []string{clientFace, staticFace, ID} {
		if labels, ok := strings.CutSuffix(host, ".localhost"); ok && (labels == name || strings.HasSuffix(labels, "."+name)) {
			u.Host = strings.TrimSuffix(labels, name) + face + ".localhost" + port
			return u.String()
		}
		if path, ok := strings.CutSuffix(u.Path, "/"+name); ok {
			u.Path = path + "/" + face
			return u.String()
		}
	}
	return base
}

// allowedRedirect refuses a target that customers may not be sent to from where the call came in. settings are those
// of the merchant's client.
func allowedRedirect(c *provider.Call, settings map[string]any, target string) error {
	u, ok := redirectTarget(target)
	if !ok {
		return problem.New(problem.Invalid, "", "must be an absolute http or https URL, or one of an app such as myapp://linked")
	}
	if !production(c) {
		return nil
	}
	allowed, _ := settings["redirect_allow_list"].([]any)
	for _, prefix := range allowed {
		if text, _ := prefix.(string); covers(text, u) {
			return nil
		}
	}
	return problem.New(problem.Refused, redirectNotAllowed, "The redirect is not pre-approved: add it to redirect_allow_list of the merchant's client, or use the sandbox names")
}

// scripts are schemes by which a page would do something else than lead on.
var scripts = []string{"javascript", "data", "file", "vbscript", "blob", "about"}

// redirectTarget reads the address that a customer is to be sent to. White space, controls and back-slashes are read
// differently by browsers and by us.
func redirectTarget(target string) (*url.URL, bool) {
	if strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return nil, false
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme == "" || !strings.Contains(target, "://") || slices.Contains(scripts, u.Scheme) {
		return nil, false
	}
	web := u.Scheme == "http" || u.Scheme == "https"
	return u, !web || u.Host != "" && u.User == nil
}

// covers tells whether an entry of the allow list takes a target: the same scheme, host and port, and a path below.
func covers(prefix string, target *url.URL) bool {
	u, ok := redirectTarget(prefix)
	if !ok || u.Scheme != target.Scheme || !strings.EqualFold(u.Hostname(), target.Hostname()) || portOf(u) != portOf(target) {
		return false
	}
	below, ok := strings.CutPrefix(target.EscapedPath(), strings.TrimSuffix(u.EscapedPath(), "/"))
	climbs := slices.Contains(strings.Split(target.Path, "/"), "..")
	return ok && !climbs && (below == "" || below[0] == '/')
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	case u.Scheme == "http":
		return "80"
	}
	return ""
}

// parameter is one of those that a redirect carries.
type parameter struct{ name, value string }

// withParameters adds parameters to an address, and keeps the query and the fragment that it has.
func withParameters(address string, all []parameter) string {
	address, fragment, anchored := strings.Cut(address, "#")
	for _, p := range all {
		separator := "?"
		if strings.Contains(address, "?") {
			separator = "&"
		}
		if strings.HasSuffix(address, "?") || strings.HasSuffix(address, "&") {
			separator = ""
		}
		address += separator + p.name + "=" + url.QueryEscape(p.value)
	}
	if anchored {
		address += "#" + fragment
	}
	return address
}
