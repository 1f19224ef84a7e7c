package provider

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// A person who signs in on a hosted page gets a cookie with a token, of which only the SHA-256 is stored. The cookie
// is of one face of one workspace: its name says the face, and its path keeps it from the pages of other workspaces.
// It has no end of its own, since the browser's clock is another one; the row ends, by workspace time.

// Sessions: one row finds the person by provider, face and token, one finds those that are over.
var (
	sessionRows    = store.Bucket{Name: "session"}
	sessionEndRows = store.Bucket{Name: "session-until"}
)

type sessionRow struct {
	User  string    `json:"user"`
	Until time.Time `json:"until"`
}

// A token has the 256 bits that nobody guesses.
const (
	tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	tokenLength   = 43
)

// SignIn begins a session of the user that lasts for so long on the workspace's clock, and ends the one that the
// browser had, so that nobody shares a session which was planted. It wants a Write handler. A refusal
// that comes after it takes back both, the session and its cookie.
func (c *Call) SignIn(user string, life time.Duration) error {
	if err := c.endSessions(); err != nil {
		return err
	}
	token, err := c.newToken()
	if err != nil {
		return err
	}
	row, key := sessionRow{User: user, Until: c.Now().Add(life)}, c.sessionKey(token)
	if err := store.Forget(c.tx, sessionEndRows, sessionRows, c.Now()); err != nil {
		return err
	}
	if err := sessionRows.Put(c.tx, key, row); err != nil {
		return err
	}
	c.setCookie(http.Cookie{Value: token})
	return sessionEndRows.Put(c.tx, append(store.Key{}.Time(row.Until), key...), true)
}

// SignedIn tells who is signed in on the face of this request; "" when nobody is.
func (c *Call) SignedIn() (user string, err error) {
	for _, token := range c.sessionTokens() {
		var row sessionRow
		found, err := sessionRows.Get(c.tx, c.sessionKey(token), &row)
		if err != nil {
			return "", err
		}
		if found && c.Now().Before(row.Until) {
			return row.User, nil
		}
	}
	return "", nil
}

// SignOut ends the session; nothing where there is none. It wants a Write handler.
func (c *Call) SignOut() error {
	c.setCookie(http.Cookie{MaxAge: -1})
	return c.endSessions()
}

func (c *Call) endSessions() error {
	for _, token := range c.sessionTokens() {
		var row sessionRow
		key := c.sessionKey(token)
		found, err := sessionRows.Get(c.tx, key, &row)
		if err != nil {
			return err
		}
		if found {
			sessionRows.Delete(c.tx, key)
			sessionEndRows.Delete(c.tx, append(store.Key{}.Time(row.Until), key...))
		}
	}
	return nil
}

// newToken makes a token that no session had: not before a restart, which counts requests anew, nor before a reset,
// which counts sessions anew.
func (c *Call) newToken() (string, error) {
	n, err := c.tx.Next(c.runtime.ID + "#session")
	series := "session/" + strconv.FormatUint(n, 10) + "/" + strconv.FormatInt(c.Now().UnixMicro(), 10)
	return c.Text(series, tokenLength, tokenAlphabet), err
}

func (c *Call) sessionKey(token string) store.Key {
	digest := sha256.Sum256([]byte(token))
	return store.Key{}.Text(c.runtime.ID).Text(c.Face).Text(string(digest[:]))
}

func (c *Call) cookieName() string { return "mockbank_" + c.Face }

// maxSessionCookies is how many cookies of the name are looked at: a browser may hold some of other paths.
const maxSessionCookies = 4

func (c *Call) sessionTokens() []string {
	var tokens []string
	for _, cookie := range (&http.Request{Header: c.Header}).CookiesNamed(c.cookieName()) {
		if len(cookie.Value) == tokenLength && len(tokens) < maxSessionCookies {
			tokens = append(tokens, cookie.Value)
		}
	}
	return tokens
}

// setCookie adds the session's cookie to the reply, in the place of one that this request set before.
func (c *Call) setCookie(cookie http.Cookie) {
	cookie.Name, cookie.Path = c.cookieName(), c.facePath()
	cookie.HttpOnly, cookie.SameSite = true, http.SameSiteLaxMode
	cookie.Secure = strings.HasPrefix(c.Origin, "https://")
	others := slices.DeleteFunc(slices.Clone(c.Reply.Values("Set-Cookie")), func(set string) bool {
		return strings.HasPrefix(set, cookie.Name+"=")
	})
	c.Reply["Set-Cookie"] = append(others, cookie.String())
}

// facePath is where the face of this request is in its address: workspace and mount, as far as the path says them.
func (c *Call) facePath() string {
	if path := strings.TrimPrefix(c.Called, c.Origin); path != "" {
		return path
	}
	return "/"
}
