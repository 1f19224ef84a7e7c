package attack

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
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
	inspectTags(t, raw, a.body)
}

// inspectTags wants nothing in a page that runs: pages of ours have no script.
func inspectTags(t *testing.T, raw, page string) {
	t.Helper()
	for in := html.NewTokenizer(strings.NewReader(page)); in.Next() != html.ErrorToken; {
		tag := in.Token()
		if tag.Type != html.StartTagToken && tag.Type != html.SelfClosingTagToken {
			continue
		}
		if slices.Contains([]string{"script", "iframe", "object", "embed", "svg", "base"}, tag.Data) {
			t.Errorf("%.200q: the page has %s", raw, tag)
		}
		for _, attribute := range tag.Attr {
			if strings.HasPrefix(attribute.Key, "on") || runs.MatchString(attribute.Val) && attribute.Key != "value" {
				t.Errorf("%.200q: the page has %s", raw, tag)
			}
		}
	}
}

// runs are addresses that do.
var runs = regexp.MustCompile(`(?i)^(?:[0-9]+;\s*url=)?\s*(?:javascript|data|vbscript)\s*:`)

// strange are texts that mean something in a page to whoever does not escape them.
var strange = []string{
	`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `</title><svg onload=alert(1)>`, `" onfocus=alert(1) autofocus x="`, `javascript:alert(1)//`,
	`</style><script>alert(1)</script>`, `{{.}}<script>`, "x\r\nSet-Cookie: a=b", `<!--><script>alert(1)</script>`, "\u2028<script>",
}

// TestPagesShowTextOfStrangersAsText, be it in the address, the query or a cookie.
func TestPagesShowTextOfStrangersAsText(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, path := range d.pages {
			for _, text := range strange {
				target := strings.ReplaceAll(path, "*", url.QueryEscape(text))
				lines := []string{"Accept: text/html", "Cookie: mockbank=" + url.QueryEscape(text), "Referer: " + url.QueryEscape(text)}
				got := refused(t, request("GET", target, nil, lines...), 200, 302, 303, 400, 401, 403, 404)
				if strings.Contains(got.header.Get("Set-Cookie"), "a=b") || away(got) {
					t.Errorf("%s: %v", target, got.header)
				}
			}
		}
	})
}

// TestPagesShowWhatWasStoredAsText: what came in by the API is seen by people.
func TestPagesShowWhatWasStoredAsText(t *testing.T) {
	for _, text := range strange {
		d := named(t, "finqlink")
		var link struct {
			URL string `json:"web_url"`
		}
		made := d.send(t, d.with(flaw{at: "single_transfer.creditor_name", value: text}))
		if err := json.Unmarshal([]byte(made.body), &link); err == nil && link.URL != "" {
			d.visit(t, link.URL)
		}
		d = named(t, "payone")
		var checkout struct {
			ID string `json:"id"`
		}
		made = d.send(t, d.with(flaw{at: "description", value: text}))
		if err := json.Unmarshal([]byte(made.body), &checkout); err != nil || checkout.ID == "" {
			t.Fatal(made, err)
		}
		d.visit(t, "http://localhost/payone/p/"+checkout.ID)
		d.send(t, d.with(flaw{at: "backgroundImage", value: text}))
	}
}

// visit opens a page and wants it to be one.
func (d door) visit(t *testing.T, address string) {
	t.Helper()
	_, path, _ := strings.Cut(address, "localhost")
	got := refused(t, request("GET", path, nil), 200)
	if !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		t.Errorf("%s is no page: %v", address, got.header)
	}
}

// TestFormsOfPages: a form has one reading too, and what is none is refused before anybody looks what it is for.
func TestFormsOfPages(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded"
	each(t, func(t *testing.T, d door) {
		if d.form == "" {
			return
		}
		for name, c := range map[string]struct {
			body  string
			lines []string
		}{
			"JSON": {"{}", []string{"Content-Type: application/json"}}, "no type": {"a=1", nil}, "several parts": {"--x--", []string{"Content-Type: multipart/form-data; boundary=x"}},
			"a field twice": {"token=1&token=2", []string{form}}, "a broken escape": {"token=%zz", []string{form}}, "no text": {"token=%ff", []string{form}}, "a zero byte": {"token=%00", []string{form}},
			"packed": {"\x1f\x8b", []string{form, "Content-Encoding: gzip"}}, "two types": {"a=1", []string{form, "Content-Type: text/plain"}}, "in UTF-16": {"a=1", []string{form + "; charset=utf-16"}},
			"too many fields": {strings.Repeat("&", 100_000), []string{form}}, "too long": {strings.Repeat("a", 2<<20), []string{form}},
			"from elsewhere": {"token=1", []string{form, "Sec-Fetch-Site: cross-site"}}, "from another origin": {"token=1", []string{form, "Origin: http://evil.example"}},
		} {
			oneOf(t, name, say(t, request("POST", d.form, []byte(c.body), c.lines...)), []int{400, 401, 403, 413, 415})
		}
	})
}

// TestAddressesToGoTo: a shop's address is one that a browser goes to, and runs nothing.
func TestAddressesToGoTo(t *testing.T) {
	places := map[string][]string{"finqlink": {"redirect_url"}, "payone": {"successUrl", "errorUrl", "backUrl", "notifyUrl", "logo"}}
	for name, members := range places {
		d := named(t, name)
		for _, member := range members {
			for _, address := range []string{
				"javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "javascript://shop.example/%0aalert(1)", "data:text/html,<script>", "data://x",
				"file:///etc/passwd", "vbscript:x", "//evil.example", "/relative", "\\\\evil.example", "https:\\\\evil.example", "http:///x", "http://", "https:evil.example",
				"http://shop.example/\r\nSet-Cookie: a=b", "http://shop.example/\x00", "blob:http://x", "", "http://[::1", "http://a b/",
			} {
				body := d.body(serial.Add(1))
				if name == "finqlink" {
					body["options"] = object{member: address}
				} else {
					body[member] = address
				}
				if got := d.send(t, must(json.Marshal(body))); got.status != 400 {
					t.Errorf("%s %q: %s", member, address, got)
				}
			}
		}
	}
}

// TestNobodyIsLedAway: the page after signing in is one of ours.
func TestNobodyIsLedAway(t *testing.T) {
	const login = "/onelinkfintech-dashboard/login"
	token := regexp.MustCompile(`name="token" value="([^"]+)"`)
	for _, to := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/%09/evil.example", "javascript:alert(1)", "/..//evil.example", "/\t/evil.example", "@evil.example", ".evil.example"} {
		target := login + "?to=" + url.QueryEscape(to)
		page := refused(t, request("GET", target, nil), 200)
		found := token.FindStringSubmatch(page.body)
		if found == nil {
			t.Fatalf("no form: %s", page)
		}
		form := url.Values{"token": {found[1]}, "email": {"dev@example.test"}, "password": {"mock-password-1"}}.Encode()
		lines := []string{"Content-Type: application/x-www-form-urlencoded"}
		if cookie := page.header.Get("Set-Cookie"); cookie != "" {
			lines = append(lines, "Cookie: "+strings.Split(cookie, ";")[0])
		}
		got := refused(t, request("POST", target, []byte(form), lines...), 303, 401)
		if got.status != 303 || away(got) {
			t.Errorf("%q leads to %q: %s", to, got.header.Get("Location"), got)
		}
	}
}
