package crash

import (
	"context"
	"testing"
)

// trace is what a link has been through when it is in a state.
type trace struct {
	version int
	moves   []moment // without their times
}

// traces of a scenario, by state. A state that only exists inside of transactions is not among them.
type course map[string]trace

func (c course) note(e entity) {
	moves := make([]moment, len(e.History))
	for i, m := range e.History {
		moves[i] = moment{Event: m.Event, From: m.From, To: m.To}
	}
	c[e.State] = trace{version: e.Version, moves: moves}
}

// undisturbed lets a link of each scenario of the load walk in a program that nobody kills. What is there after
// a crash must look like one of its stations.
func undisturbed(t *testing.T) map[string]course {
	t.Helper()
	p := start(t, t.TempDir())
	defer p.stop(t)
	a, ctx := p.api(t), t.Context()
	if err := a.setClock(ctx, "course", map[string]any{"mode": "frozen"}); err != nil {
		t.Fatal(err)
	}
	courses := map[string]course{"unattended": {}, "manual": {}}
	for scenario, c := range courses {
		if err := a.walk(ctx, scenario, c); err != nil {
			t.Fatal(err)
		}
	}
	return courses
}

// nowhere is a receiver that is not there; the discard port of this machine.
const nowhere = "http://127.0.0.1:9/"

func (a *api) walk(ctx context.Context, scenario string, c course) error {
	id, _, err := a.createLink(ctx, "course", scenario, nowhere)
	for step := 0; err == nil; step++ {
		var e entity
		if e, err = a.link(ctx, "course", id); err != nil {
			return err
		}
		c.note(e)
		switch {
		case e.State == "completed":
			return nil
		case scenario == "manual":
			_, err = a.fire(ctx, "course", id, byHand[step])
		default:
			_, err = a.advance(ctx, "course", map[string]any{"to": "next"})
		}
	}
	return err
}
