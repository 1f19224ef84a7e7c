package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// FormToken is what a form of a hosted page carries in a hidden field, so that only a page which this browser was
// shown can send it. It is good for one purpose, such as "execute" and the id of what is executed, and for the
// session that the browser has, or has not; nothing of it is stored.
func (c *Call) FormToken(purpose string) string {
	key := c.formKey()
	mac := hmac.New(sha256.New, key[:])
	mac.Write(store.Key{}.Text(c.Face).Text(purpose).Text(strings.Join(c.sessionTokens(), " ")))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// CheckFormToken refuses a form whose token is not the one for the purpose, as a problem.Forbidden.
func (c *Call) CheckFormToken(purpose, token string) error {
	if hmac.Equal([]byte(token), []byte(c.FormToken(purpose))) {
		return nil
	}
	return problem.New(problem.Forbidden, "bad_form_token", "This form is out of date, or was not sent from its own page: go back, reload the page and send it again")
}

// formKey follows from the workspace and appears nowhere. It is the workspace's own, also where ids are borrowed.
func (c *Call) formKey() [32]byte {
	own := *c.tx.Workspace()
	own.IDsAs = ""
	return own.Derive(c.runtime.ID+"#form", 0)
}
