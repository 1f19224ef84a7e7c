package link1_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

const (
	portal   = "/1link-portal"
	dev      = "dev@example.test"
	admin    = "admin@example.test"
	password = "mock-password-1"
)

// person is a browser with its cookie.
type person struct {
	*providertest.House
	t      testing.TB
	cookie string
}

// anybody is a person who is not signed in.
func anybody(t testing.TB, h *providertest.House) *person { return &person{House: h, t: t} }

func visitor(t testing.TB, h *providertest.House, email, password string) *person {
	t.Helper()
	p := anybody(t, h)
	if got := p.signs(email, password); got.Status != 303 {
		t.Fatalf("sign in: %d %s", got.Status, got.Body)
	}
	return p
}

func developer(t testing.TB, h *providertest.House) *person { return visitor(t, h, dev, password) }

func administrator(t testing.TB, h *providertest.House) *person {
	return visitor(t, h, admin, "mock-password-2")
}

func (p *person) signs(email, password string) providertest.Answer {
	p.t.Helper()
	got := p.sends("/user/login", "email", email, "password", password)
	if set := got.Header.Get("Set-Cookie"); set != "" {
		p.cookie, _, _ = strings.Cut(set, ";")
	}
	return got
}

func (p *person) do(method, target, body string) providertest.Answer {
	p.t.Helper()
	header := http.Header{}
	if p.cookie != "" {
		header.Set("Cookie", p.cookie)
	}
	if method == http.MethodPost {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.Do(method, target, header, []byte(body))
}

func (p *person) opens(path string) providertest.Answer {
	p.t.Helper()
	return p.do(http.MethodGet, portal+path, "")
}

// reads is what stands on a page that is there.
func (p *person) reads(path string) string {
	p.t.Helper()
	got := p.opens(path)
	if got.Status != 200 {
		p.t.Fatalf("%s: %d %s", path, got.Status, got.Body)
	}
	return html.UnescapeString(string(got.Body))
}

var formPattern = regexp.MustCompile(`(?s)<form[^>]* action="([^"]*)">.*?name="token" value="([^"]*)"`)

// sends fills in the form of a page that is sent to the page itself, and sends it.
func (p *person) sends(page string, fields ...string) providertest.Answer {
	p.t.Helper()
	here, _, _ := strings.Cut(page, "?")
	for _, form := range formPattern.FindAllStringSubmatch(p.reads(page), -1) {
		action := form[1]
		if path, _, _ := strings.Cut(action, "?"); path == portal+here {
			return p.posts(action, append(fields, "token", form[2])...)
		}
	}
	p.t.Fatalf("%s has no form of its own", page)
	return providertest.Answer{}
}

func (p *person) posts(target string, fields ...string) providertest.Answer {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return p.do(http.MethodPost, target, form.Encode())
}

// goes sends a form that leads on to another page, and reads that.
func (p *person) goes(page string, fields ...string) string {
	p.t.Helper()
	got := p.sends(page, fields...)
	to, ok := strings.CutPrefix(got.Header.Get("Location"), portal)
	if got.Status != 303 || !ok {
		p.t.Fatalf("%s leads to %d %q: %s", page, got.Status, got.Header.Get("Location"), got.Body)
	}
	return p.reads(to)
}

func (p *person) wants(page string, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			p.t.Errorf("the page does not say %q:\n%s", text, page[strings.Index(page, "<main"):])
		}
	}
}

// shown is what a page shows this once.
func (p *person) shown(page, id string) string {
	p.t.Helper()
	match := regexp.MustCompile(`<code id="` + id + `">([^<]+)</code>`).FindStringSubmatch(page)
	if match == nil {
		p.t.Fatalf("the page shows no %s:\n%s", id, page)
	}
	return match[1]
}
