package engine

import (
	"fmt"
	"reflect"
	"time"

	"github.com/mockbank/mockbank/internal/calendar"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// holds evaluates a guard; no guard holds.
func (s *Session) holds(guard *machine.Expr, in *Instance) (bool, error) {
	if guard == nil {
		return true, nil
	}
	env, err := s.envOf(in, guard.Paths)
	if err != nil {
		return false, err
	}
	return guard.Bool(env)
}

// Env is what the expressions of an instance's story see now.
func (s *Session) Env(in *Instance) (machine.Env, error) { return s.env(in) }

func (s *Session) env(in *Instance) (machine.Env, error) {
	return s.envOf(in, func(string) [][]string { return everything })
}

// everything is the path to all of a member.
var everything = [][]string{nil}

// envOf is env with those of its members that take work only as far as they are named: a guard stands before almost
// every event, and looks at little.
func (s *Session) envOf(in *Instance, named func(member string) [][]string) (env machine.Env, err error) {
	env = machine.Env{
		Request: s.Request, Input: in.Input, State: in.Shown(s.tx.Now()), Now: s.tx.Now(), Visits: in.Visits,
		Settings: s.engine.Settings(s.tx.Workspace()), IdempotencyKey: s.IdempotencyKey,
	}
	env.Closed = businessCalendar(env.Settings)
	if env.Entity, err = members(in.Data, named("entity")); err != nil {
		return env, err
	}
	if named("client") != nil {
		if env.Client, err = s.engine.Client(s.tx, in.Client); err != nil {
			return env, err
		}
	}
	if paths := named("parent"); paths != nil && in.Parent.ID != "" {
		env.Parent, err = s.parent(in, paths)
	}
	return env, err
}

// businessCalendar is what a provider's setting of that name chooses. Without such a setting, Saturdays and Sundays are
// no business days.
func businessCalendar(settings map[string]any) func(time.Time) bool {
	name, _ := settings["business_calendar"].(string)
	closed, _ := calendar.Named(name)
	return closed
}

func (s *Session) parent(in *Instance, paths [][]string) (map[string]any, error) {
	parent, err := s.Get(in.Parent.Kind, in.Parent.ID)
	if err != nil || parent == nil {
		return nil, err
	}
	return members(parent.Data, paths)
}

// replace copies what fresh points to into what data points to, so that all who hold data see it.
func replace(data, fresh any) error {
	into, from := reflect.ValueOf(data), reflect.ValueOf(fresh)
	if into.Type() != from.Type() {
		return fmt.Errorf("engine: a %T can not become a %T", data, fresh)
	}
	into.Elem().Set(from.Elem())
	return nil
}

// View decodes an instance's data for those who show it without knowing its type.
func View(in *Instance) (any, error) {
	raw, err := strictjson.Marshal(in.Data)
	if err != nil {
		return nil, err
	}
	return strictjson.Decode(raw)
}
