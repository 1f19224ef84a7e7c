package machine

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// need is what an expression names of a root, so that one evaluation reads and converts no more than that.
type need struct {
	paths [][]string // by the names of members; an empty one leads to all of the root
	shape *shape     // the root's, without the members that no path leads to
}

// needs sorts what an expression names by roots. Each chain is a root and the members behind it.
func (s *scope) needs(chains map[ast.Node][]string) map[string]*need {
	needs := map[string]*need{}
	for _, chain := range chains {
		n := needs[chain[0]]
		if n == nil {
			n = &need{}
			needs[chain[0]] = n
		}
		n.paths = append(n.paths, s.roots[chain[0]].reach(chain[1:]))
	}
	for root, n := range needs {
		n.shape = s.roots[root].part(n.paths)
	}
	return needs
}

// reach cuts a path off where it leads into something whose members are not known, such as a list or a time.
func (s *shape) reach(path []string) []string {
	for i, name := range path {
		if s.members[name] == nil {
			return path[:i]
		}
		s = s.members[name]
	}
	return path
}

// part is the shape with those members alone that paths lead to.
func (s *shape) part(paths [][]string) *shape {
	behind := map[string][][]string{}
	for _, path := range paths {
		if len(path) == 0 {
			return s
		}
		behind[path[0]] = append(behind[path[0]], path[1:])
	}
	part := &shape{class: s.class, members: map[string]*shape{}}
	for name, rest := range behind {
		part.members[name] = s.members[name].part(rest)
	}
	return part
}

// Paths tells which members behind a member of Env the expression names, as paths of their names: of "entity" in
// entity.terms.price > 3, it is terms and price. An empty path stands for all of it; no path at all tells that the
// expression does not name it. What is behind other paths may be left out of Env.
func (e *Expr) Paths(member string) [][]string {
	if n := e.needs[member]; n != nil {
		return n.paths
	}
	return nil
}

// chain prolongs the chain of members that a node stands for.
func (i *inspector) chain(n *ast.MemberNode) {
	before, ok := i.chains[n.Node]
	name, named := n.Property.(*ast.StringNode)
	if !ok || !named {
		return
	}
	delete(i.chains, n.Node)
	i.chains[n] = append(slices.Clip(before), name.Value)
}
