package spec

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mockbank/mockbank/internal/problem"
)

// order knows in which order the document writes the members of each object.
type order map[*openapi3.Schema]map[string]member

type member struct {
	rank   int
	schema *openapi3.Schema
}

func orderOf(schemas []located) order {
	o := order{}
	for _, s := range schemas {
		o.members(s.Value)
	}
	return o
}

// members lists an object's members: those of allOf first, then its own as written.
func (o order) members(s *openapi3.Schema) map[string]member {
	if known, ok := o[s]; ok {
		return known
	}
	all := map[string]member{}
	o[s] = all // before the descent: a schema may contain itself
	for _, part := range s.AllOf {
		inherited := o.members(part.Value)
		for _, name := range byRank(inherited) {
			add(all, name, inherited[name].schema)
		}
	}
	for _, name := range asWritten(s.Properties) {
		add(all, name, s.Properties[name].Value)
	}
	return all
}

func add(all map[string]member, name string, s *openapi3.Schema) {
	if _, ok := all[name]; !ok {
		all[name] = member{rank: len(all), schema: s}
	}
}

func byRank(members map[string]member) []string {
	names := make([]string, len(members))
	for name, m := range members {
		names[m.rank] = name
	}
	return names
}

func asWritten(properties openapi3.Schemas) []string {
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		lineA, columnA := position(properties[a])
		lineB, columnB := position(properties[b])
		return cmp.Or(cmp.Compare(lineA, lineB), cmp.Compare(columnA, columnB), cmp.Compare(a, b))
	})
	return names
}

// finding is a violation with the path by which the value is walked to its place.
type finding struct {
	path []string
	problem.Violation
}

// sort brings findings into the order of the document: parents before children, members as written, items by
// index, unknown members last.
func (o order) sort(root *openapi3.Schema, findings []finding) {
	if len(findings) < 2 {
		return
	}
	ranks := make(map[string][]int, len(findings))
	for _, f := range findings {
		ranks[f.Pointer] = o.ranks(root, f.path)
	}
	slices.SortStableFunc(findings, func(a, b finding) int {
		return cmp.Or(slices.Compare(ranks[a.Pointer], ranks[b.Pointer]), cmp.Compare(a.Pointer, b.Pointer))
	})
}

func (o order) ranks(s *openapi3.Schema, path []string) []int {
	ranks := make([]int, len(path))
	for i, token := range path {
		ranks[i], s = o.step(s, token)
	}
	return ranks
}

// step gives the rank of a member or an item, and its schema, nil where the document has none.
func (o order) step(s *openapi3.Schema, token string) (int, *openapi3.Schema) {
	if s == nil {
		return 0, nil
	}
	if items := s.Items; items != nil {
		index, _ := strconv.Atoi(token)
		return index, items.Value
	}
	m, ok := o[s][token]
	if !ok {
		return len(o[s]), nil
	}
	return m.rank, m.schema
}
