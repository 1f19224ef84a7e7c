package provider

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// browser is one that keeps the cookie of a face at an address.
type browser struct {
	*room
	workspace, face, path string
	cookie                *http.Cookie
	serial                uint64
	header                http.Header // of the last reply
}

func (m *room) browser(workspace string) *browser {
	return &browser{room: m, workspace: workspace, face: "bank", path: "/w/" + workspace + "/bank"}
}

// visit runs fn in the call of a request.
func (b *browser) visit(fn func(*Call) error) {
	b.t.Helper()
	b.serial++
	const origin = "http://localhost:6265"
	request := &Request{
		Workspace: b.workspace, Face: b.face, Origin: origin, Called: origin + b.path, Serial: b.serial,
		Header: http.Header{}, Reply: http.Header{},
	}
	if b.cookie != nil {
		request.Header.Set("Cookie", "other=1; "+b.cookie.Name+"="+b.cookie.Value)
	}
	b.in(b.workspace, func(tx *store.Tx) { must(b.t, fn(b.Call(context.Background(), tx, request))) })
	b.header = request.Reply
	for _, set := range (&http.Response{Header: request.Reply}).Cookies() {
		if b.cookie = set; set.MaxAge < 0 {
			b.cookie = nil
		}
	}
}

func (b *browser) signIn(user string) {
	b.t.Helper()
	b.visit(func(c *Call) error { return c.SignIn(user, time.Hour) })
}

func (b *browser) signOut() { b.t.Helper(); b.visit((*Call).SignOut) }

func (b *browser) want(user string) {
	b.t.Helper()
	b.visit(func(c *Call) error {
		got, err := c.SignedIn()
		if got != user {
			b.t.Errorf("signed in is %q, want %q", got, user)
		}
		return err
	})
}

func TestASession(t *testing.T) {
	b := newRoom(t).browser("a-1")
	b.want("")
	b.signOut() // which nobody needs
	b.signIn("ann")
	b.want("ann")
	first := b.cookie
	b.signIn("bob")
	b.want("bob")
	second := b.cookie
	if first.Value == second.Value {
		t.Error("two sessions have one token")
	}
	b.cookie = first
	b.want("") // It ended when the browser signed in again.
	b.cookie = second
	b.signOut()
	if b.cookie != nil || !strings.Contains(b.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("the browser was left with %v", b.header)
	}
	b.cookie = second
	b.want("")
}

func TestTheCookieOfASession(t *testing.T) {
	for _, row := range []struct{ origin, called, want string }{
		{"http://localhost:6265", "http://localhost:6265/w/a-1/bank", "Path=/w/a-1/bank; HttpOnly; SameSite=Lax"},
		{"https://bank.example", "https://bank.example", "Path=/; HttpOnly; Secure; SameSite=Lax"},
	} {
		m := newRoom(t)
		m.in("a-1", func(tx *store.Tx) {
			request := &Request{Face: "bank", Origin: row.origin, Called: row.called, Header: http.Header{}, Reply: http.Header{"Set-Cookie": {"theme=dark"}}}
			c := m.Call(context.Background(), tx, request)
			must(t, c.SignIn("ann", time.Hour))
			must(t, c.SignIn("ann", time.Hour)) // A call that ran twice sets one cookie.
			set := request.Reply.Values("Set-Cookie")
			if len(set) != 2 || set[0] != "theme=dark" {
				t.Fatalf("the reply sets %q", set)
			}
			token, rest, _ := strings.Cut(strings.TrimPrefix(set[1], "mockbank_bank="), "; ")
			if len(token) != tokenLength || rest != row.want {
				t.Errorf("the cookie is %q", set[1])
			}
			must(t, sessionRows.Scan(tx, nil, false, func(key store.Key, decode func(any) error) (bool, error) {
				if strings.Contains(string(key), token) {
					t.Error("the token is stored")
				}
				return true, nil
			}))
		})
	}
}

func TestASessionIsOfOneFaceOfOneWorkspace(t *testing.T) {
	m := newRoom(t)
	b := m.browser("a-1")
	b.signIn("ann")
	other := m.browser("b-2")
	other.cookie = b.cookie
	other.want("")
	b.face = "portal"
	b.cookie = &http.Cookie{Name: "mockbank_portal", Value: b.cookie.Value}
	b.want("")
}

func TestASessionEndsByWorkspaceTime(t *testing.T) {
	m := newRoom(t)
	b := m.browser(store.Default)
	b.signIn("ann")
	m.pass(time.Hour - time.Microsecond)
	b.want("ann")
	m.pass(time.Microsecond)
	b.want("")
}

// TestTokensAreNeverGivenTwice, although a restart counts requests and a reset counts sessions from the start again.
func TestTokensAreNeverGivenTwice(t *testing.T) {
	m := newRoom(t)
	seen := map[string]bool{}
	for round := range 3 {
		b := m.browser(store.Default)
		b.signIn("ann")
		if seen[b.cookie.Value] {
			t.Errorf("round %d repeats a token", round)
		}
		seen[b.cookie.Value] = true
		if round == 1 {
			m.in(store.Default, func(tx *store.Tx) { tx.Reset() })
			m.pass(time.Second)
		}
	}
}

func TestOldSessionsAreForgotten(t *testing.T) {
	m := newRoom(t)
	for range 20 {
		m.browser(store.Default).signIn("ann") // Each from a browser of its own.
		m.pass(time.Minute)
	}
	count := func() (n int) {
		m.in(store.Default, func(tx *store.Tx) {
			must(t, sessionRows.Scan(tx, nil, false, func(store.Key, func(any) error) (bool, error) { n++; return true, nil }))
		})
		return n
	}
	if got := count(); got != 20 {
		t.Fatalf("%d sessions are kept, want 20", got)
	}
	m.pass(time.Hour)
	for range 20 / store.ForgetAtOnce {
		b := m.browser(store.Default)
		b.signIn("bob")
		b.signOut()
	}
	if got := count(); got != 0 {
		t.Errorf("%d sessions that are over are kept", got)
	}
}

func (b *browser) formToken(purpose string) (token string) {
	b.t.Helper()
	b.visit(func(c *Call) error { token = c.FormToken(purpose); return nil })
	return token
}

func TestFormTokens(t *testing.T) {
	m := newRoom(t)
	b := m.browser("a-1")
	ann := m.browser("a-1")
	ann.signIn("ann")
	face := m.browser("a-1")
	face.face = "portal"
	token := b.formToken("pay 1")
	if m.browser("a-1").formToken("pay 1") != token {
		t.Error("the token is not the same for a form that is shown again")
	}
	got := map[string]string{}
	for name, other := range map[string]string{
		"another purpose": b.formToken("pay 2"), "another workspace": m.browser("b-2").formToken("pay 1"), "another face": face.formToken("pay 1"),
		"somebody signed in": ann.formToken("pay 1"), "none": "", "a part": token[:len(token)-1], "more": token + "A",
	} {
		b.visit(func(c *Call) error {
			if err := c.CheckFormToken("pay 1", other); !problem.Is(err, problem.Forbidden) {
				got[name] = "taken"
			}
			return c.CheckFormToken("pay 1", token)
		})
	}
	if diff := cmp.Diff(map[string]string{}, got); diff != "" {
		t.Error(diff)
	}
	before := ann.formToken("pay 1")
	ann.signIn("ann")
	if ann.formToken("pay 1") == before {
		t.Error("a form of an ended session is still good")
	}
}

// TestBorrowedIDsDoNotLendForms: a workspace that makes another's ids must not make its form tokens.
func TestBorrowedIDsDoNotLendForms(t *testing.T) {
	m := newRoom(t)
	m.in("b-2", func(tx *store.Tx) { tx.Change().IDsAs = "a-1" })
	if m.browser("a-1").formToken("x") == m.browser("b-2").formToken("x") {
		t.Error("it makes them")
	}
}
