package engine

import (
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// A record has no machine whose deadlines could be armed. It names one instant of its own instead, which may move
// with every change of its data.

// armDeadline makes the job of a record's deadline, where that is another than the one for which there is a job.
func (s *Session) armDeadline(in *Instance) error {
	if in.kind.Deadline == nil {
		return nil
	}
	at, err := in.kind.Deadline(s.owner, in)
	if err != nil {
		return err
	}
	if !at.IsZero() {
		at = at.UTC().Truncate(time.Microsecond) // as it is stored
	}
	if at.Equal(in.Wake) {
		return nil
	}
	in.Wake = at
	in.Visit++
	if at.IsZero() {
		return nil
	}
	return s.job(in, at, store.Job{})
}

// wake calls a record at its deadline. One that then still stands at an instant that has passed would be due for
// ever.
func (s *Session) wake(in *Instance) error {
	if in.kind.Wake == nil {
		return store.ErrStale // armed for a machine that the scenario files no longer have
	}
	s.cause = "deadline"
	was := in.Wake
	if err := in.kind.Wake(s.owner, in); err != nil || in.gone {
		return err
	}
	s.Touch(in)
	if err := s.Flush(); err != nil {
		return err
	}
	if in.Wake.IsZero() || in.Wake.After(was) {
		return nil
	}
	return problem.Newf(problem.Internal, "deadline_stands", "The deadline of a %s at %s did not move when it was due: Wake of %s must give it a later one, or none",
		in.Kind, was.Format(time.RFC3339Nano), in.Ref)
}
