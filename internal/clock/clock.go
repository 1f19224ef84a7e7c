// Package clock tells a workspace's time.
//
// A workspace's clock is a value: a mode and two anchors. Now is a pure function of that value and of the
// wall clock, so the same value gives the same time in every process that holds it, and moving a clock is
// writing a new value. This package and package cmd are the only ones that may read the machine's time; all
// others are handed a Wall.
package clock

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Wall tells the machine's time. Tests hand in their own.
type Wall func() time.Time

// System is the machine's own clock, in UTC.
func System() time.Time { return time.Now().UTC() }

// Mode says how workspace time follows the wall.
type Mode string

const (
	Real   Mode = "real"   // wall time plus an offset
	Frozen Mode = "frozen" // stands, and moves only when told to
	Scaled Mode = "scaled" // runs Scale times as fast as the wall
)

// Latest is the last instant that a clock may reach; a year later RFC 3339 has no form for it.
var Latest = time.Date(9998, 12, 31, 23, 59, 59, 0, time.UTC)

// Setting is a workspace's clock. At the wall's Anchor the workspace read Base. The zero value is the real
// clock without an offset.
type Setting struct {
	Mode   Mode      `json:"mode"`
	Base   time.Time `json:"base,omitzero"`
	Anchor time.Time `json:"anchor,omitzero"`
	Scale  float64   `json:"scale,omitzero"`
	// Jump is the cursor of an advance that is under way: until it ends, time stands there in every mode.
	Jump time.Time `json:"jump,omitzero"`
}

// Now gives workspace time at this wall time, in UTC and in whole microseconds.
func (s Setting) Now(wall time.Time) time.Time {
	return s.exact(wall).UTC().Truncate(time.Microsecond)
}

func (s Setting) exact(wall time.Time) time.Time {
	switch {
	case !s.Jump.IsZero():
		return s.Jump
	case s.Mode == Frozen:
		return s.Base
	case s.Base.IsZero():
		return wall
	case s.Mode == Scaled:
		return s.Base.Add(scaled(wall.Sub(s.Anchor), s.Scale))
	}
	return s.Base.Add(wall.Sub(s.Anchor))
}

// Until gives the wall time that passes before the workspace reads at; zero when it already does. It is
// false for a clock that does not run.
func (s Setting) Until(at, wall time.Time) (time.Duration, bool) {
	d := at.Sub(s.exact(wall))
	switch {
	case d <= 0:
		return 0, true
	case !s.Jump.IsZero() || s.Mode == Frozen:
		return 0, false
	case s.Mode == Scaled:
		// Rounded up, or a waiter would wake an instant too early and find nothing due.
		left := min(scaled(d, 1/s.Scale), math.MaxInt64-time.Microsecond) + time.Microsecond
		if scaled(wall.Sub(s.Anchor)+left, s.Scale) == math.MaxInt64 {
			return 0, false // A Duration holds 292 years; there the clock stands until it is set anew.
		}
		return left, true
	}
	return d, true
}

// At returns the same clock, moved so that it reads now at this wall time.
func (s Setting) At(now, wall time.Time) Setting {
	s.Base, s.Anchor, s.Jump = now.UTC(), wall.UTC(), time.Time{}
	if s.Mode == "" {
		s.Mode = Real
	}
	return s
}

func scaled(d time.Duration, by float64) time.Duration {
	f := float64(d) * by
	if f >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(f)
}

// Parse reads a clock as the command line writes it: "real", "frozen@<RFC 3339>", "x60" or
// "x60@<RFC 3339>". wall anchors it.
func Parse(text string, wall time.Time) (Setting, error) {
	mode, at, hasTime := strings.Cut(text, "@")
	start := wall
	if hasTime {
		t, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			return Setting{}, fmt.Errorf("clock: %q is not an RFC 3339 time such as 2026-01-15T10:30:00Z", at)
		}
		if t.After(Latest) {
			return Setting{}, fmt.Errorf("clock: %q is too late: time ends at %s", at, Latest.Format(time.RFC3339))
		}
		start = t
	}
	s := Setting{Mode: Mode(mode)}
	if rate, ok := strings.CutPrefix(mode, "x"); ok {
		s.Mode = Scaled
		if _, err := fmt.Sscanf(rate+" ", "%g ", &s.Scale); err != nil {
			return Setting{}, fmt.Errorf("clock: %q is not a rate such as x60", mode)
		}
	}
	if err := s.Check(); err != nil {
		return Setting{}, err
	}
	if s.Mode == Real && !hasTime {
		return Setting{Mode: Real}, nil
	}
	return s.At(start, wall), nil
}

// MaxScale is the fastest clock: a year in half a minute.
const MaxScale = 1_000_000

// Check says what is wrong with a clock that someone asked for.
func (s Setting) Check() error {
	switch s.Mode {
	case Real, Frozen:
		return nil
	case Scaled:
		if !(s.Scale > 0 && s.Scale <= MaxScale) {
			return fmt.Errorf("clock: scale must be above 0 and at most %d", MaxScale)
		}
		return nil
	}
	return fmt.Errorf("clock: mode must be real, frozen or scaled, not %q", s.Mode)
}
