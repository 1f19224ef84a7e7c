package crash

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
)

// TestSentAndNotRecorded has the receiver kill the program that is just sending to it: the webhook was sent, and
// nobody could record that. It comes again, with the same bytes.
func TestSentAndNotRecorded(t *testing.T) {
	dir, r := t.TempDir(), receive(t)
	p := start(t, dir)
	if err := p.api(t).setClock(t.Context(), inScaled, map[string]any{"mode": "scaled", "scale": 60}); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"started", "requested", "received", "completed"} {
		r.onEach(func(_ int, c change) bool {
			if c.status != state {
				return true
			}
			p.kill()
			return false
		})
		id, _, err := p.api(t).createLink(t.Context(), inScaled, "unattended", r.url)
		if err != nil && state != "started" && state != "requested" { // these may be sent before the reply is
			t.Fatal(err)
		}
		p.exit(t, patience)
		r.onEach(nil)
		p = start(t, dir)
		if err == nil {
			expectRepeated(t, p.api(t), r, change{id, state})
		}
		p.expectClean(t)
	}
	r.expectSame(t)
	p.stop(t)
}

// expectRepeated holds that a change was told twice, and that the log of attempts says why.
func expectRepeated(t *testing.T, a *api, r *receiver, c change) {
	t.Helper()
	if err := r.wait([]change{{c.link, "completed"}}); err != nil {
		t.Fatal(err)
	}
	if err := r.waitFor(c, 2); err != nil {
		t.Fatal(err)
	}
	all, err := a.deliveries(t.Context(), inScaled, c.link)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Body != r.bodies(c)[0] {
			continue
		}
		if err := a.call(t.Context(), http.MethodGet, control(inScaled, "/deliveries/"+strconv.Itoa(d.Sequence)), nil, &d); err != nil {
			t.Fatal(err)
		}
		if len(d.Attempts) != 2 || d.Attempts[0].Failure == nil || d.Attempts[0].Failure.Class != "interrupted" {
			t.Errorf("the attempts of %v: %+v", c, d.Attempts)
		}
		return
	}
	t.Errorf("there is no delivery for %v", c)
}

// TestI7KilledJump kills the program while time is on its way, at the webhook that chance says.
func TestI7KilledJump(t *testing.T) {
	c := campaign{dir: t.TempDir(), ledger: newLedger(), receiver: receive(t), courses: undisturbed(t), chance: rand.New(rand.NewPCG(*seed, 1))}
	c.prepare(t)
	for range 4 {
		c.cutJump(t)
	}
	c.receiver.expectSame(t)
}

func (c *campaign) cutJump(t *testing.T) {
	t.Helper()
	const links, changes, atOnce = 8, 7, 2 // of the changes of a link, two are told before the jump
	p := c.begin(t)
	l := load{api: p.api(t), ledger: c.ledger, callback: c.receiver.url}
	for range links {
		l.create(t.Context(), inJumps, "unattended")
	}
	at := 1 + c.chance.IntN(links*(changes-atOnce)-1)
	c.receiver.onEach(func(n int, _ change) bool {
		if n == at {
			p.kill()
		}
		return n < at
	})
	if l.jump(t.Context()) {
		t.Errorf("the jump arrived, though its webhook %d killed the program", at)
	}
	p.exit(t, patience)
	c.receiver.onEach(nil)
	p = c.begin(t)
	check := c.checker(t, p)
	check.survived(t.Context())
	check.goOn(t.Context())
	p.expectClean(t)
	p.kill()
}
