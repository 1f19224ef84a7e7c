package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/spec"
)

// tokenless are operations that tell nothing: a container's health check knows no token, and neither does a client that
// has yet to trust the CA.
var tokenless = map[string]bool{"getHealth": true, "getAuthority": true}

// guarded are operations that show all secrets at once, or replace all that there is. Where there is a token they want
// it also of those for whom the rest is open.
var guarded = map[string]bool{saveOperation: true, loadOperation: true}

// admitHost keeps out web pages: those of other origins, and those whose name was made to point here (DNS
// rebinding).
func (c *Control) admitHost(r *http.Request) error {
	host := hostname(r.Host)
	switch {
	case crossSite(r):
		return problem.New(problem.Forbidden, "cross_origin", "A page of another origin may not call the control API. Call it from a program, or from a page that mockbank itself serves.")
	case c.real[host]:
		return problem.New(problem.Forbidden, "provider_host", "The control API does not answer under a provider's own host name. Call it at the address of mockbank, such as http://localhost:6265.")
	case !c.known(host) && !c.hasToken(r):
		return problem.Newf(problem.Forbidden, "unknown_host", "The control API does not answer under the name %q. Use localhost or an address, or start mockbank with --host and that name.", host)
	}
	return nil
}

// crossSite goes by what browsers say of themselves; other programs send neither header.
func crossSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		origin := r.Header.Get("Origin")
		u, err := url.Parse(origin)
		return origin != "" && (err != nil || !strings.EqualFold(u.Host, r.Host))
	}
	return true
}

func (c *Control) known(host string) bool {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		slices.ContainsFunc(c.Hosts, func(name string) bool { return strings.EqualFold(name, host) })
}

// admitCaller asks for the token, unless the API is open.
func (c *Control) admitCaller(r *http.Request, op *spec.Operation) error {
	open := c.Open && (c.Token == "" || !guarded[op.ID])
	if open || tokenless[op.ID] || c.hasToken(r) {
		return nil
	}
	say := "The control API wants the token of --control-token: send the header Authorization: Bearer TOKEN."
	if c.Token == "" {
		say = "The control API is closed, because mockbank can be reached from other machines. Start it with --control-token TOKEN and send that as the bearer token, or with --control-open where the network is your own."
	}
	return problem.New(problem.Unauthenticated, "no_control_token", say).With("WWW-Authenticate", `Bearer realm="mockbank control"`)
}

// hasToken compares in constant time.
func (c *Control) hasToken(r *http.Request) bool {
	values := r.Header.Values("Authorization")
	if c.Token == "" || len(values) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	want, got := sha256.Sum256([]byte(c.Token)), sha256.Sum256([]byte(strings.TrimSpace(token)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// hostname is a Host header's name in lower case, without port and final dot.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// origin is scheme and host as the client names them, or the public ones.
func (c *Control) origin(r *http.Request) string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host
}
