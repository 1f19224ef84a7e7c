package crash

import (
	"context"
	"fmt"
	"net/http"
)

// inResets is a workspace whose links are swept away again and again.
const inResets = "resets"

// resets is what the ledger knows of it. Links are told apart by their webhook URLs: after a reset the same ids
// are given again.
type resets struct {
	made    int
	there   map[string]bool // acknowledged since the last reset that was
	gone    map[string]bool // from before it
	doubted bool            // a reset was asked for, and nobody heard of its end
}

// sweep makes links and takes the workspace back to its beginning.
func (l load) sweep(ctx context.Context) {
	r := &l.ledger.resets
	for range share {
		for range 3 {
			r.made++
			url := fmt.Sprint(nowhere, r.made)
			_, _, err := l.createLink(ctx, inResets, "unattended", url)
			if !l.ledger.told(err) {
				return
			}
			r.there[url] = true
		}
		r.doubted = true
		if !l.ledger.told(l.call(ctx, http.MethodPost, control(inResets, "/reset"), nil, nil)) {
			return
		}
		r.doubted = false
		r.forget()
	}
}

// forget says that a reset took what was there.
func (r *resets) forget() {
	for url := range r.there {
		r.gone[url] = true
	}
	clear(r.there)
}

// wasReset holds that what was swept stays away, that all came through that was not, and that a reset whose end
// nobody heard took all or nothing.
func (c checker) wasReset(ctx context.Context) {
	c.Helper()
	all, err := c.entities(ctx, inResets)
	if err != nil {
		c.Fatal(err)
	}
	r := &c.ledger.resets
	present := 0
	for _, e := range all {
		url := e.Data.Options.CallbackURL
		if r.gone[url] {
			c.Errorf("link %s is back from before a reset", url)
		}
		if r.there[url] {
			present++
		}
	}
	if r.doubted && present == 0 {
		r.forget()
	}
	if present != len(r.there) {
		c.Errorf("of %d links %d are there; a reset that nobody heard of: %v", len(r.there), present, r.doubted)
	}
	r.doubted = false
	if listed, err := c.list(ctx, inResets, ""); err != nil || len(listed) != len(all) {
		c.Errorf("%s has %d links, and its list %d: %v", inResets, len(all), len(listed), err)
	}
}
