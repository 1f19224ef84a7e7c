package control

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/store"
)

// clockView is a clock as it is shown.
type clockView struct {
	Mode      clock.Mode `json:"mode"`
	Now       time.Time  `json:"now"`
	Scale     float64    `json:"scale,omitzero"`
	Advancing bool       `json:"advancing"`
	Next      time.Time  `json:"next,omitzero"`
}

func (c *Control) clockOf(ws *store.Workspace) clockView {
	v := clockView{Mode: ws.Clock.Mode, Now: ws.Clock.Now(c.Store.Wall()), Advancing: !ws.Clock.Jump.IsZero()}
	if v.Mode == "" {
		v.Mode = clock.Real
	}
	if v.Mode == clock.Scaled {
		v.Scale = ws.Clock.Scale
	}
	return v
}

// showClock is clockOf with what is due next.
func (c *Control) showClock(q *request) (reply, error) {
	v := c.clockOf(c.Store.Workspace(q.workspace))
	v.Next, _ = c.Loop.NextDue(q.workspace)
	return ok(v)
}

func (c *Control) getClock(q *request) (reply, error) { return c.showClock(q) }

// clockChange is what PUT may say. A nil member was not given.
type clockChange struct {
	Mode  *clock.Mode `json:"mode"`
	Now   *time.Time  `json:"now"`
	Scale *float64    `json:"scale"`
}

func (c *Control) putClock(q *request) (reply, error) {
	var wanted clockChange
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	if err := c.update(q, func(tx *store.Tx) error { return wanted.apply(tx, "") }); err != nil {
		return reply{}, err
	}
	return c.showClock(q)
}

// earliest is the first instant that a clock may be set to: times in tokens count from there.
var earliest = time.Unix(0, 0).UTC()

// apply sets the clock. place is where the change stands in the body.
func (w clockChange) apply(tx *store.Tx, place string) error {
	now, setting := tx.Now(), tx.Workspace().Clock
	if w.Now != nil {
		now = w.Now.UTC()
	}
	if err := checkTime(now, place+"/now"); err != nil {
		return err
	}
	give(&setting.Mode, w.Mode)
	if setting.Mode != clock.Scaled {
		setting.Scale = 0
	}
	give(&setting.Scale, w.Scale)
	setting = setting.At(now, tx.Wall())
	if w.Scale != nil && setting.Mode != clock.Scaled {
		return problem.New(problem.Invalid, "bad_scale", "Only a clock of the mode scaled has a scale").At(place + "/scale")
	}
	if err := setting.Check(); err != nil {
		return problem.Newf(problem.Invalid, "bad_scale", "For the mode scaled, give a scale above 0 and at most %d", clock.MaxScale).At(place + "/scale")
	}
	tx.SetClock(setting)
	return nil
}

func checkTime(now time.Time, place string) error {
	if now.Before(earliest) || now.After(clock.Latest) {
		return problem.Newf(problem.Invalid, "bad_time", "Time goes from %s to %s", earliest.Format(time.RFC3339), clock.Latest.Format(time.RFC3339)).At(place)
	}
	return nil
}

// advance is what a jump is asked for with.
type advance struct {
	By   string        `json:"by"`
	To   string        `json:"to"`
	Wait schedule.Wait `json:"wait"`
}

func (c *Control) advanceClock(q *request) (reply, error) {
	wanted := advance{Wait: schedule.WaitDeliveries}
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	if q.has("by") == q.has("to") {
		return reply{}, problem.New(problem.Invalid, "bad_advance", `Give either by, such as "90d", or to, such as "2026-01-15T10:30:00Z" or "next"`)
	}
	to, err := c.target(q, wanted)
	if err != nil {
		return reply{}, err
	}
	report, err := c.Loop.Advance(q.Context(), q.workspace, to, wanted.Wait)
	if err != nil {
		return reply{}, unfinished(q, report, err)
	}
	if report.Jobs == nil {
		report.Jobs = []schedule.Fired{}
	}
	return ok(report)
}

// target is the instant to which the jump goes.
func (c *Control) target(q *request, wanted advance) (time.Time, error) {
	switch {
	case q.has("by"):
		return later(c.Store.Workspace(q.workspace).Clock.Now(c.Store.Wall()), wanted.By), nil
	case wanted.To == "next":
		next, any := c.Loop.NextDue(q.workspace)
		if !any {
			return next, problem.New(problem.Conflict, "nothing_due", "No timer is armed and no attempt is due in this workspace, so there is no next instant").At("/to")
		}
		return next, nil
	}
	to, err := time.Parse(time.RFC3339Nano, wanted.To)
	if err != nil {
		return to, problem.New(problem.Invalid, "bad_advance", `to is an RFC 3339 time such as 2026-01-15T10:30:00Z, or "next"`).At("/to")
	}
	return to, nil
}

var units = []struct {
	name string
	size time.Duration
}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}}

// later adds a duration whose form the spec has checked. A time.Duration ends at 292 years and this does not:
// what is too much is refused by name, as time, and does not turn into the past.
func later(now time.Time, by string) time.Time {
	for _, unit := range units {
		n, err := strconv.ParseInt(strings.TrimSuffix(by, unit.name), 10, 64)
		if err != nil || !strings.HasSuffix(by, unit.name) {
			continue
		}
		if unit.size < time.Second {
			return now.Add(time.Duration(n) * unit.size)
		}
		return time.Unix(now.Unix()+n*int64(unit.size/time.Second), int64(now.Nanosecond())).UTC()
	}
	return now
}

// unfinished tells of a jump that did not arrive how far it came.
func unfinished(q *request, report schedule.Report, err error) error {
	p := *problem.From(err)
	if q.Context().Err() != nil {
		p = problem.Error{Kind: problem.Timeout, Code: "gone_away", Message: "The caller went away", Err: err}
	}
	if p.Pointer == "to" && q.has("by") {
		p.Pointer = "by"
	}
	if !report.From.IsZero() && p.Kind != problem.Internal {
		p.Message += fmt.Sprintf(". Time stands at %s, and everything due until then was run.", report.To.Format(time.RFC3339Nano))
	}
	return &p
}
