package engine

import (
	"github.com/mockbank/mockbank/internal/events"
)

// tell completes what happened to an instance and tells it to those who listen. What every workspace holds from its
// start happens to nobody.
func (s *Session) tell(in *Instance, e events.Entity) {
	if s.Ground {
		return
	}
	e.Subject = events.Subject(in.Ref)
	e.State, e.Scenario, e.Cause = in.Shown(s.now(in)), in.Scenario, s.cause
	s.tx.Tell(events.Event{Type: events.OfEntity, At: s.now(in), Entity: &e})
}
