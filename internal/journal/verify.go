package journal

import (
	"cmp"
	"fmt"
	"slices"
)

// Times bounds how often a match is wanted.
type Times struct {
	Least int
	Most  int // -1: without bound
}

func (t Times) String() string {
	switch {
	case t.Most < 0:
		return fmt.Sprintf("at least %d", t.Least)
	case t.Least == t.Most && t.Most == 0:
		return "none"
	case t.Least == t.Most:
		return fmt.Sprintf("exactly %d", t.Least)
	case t.Least == 0:
		return fmt.Sprintf("at most %d", t.Most)
	}
	return fmt.Sprintf("%d to %d", t.Least, t.Most)
}

// Proof is the answer of a verification.
type Proof struct {
	Pass      bool     `json:"pass"`
	Wanted    string   `json:"wanted"`
	Matched   int      `json:"matched"`
	Requests  []uint64 `json:"requests"`           // ids of those that matched, oldest first; the newest mostShown
	Nearest   []Near   `json:"nearest"`            // of those that did not, when too few did
	Forgotten uint64   `json:"forgotten,omitzero"` // requests that the journal had no room for any more
}

// Near is a request that nearly matched.
type Near struct {
	Request     uint64   `json:"request"`
	Distance    int      `json:"distance"`
	Differences []string `json:"differences"`
}

const (
	mostNear  = 3
	mostShown = 500
)

// Verify counts the requests of a workspace that match. Of those that do not, the nearest are told when too few do:
// those with the smallest distance, and of two the newer one.
func (j *Journal) Verify(workspace string, want *Match, times Times) Proof {
	all, forgotten := j.entries(workspace)
	p := Proof{Wanted: times.String(), Requests: []uint64{}, Nearest: []Near{}, Forgotten: forgotten}
	var missed []*comparison
	for _, e := range all {
		if c := j.mask.compare(want, e); len(c.found) > 0 {
			missed = append(missed, c)
			continue
		}
		p.Requests = append(p.Requests, e.ID)
	}
	p.Matched = len(p.Requests)
	p.Requests = p.Requests[max(0, p.Matched-mostShown):]
	p.Pass = p.Matched >= times.Least && (times.Most < 0 || p.Matched <= times.Most)
	if p.Matched < times.Least {
		p.Nearest = nearest(missed)
	}
	return p
}

// VerifyOrder looks for requests that match one after the other, whatever came between them. Where one is missing,
// the nearest are told of those that came after the one before.
func (j *Journal) VerifyOrder(workspace string, want []Match) Proof {
	all, forgotten := j.entries(workspace)
	p := Proof{Wanted: fmt.Sprintf("%d in this order", len(want)), Requests: []uint64{}, Nearest: []Near{}, Forgotten: forgotten}
	var missed []*comparison
	for _, e := range all {
		if p.Matched == len(want) {
			break
		}
		c := j.mask.compare(&want[p.Matched], e)
		if len(c.found) > 0 {
			missed = append(missed, c)
			continue
		}
		p.Matched++
		p.Requests = append(p.Requests, e.ID)
		missed = nil
	}
	if p.Pass = p.Matched == len(want); !p.Pass {
		p.Nearest = nearest(missed)
	}
	return p
}

func nearest(missed []*comparison) []Near {
	slices.SortStableFunc(missed, func(a, b *comparison) int {
		return cmp.Or(cmp.Compare(a.distance(), b.distance()), cmp.Compare(b.entry.ID, a.entry.ID))
	})
	near := []Near{}
	for _, c := range missed[:min(len(missed), mostNear)] {
		near = append(near, Near{Request: c.entry.ID, Distance: c.distance(), Differences: c.lines()})
	}
	return near
}
