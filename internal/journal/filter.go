package journal

import (
	"strings"
	"time"
)

// Filter chooses entries. What is zero lets everything through.
type Filter struct {
	Provider, Operation, Client, Method, Entity, Scenario string

	Path   string    // below the face's mount; a final * stands for any rest
	Status int       // 1 to 5 stand for all statuses that begin so
	Since  time.Time // workspace time
	Beyond uint64    // only ids above it
}

func (f Filter) lets(e *Entry) bool {
	for _, pair := range [][2]string{
		{f.Provider, e.Provider}, {f.Operation, e.Operation}, {f.Client, e.Client}, {f.Method, e.Method}, {f.Scenario, e.Scenario},
	} {
		if pair[0] != "" && pair[0] != pair[1] {
			return false
		}
	}
	return (f.Entity == "" || isEntity(f.Entity, e.Entity)) && (f.Path == "" || isPath(f.Path, e.Path)) &&
		isStatus(f.Status, e.Status) && !e.At.Before(f.Since) && e.ID > f.Beyond
}

// isEntity takes an id alone, or kind/id.
func isEntity(want, got string) bool {
	return want == got || strings.HasSuffix(got, "/"+want)
}

func isPath(want, got string) bool {
	if prefix, open := strings.CutSuffix(want, "*"); open {
		return strings.HasPrefix(got, prefix)
	}
	return want == got
}

func isStatus(want, got int) bool {
	return want == 0 || want == got || want < 10 && want == got/100
}
