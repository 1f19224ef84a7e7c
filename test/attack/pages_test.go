package attack

import (
	"strings"
	"testing"
)

// inspectPage holds a page to the headers with which each is sent: nobody frames it, it runs nothing, and it tells
// nobody where its reader was.
func inspectPage(t *testing.T, raw string, a answer) {
	t.Helper()
	policy := a.header.Get("Content-Security-Policy")
	for _, rule := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, rule) {
			t.Errorf("%.200q: the policy of the page is %q and lacks %s", raw, policy, rule)
		}
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%.200q: the page is sent with %s %q, want %q", raw, name, got, want)
		}
	}
}
