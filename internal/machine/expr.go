package machine

import (
	"fmt"
	"time"

	"github.com/expr-lang/expr/vm"
)

// Env is what an expression sees. The maps hold decoded JSON; a number in them is a json.Number, a float64 or
// an int. A member that is absent or null reads as the zero value of its type: "", 0, false, an empty list, an
// object of such members, the zero time. Money is text and stays text.
type Env struct {
	Entity, Parent, Client, Request, Settings map[string]any
	Input                                     map[string]string
	State                                     string // the present one; of a notification, the one after the change
	Now                                       time.Time
	IdempotencyKey                            string               // of the request under way; "" where it has none
	Visits                                    map[string]int       // entries by state
	Closed                                    func(time.Time) bool // the days that are no business days; nil: Saturdays and Sundays
}

// Expr is an expression, typed and compiled. It may call functions of numbers and text (len, lower, upper, trim,
// int, float, string, abs, ceil, floor, round, min, max), duration('5m'), and minute(now), the text of the minute
// that a time lies in. Its evaluation has no side effect, reads no clock but Env.Now and is bounded in time and
// memory.
type Expr struct {
	source  string
	class   class // of the result
	program *vm.Program
	needs   map[string]*need // by the members of Env that it names
}

// memoryBudget bounds what one evaluation may allocate, in the virtual machine's own unit of list elements.
const memoryBudget = 100_000

// String is the expression as the file writes it.
func (e *Expr) String() string { return e.source }

// Bool evaluates a guard. A nil expression is true.
func (e *Expr) Bool(env Env) (bool, error) {
	if e == nil {
		return true, nil
	}
	v, err := e.Value(env)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, e.not(truth, v)
	}
	return b, nil
}

// Text evaluates a text. A nil expression and what is absent are "".
func (e *Expr) Text(env Env) (string, error) {
	if e == nil {
		return "", nil
	}
	v, err := e.Value(env)
	if err != nil || v == nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", e.not(text, v)
	}
	return s, nil
}

// Time evaluates an instant; the zero time stands for none.
func (e *Expr) Time(env Env) (time.Time, error) {
	v, err := e.Value(env)
	if err != nil {
		return time.Time{}, err
	}
	switch v := v.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return v, nil
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil || v == "" {
			return t, nil
		}
	}
	return time.Time{}, e.not(instant, v)
}

// Duration evaluates a length of time that holds no business days.
func (e *Expr) Duration(env Env) (time.Duration, error) {
	s, err := e.span(env)
	if err == nil && s.Days > 0 {
		return 0, fmt.Errorf("machine: %q gives business days where a plain length of time is due", e.source)
	}
	return s.Length, err
}

func (e *Expr) span(env Env) (Span, error) {
	v, err := e.Value(env)
	if err != nil {
		return Span{}, err
	}
	switch v := v.(type) {
	case time.Duration:
		if v > MaxSpan {
			return Span{}, fmt.Errorf("machine: %q gives more than 100 years", e.source)
		}
		return Span{Length: v}, nil
	case Span:
		return v, nil
	case string:
		if s, err := parseSpan(v); err == nil {
			return s, nil
		}
	}
	return Span{}, e.not(length, v)
}

// Value evaluates the expression. It gives a string, bool, int, float64, time.Time, time.Duration, Span,
// []any, map[string]any or nil.
func (e *Expr) Value(env Env) (any, error) {
	machine := vm.VM{MemoryBudget: memoryBudget}
	v, err := machine.Run(e.program, values(env, e.needs))
	if err != nil {
		return nil, fmt.Errorf("machine: %q can not be evaluated: %s", e.source, reason(err))
	}
	return v, nil
}

func (e *Expr) not(want class, got any) error {
	return fmt.Errorf("machine: %q gives %T where %s is due", e.source, got, want)
}
