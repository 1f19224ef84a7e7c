package machine

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
)

// scope is what the expressions of one kind see: each member of Env with its shape.
type scope struct {
	roots    map[string]*shape
	env      types.Map
	settings func() *shape // for the first expression that names them; nil: their shape is known, or never will be
}

func newScope(roots map[string]*shape) *scope {
	roots["now"], roots["state"], roots["idempotency_key"] = &shape{class: instant}, &shape{class: text}, &shape{class: text}
	s := &scope{roots: map[string]*shape{}, env: types.Map{}}
	for name, shape := range roots {
		s.add(name, shape)
	}
	return s
}

func (s *scope) add(name string, shape *shape) { s.roots[name], s.env[name] = shape, shape.typ() }

// learn finds out what an expression is about to name. It may find out too much, where a text holds the word.
func (s *scope) learn(source string) {
	if s.settings != nil && strings.Contains(source, "settings") {
		s.add("settings", s.settings())
		s.settings = nil
	}
}

// values makes the environment of one evaluation, of what it needs.
func values(env Env, needs map[string]*need) map[string]any {
	out := make(map[string]any, len(needs))
	for name, n := range needs {
		out[name] = n.shape.value(env.root(name))
	}
	return out
}

func (env Env) root(name string) any {
	switch name {
	case "entity":
		return env.Entity
	case "parent":
		return env.Parent
	case "client":
		return env.Client
	case "request":
		return env.Request
	case "settings":
		return env.Settings
	case "input":
		return anyMap(env.Input)
	case "visits":
		return anyMap(env.Visits)
	case "state":
		return env.State
	case "idempotency_key":
		return env.IdempotencyKey
	}
	return env.Now
}

func anyMap[V any](m map[string]V) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// badExpr says what is wrong with an expression, and at which character.
type badExpr struct {
	at      int // from 0
	message string
}

func (e *badExpr) Error() string { return e.message }

// What bounds an expression before it is run.
const (
	maxExpr      = 2000 // characters
	maxExprNodes = 300
)

// The functions that expressions may call. Those that walk a list with a body of their own are not among them:
// nested, they would have no bound in time.
var functions = []string{
	"len", "lower", "upper", "trim", "int", "float", "string", "abs", "ceil", "floor", "round", "min", "max",
}

// ownFunctions are those that the expression language does not have.
var ownFunctions = []string{"duration", "minute"}

var options = sharedOptions()

func sharedOptions() []expr.Option {
	all := []expr.Option{
		expr.DisableAllBuiltins(),
		expr.MaxNodes(maxExprNodes),
		// The optimiser would fold and reorder what the checks below look at.
		expr.Optimize(false),
		expr.Function("duration", callDuration, func(string) time.Duration { return 0 }),
		expr.Function("minute", callMinute, func(time.Time) string { return "" }),
		expr.Function(businessFunc, callBusiness, func(string) Span { return Span{} }),
	}
	for _, name := range functions {
		all = append(all, expr.EnableBuiltin(name))
	}
	return all
}

func callDuration(args ...any) (any, error) {
	s, err := parseSpan(args[0].(string))
	if err == nil && s.Days > 0 {
		err = errors.New("duration knows no business days")
	}
	return s.Length, err
}

// callMinute names the minute that a time lies in, such as 2026-01-16T12:00Z, for counts by the minute.
func callMinute(args ...any) (any, error) {
	return args[0].(time.Time).UTC().Format("2006-01-02T15:04Z"), nil
}

func callBusiness(args ...any) (any, error) { return parseSpan(args[0].(string)) }

// compile types an expression and checks that it can give what is wanted.
func (s *scope) compile(source string, want class) (*Expr, error) {
	runes := []rune(source)
	if len(runes) > maxExpr {
		return nil, &badExpr{0, "the expression is longer than 2000 characters"}
	}
	rewritten, err := spellOut(runes)
	if err != nil {
		return nil, err
	}
	s.learn(source)
	program, err := expr.Compile(rewritten.source, append(slices.Clone(options), expr.Env(s.env))...)
	if err != nil {
		return nil, rewritten.place(err)
	}
	node := program.Node()
	look := &inspector{scope: s, chains: map[ast.Node][]string{}}
	ast.Walk(&node, look)
	if look.bad != nil {
		look.bad.at = rewritten.origin(look.bad.at)
		return nil, look.bad
	}
	e := &Expr{source: source, class: classOf(node.Type()), program: program, needs: s.needs(look.chains)}
	if !fits(e.class, want) {
		return nil, &badExpr{0, "this gives " + string(e.class) + ", and " + string(want) + " is due"}
	}
	return e, nil
}

// inspector finds what the compiler lets through and an expression here may not do, and collects what it
// names. Text doubled by let, ranges, and functions with a body for each item are what would let a short expression
// run long.
type inspector struct {
	scope  *scope
	chains map[ast.Node][]string // a root and the members behind it, by the last node of each
	bad    *badExpr
}

func (i *inspector) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		i.identifier(n)
	case *ast.MemberNode:
		i.chain(n)
	case *ast.BuiltinNode:
		if !slices.Contains(functions, n.Name) {
			i.refuse(n, n.Name+" is not known here")
		}
	case *ast.VariableDeclaratorNode:
		i.refuse(n, "let is not known here")
	case *ast.BinaryNode:
		i.binary(n)
	}
}

// identifier takes a name for a root; a name that is none is that of a function that is called.
func (i *inspector) identifier(n *ast.IdentifierNode) {
	switch {
	case n.Value == "$env":
		i.refuse(n, "$env is not known here; name its member")
	case i.scope.roots[n.Value] != nil:
		i.chains[n] = []string{n.Value}
	}
}

func (i *inspector) binary(n *ast.BinaryNode) {
	switch {
	case n.Operator == "..":
		i.refuse(n, "a range is not known here")
	case isNil(n.Left) || isNil(n.Right):
		i.refuse(n, `nil compares with nothing here: what is absent reads as "", 0 or false`)
	}
}

func (i *inspector) refuse(n ast.Node, message string) {
	if i.bad == nil {
		i.bad = &badExpr{n.Location().From, message}
	}
}

func isNil(n ast.Node) bool {
	_, is := n.(*ast.NilNode)
	return is
}

// classOf names the class of an expression's result.
func classOf(t reflect.Type) class {
	switch t {
	case nil:
		return unknown
	case timeType:
		return instant
	case reflect.TypeFor[time.Duration](), reflect.TypeFor[Span]():
		return length
	}
	switch t.Kind() {
	case reflect.Slice:
		return list
	case reflect.Map:
		return object
	}
	return scalar(t.Kind()).class
}

// fits tells whether a result of one class may stand where another is due. What is unknown is judged when it
// is evaluated.
func fits(got, want class) bool {
	numbers := got == whole && want == fraction
	return got == want || got == unknown || want == unknown || numbers
}

// reason is what the library says without its picture of the source.
func reason(err error) string {
	var placed *file.Error
	if errors.As(err, &placed) {
		return placed.Message
	}
	return err.Error()
}

// members lists every member that can be named behind a root, for the sake of a hint.
func (s *scope) members() []string {
	var out []string
	var walk func(*shape)
	walk = func(at *shape) {
		for name, member := range at.members {
			out = append(out, name)
			walk(member)
		}
	}
	for _, root := range s.roots {
		walk(root)
	}
	return out
}
