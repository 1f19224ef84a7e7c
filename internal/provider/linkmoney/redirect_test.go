package linkmoney

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"
)

func TestTheFacesLieBesideEachOther(t *testing.T) {
	for _, tt := range []struct{ base, client, static string }{
		{"http://localhost:6265/linkmoney", "http://localhost:6265/linkmoney-client", "http://localhost:6265/linkmoney-static"},
		{"http://localhost:6265/w/linkmoney/linkmoney", "http://localhost:6265/w/linkmoney/linkmoney-client", "http://localhost:6265/w/linkmoney/linkmoney-static"},
		{"http://linkmoney.localhost:6265", "http://linkmoney-client.localhost:6265", "http://linkmoney-static.localhost:6265"},
		{"http://a.linkmoney.localhost", "http://a.linkmoney-client.localhost", "http://a.linkmoney-static.localhost"},
		{"https://api.link-sandbox.money", "https://client.link-sandbox.money", "https://static.link.money"},
		{"https://api.link.money:6266/w/a", "https://client.link.money:6266/w/a", "https://static.link.money:6266/w/a"},
		{"https://mock.test/base/linkmoney-client", "https://mock.test/base/linkmoney-client", "https://mock.test/base/linkmoney-static"},
		{"http://127.0.0.1:7001", "http://127.0.0.1:7001", "http://127.0.0.1:7001"},
	} {
		if client, static := beside(tt.base, clientFace), beside(tt.base, staticFace); client != tt.client || static != tt.static {
			t.Errorf("%s: %s and %s", tt.base, client, static)
		}
	}
}

func TestRedirectTargets(t *testing.T) {
	for target, want := range map[string]bool{
		"http://localhost:3000/x?y=1#z": true, "https://shop.test": true, "myapp://linked": true,
		"": false, "undefined": false, "/back": false, "//shop.test/": false, "shop.test/": false, "http:///x": false, "http:shop.test": false,
		"javascript:alert(1)": false, "javascript://x/%0aalert(1)": false, "data:text/html,x": false, "file:///etc/passwd": false,
		"JavaScript://x": false, " http://shop.test": false, "http://shop.test\n": false, `http:\\shop.test`: false, "http://a@shop.test/": false,
	} {
		if _, got := redirectTarget(target); got != want {
			t.Errorf("%q: %v", target, got)
		}
	}
}

func TestTheAllowListTakesWhatLiesBelow(t *testing.T) {
	for _, tt := range []struct {
		prefix, target string
		want           bool
	}{
		{"https://shop.test/back", "https://shop.test/back", true},
		{"https://shop.test/back", "https://shop.test/back/x?y=1", true},
		{"https://shop.test/back/", "https://shop.test/back/x", true},
		{"https://shop.test", "https://shop.test/anything", true},
		{"https://shop.test", "https://SHOP.test:443/", true},
		{"https://shop.test/back", "https://shop.test/backdoor", false},
		{"https://shop.test/back", "https://shop.test/back/../admin", false},
		{"https://shop.test/back", "https://shop.test/back/%2e%2e/admin", false},
		{"https://shop.test", "http://shop.test/", false},
		{"https://shop.test", "https://shop.test.evil.test/", false},
		{"https://shop.test", "https://shop.test:444/", false},
		{"nonsense", "https://shop.test/", false},
	} {
		u, ok := redirectTarget(tt.target)
		if got := ok && covers(tt.prefix, u); got != tt.want {
			t.Errorf("%s covers %s: %v", tt.prefix, tt.target, got)
		}
	}
}

// Whatever is added is read back as it was, after what was there, and the fragment stays.
func TestParametersAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value, base := rapid.String().Draw(t, "value"), rapid.SampledFrom([]string{"http://shop.test/x", "http://shop.test/x?", "http://shop.test/x?a=1", "http://shop.test/x?a=1&"}).Draw(t, "base")
		u, err := url.Parse(withParameters(base+"#end", []parameter{{"status", "200"}, {"v", value}}))
		if err != nil {
			t.Fatal(err)
		}
		query := u.Query()
		if query.Get("status") != "200" || query.Get("v") != value || u.Fragment != "end" || u.Path != "/x" || query.Has("a") != (query.Get("a") == "1") {
			t.Fatalf("%s", u)
		}
	})
}

func FuzzRedirectTarget(f *testing.F) {
	for _, target := range []string{"http://shop.test/", "javascript://x", "myapp://a", "http://[::1", "%"} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u, ok := redirectTarget(target)
		if !ok {
			return
		}
		for _, script := range scripts {
			if u.Scheme == script {
				t.Errorf("%q leads to a script", target)
			}
		}
		if back, err := url.Parse(withParameters(target, []parameter{{"status", "200"}})); err != nil || back.Host != u.Host || back.Scheme != u.Scheme {
			t.Errorf("%q becomes %v, %v", target, back, err)
		}
	})
}
