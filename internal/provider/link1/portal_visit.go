package link1

import (
	"net/http"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// visit is a request to a page of the portal.
type visit struct {
	*provider.Call
	*link
	user *provider.Entity[User] // nil: nobody is signed in
}

// open has a page answer anybody.
func (l *link) open(do doing) func(*provider.Call) (provider.Reply, error) {
	return func(c *provider.Call) (provider.Reply, error) {
		v := &visit{Call: c, link: l}
		id, err := c.SignedIn()
		if err != nil {
			return provider.Reply{}, err
		}
		if id != "" {
			if v.user, err = users.Get(c, id); err != nil {
				return provider.Reply{}, err
			}
		}
		return do(v)
	}
}

// posted is open for a form, which has to come from its own page.
func (l *link) posted(do doing) func(*provider.Call) (provider.Reply, error) {
	return l.open(ownForm(do))
}

// known has a page answer those who signed in. Others sign in first, and come back.
func (l *link) known(do doing) func(*provider.Call) (provider.Reply, error) {
	return l.open(func(v *visit) (provider.Reply, error) {
		if v.user == nil {
			return goTo(v.Call, loginPath+query("to", backTo(v.Call))), nil
		}
		return do(v)
	})
}

// seen is known for those who accepted the terms that hold. Others accept them first.
func (l *link) seen(do doing) func(*provider.Call) (provider.Reply, error) {
	return l.known(func(v *visit) (provider.Reply, error) {
		if v.user.Data.Terms < v.termsVersion() {
			return goTo(v.Call, acceptPath+query("to", backTo(v.Call))), nil
		}
		return do(v)
	})
}

// sent is seen for a form, which has to come from its own page.
func (l *link) sent(do doing) func(*provider.Call) (provider.Reply, error) {
	return l.seen(ownForm(do))
}

// ruled is seen for administrators.
func (l *link) ruled(do doing) func(*provider.Call) (provider.Reply, error) {
	return l.seen(func(v *visit) (provider.Reply, error) {
		if !v.user.Data.Administrator {
			return provider.Reply{}, problem.New(problem.Forbidden, "", "This desk is for administrators of 1LINK.")
		}
		return do(v)
	})
}

// ownForm refuses a form that does not carry the token of its page.
func ownForm(do doing) doing {
	return func(v *visit) (provider.Reply, error) {
		if err := v.CheckFormToken(v.Path, v.FormValue("token")); err != nil {
			return provider.Reply{}, err
		}
		return do(v)
	}
}

// termsVersion is that of the terms which hold.
func (v *visit) termsVersion() int {
	return max(1, provider.Whole(provider.Setting[any](v.Call, "terms_version")))
}

// backTo is the page of this request. A form was on the page of its own path.
func backTo(c *provider.Call) string {
	if c.Method == http.MethodPost || c.RawQuery == "" {
		return c.Path
	}
	return c.Path + "?" + c.RawQuery
}
