package machine

import (
	"cmp"
	"fmt"
	"slices"
)

// defects collects what is wrong. The same sentence at the same place is told once, and what has no place is
// told not at all: it is absent because of a defect that stands already.
type defects struct {
	found []Defect
	told  map[Defect]bool
}

func (d *defects) add(at place, message string) {
	found := Defect{File: at.file, Line: at.line, Column: at.column, Message: message}
	if at.file == "" || d.told[found] {
		return
	}
	if d.told == nil {
		d.told = map[Defect]bool{}
	}
	d.told[found] = true
	d.found = append(d.found, found)
}

func (d *defects) addf(at place, format string, args ...any) {
	d.add(at, fmt.Sprintf(format, args...))
}

// sorted gives all defects by file and place.
func (d *defects) sorted() []Defect {
	slices.SortStableFunc(d.found, func(a, b Defect) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return d.found
}

// meant gives " (did you mean x?)" for a misspelt name, or nothing.
func meant(name string, known []string) string {
	if best := nearest(name, known); best != "" {
		return " (did you mean " + best + "?)"
	}
	return ""
}

// nearest finds the known name that is nearest to a misspelt one; empty when none is near.
func nearest(name string, known []string) string {
	best, distance := "", (len(name)+2)/4
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := editDistance(name, k, distance+1); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	return best
}

// editDistance counts the letters to insert, remove, replace or swap with their neighbour; from limit on it
// only says limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+differ(a[i] != b[j]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return min(row[len(b)], limit)
}

func differ(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
