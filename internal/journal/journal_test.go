package journal

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/problem"
)

var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// plainJournal has room for whatever a test adds.
func plainJournal() *Journal { return New(Config{Room: 1 << 20, Total: 8 << 20}) }

// called is a request as most tests need it.
func called(operation string) *Entry {
	return &Entry{
		At: start, Wall: start, Provider: "toy", Face: "toy", Operation: operation, Method: http.MethodPost, Origin: "http://localhost:6265",
		Whole: "/toy/orders", Path: "/orders", Client: "demo", Status: http.StatusOK,
	}
}

func ids(views []View) []uint64 {
	all := make([]uint64, 0, len(views))
	for _, v := range views {
		all = append(all, v.ID)
	}
	return all
}

func TestNewestFirstAndByPage(t *testing.T) {
	j := plainJournal()
	for range 5 {
		j.Add("a", called("create"))
	}
	j.Add("b", called("create"))
	for _, tt := range []struct {
		before uint64
		limit  int
		want   []uint64
		more   bool
	}{
		{0, 10, []uint64{5, 4, 3, 2, 1}, false}, {0, 2, []uint64{5, 4}, true}, {4, 2, []uint64{3, 2}, true},
		{2, 2, []uint64{1}, false}, {1, 2, []uint64{}, false}, {0, 5, []uint64{5, 4, 3, 2, 1}, false},
	} {
		found, more := j.List("a", Filter{}, tt.before, tt.limit)
		if !slices.Equal(ids(found), tt.want) || more != tt.more {
			t.Errorf("before %d, %d at most: %v %t, want %v %t", tt.before, tt.limit, ids(found), more, tt.want, tt.more)
		}
	}
	if found, _ := j.List("b", Filter{}, 0, 10); !slices.Equal(ids(found), []uint64{1}) {
		t.Errorf("b has %v", ids(found))
	}
}

func TestFilters(t *testing.T) {
	j := plainJournal()
	refused := called("get")
	refused.Status, refused.Method, refused.Path, refused.Client = 404, "GET", "/orders/7", ""
	refused.Entity, refused.Scenario, refused.At, refused.Provider = "order/7", "paid", start.Add(time.Hour), "tin"
	j.Add("a", called("create"))
	j.Add("a", refused)
	for name, tt := range map[string]struct {
		filter Filter
		want   []uint64
	}{
		"nothing":          {Filter{}, []uint64{2, 1}},
		"provider":         {Filter{Provider: "toy"}, []uint64{1}},
		"operation":        {Filter{Operation: "get"}, []uint64{2}},
		"client":           {Filter{Client: "demo"}, []uint64{1}},
		"method":           {Filter{Method: "GET"}, []uint64{2}},
		"path":             {Filter{Path: "/orders"}, []uint64{1}},
		"open path":        {Filter{Path: "/orders*"}, []uint64{2, 1}},
		"status":           {Filter{Status: 200}, []uint64{1}},
		"class of status":  {Filter{Status: 4}, []uint64{2}},
		"entity":           {Filter{Entity: "7"}, []uint64{2}},
		"kind and entity":  {Filter{Entity: "order/7"}, []uint64{2}},
		"part of an id":    {Filter{Entity: "rder/7"}, []uint64{}},
		"scenario":         {Filter{Scenario: "paid"}, []uint64{2}},
		"since":            {Filter{Since: start.Add(time.Hour)}, []uint64{2}},
		"beyond":           {Filter{Beyond: 1}, []uint64{2}},
		"two that exclude": {Filter{Operation: "get", Status: 200}, []uint64{}},
	} {
		if found, _ := j.List("a", tt.filter, 0, 10); !slices.Equal(ids(found), tt.want) {
			t.Errorf("%s: %v, want %v", name, ids(found), tt.want)
		}
	}
}

func TestClearKeepsCountingAndDropDoesNot(t *testing.T) {
	j := plainJournal()
	j.Add("a", called("create"))
	j.Add("b", called("create"))
	j.Clear("a")
	j.Clear("nobody")
	j.Add("a", called("create"))
	if found, _ := j.List("a", Filter{}, 0, 10); !slices.Equal(ids(found), []uint64{2}) {
		t.Errorf("after a clear: %v", ids(found))
	}
	j.Drop("a")
	j.Drop("nobody")
	j.Add("a", called("create"))
	if found, _ := j.List("a", Filter{}, 0, 10); !slices.Equal(ids(found), []uint64{1}) {
		t.Errorf("after a drop: %v", ids(found))
	}
	if _, found := j.Get("b", 1); !found {
		t.Error("b was touched")
	}
	if _, found := j.Get("b", 2); found {
		t.Error("b has a request that nobody made")
	}
}

func TestTheZeroJournalRemembersNothing(t *testing.T) {
	var j Journal
	j.Add("a", called("create"))
	j.Clear("a")
	if found, _ := j.List("a", Filter{}, 0, 1); len(found) > 0 {
		t.Error("it remembers")
	}
}

// TestBounds: whatever comes, the bytes hold, the newest are there, and ids ascend without a gap.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := New(Config{Room: 8 << 10, Total: 20 << 10})
		last := map[string]uint64{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "workspace")
			switch rapid.IntRange(0, 12).Draw(t, "step") {
			case 0:
				j.Clear(name)
			case 1:
				j.Drop(name)
				last[name] = 0
			default:
				e := called("create")
				e.Request.Body = make([]byte, rapid.IntRange(0, 12<<10).Draw(t, "bytes"))
				if e.size() <= 8<<10 {
					last[name]++
				}
				j.Add(name, e)
				if found, _ := j.List(name, Filter{}, 0, 1); last[name] > 0 && e.size() <= 8<<10 && (len(found) == 0 || found[0].ID != last[name]) {
					t.Fatalf("the newest of %s is %v, want %d", name, ids(found), last[name])
				}
			}
			j.check(t)
		}
	})
}

// check holds the sums against what is there.
func (j *Journal) check(t *rapid.T) {
	total, empty, count := int64(0), 0, 0
	for name, r := range j.rooms {
		sum, before := int64(0), uint64(0)
		for _, e := range r.entries.all() {
			if before != 0 && e.ID != before+1 {
				t.Fatalf("%d comes after %d", e.ID, before)
			}
			before, sum, count = e.ID, sum+e.size(), count+1
		}
		if sum != r.bytes || sum > j.cfg.Room {
			t.Fatalf("%s holds %d bytes and says %d", name, sum, r.bytes)
		}
		if total += sum; r.entries.len() == 0 {
			empty++
		}
	}
	linked := 0
	for n := j.all.oldest; n != nil; n = n.later {
		linked++
	}
	if total != j.bytes || total > j.cfg.Total || empty != j.empty || linked != count {
		t.Fatalf("%d bytes (says %d), %d empty rooms (says %d), %d entries of which %d are linked", total, j.bytes, empty, j.empty, count, linked)
	}
}

// TestTheOldestOfAllGoFirst, whosever they are.
func TestTheOldestOfAllGoFirst(t *testing.T) {
	size := called("create").size()
	j := New(Config{Room: 10 * size, Total: 3 * size})
	for _, name := range []string{"a", "b", "a", "c"} {
		j.Add(name, called("create"))
	}
	_, first := j.Get("a", 1)
	_, second := j.Get("a", 2)
	_, other := j.Get("b", 1)
	if first || !second || !other {
		t.Errorf("the first: %t, those after it: %t %t", first, second, other)
	}
}

// TestInventedNamesCostNoMemory also counts what the heap says, since sizes are estimates.
func TestInventedNamesCostNoMemory(t *testing.T) {
	const total = 4 << 20
	j := New(Config{Room: 1 << 20, Total: total})
	before := heap()
	for i := range 100_000 {
		e := called("create")
		e.Request = Message{Header: http.Header{"Content-Type": {"application/json"}, "User-Agent": {fmt.Sprint("test ", i)}}, Body: make([]byte, 200), Length: 200}
		e.Reply = Message{Header: http.Header{"X-Request-Id": {fmt.Sprint(i)}}, Body: make([]byte, 300), Length: 300}
		j.Add(fmt.Sprint("stranger-", i), e)
	}
	held := heap() - before
	if len(j.rooms) > 2*mostEmpty || held > 2*total {
		t.Errorf("%d rooms and %d bytes are held", len(j.rooms), held)
	}
	t.Logf("%d bytes are held where %d may", held, total)
	if j.Add("stranger-1", called("create")); j.rooms["stranger-1"].last < 2 {
		t.Error("an id was given twice")
	}
	runtime.KeepAlive(j)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestLongBodiesAreCut(t *testing.T) {
	j := plainJournal()
	e := called("create")
	e.Request = Message{Body: []byte(strings.Repeat("x", mostBody+10)), Length: mostBody + 10}
	j.Add("a", e)
	v, _ := j.Get("a", 1)
	if len(v.Request.Body) != mostBody || !v.Request.Cut || v.Request.Length != mostBody+10 || cap(e.Request.Body) > mostBody+mostBody/4 {
		t.Errorf("%d bytes of %d, cut %t", len(v.Request.Body), v.Request.Length, v.Request.Cut)
	}
}

func TestJudge(t *testing.T) {
	var many []problem.Violation
	for i := range mostViolations + 5 {
		many = append(many, problem.Violation{Pointer: fmt.Sprint("/", i), Rule: "type", Message: "must be a text"})
	}
	refusal := problem.Violated(many)
	refusal.Err = fmt.Errorf("the string to sign was %s", strings.Repeat("x", 3*mostDiagnosis))
	v := Judge("validate", refusal)
	if len(v.Violations) != mostViolations || v.More != 5 || len(v.Diagnosis) != mostDiagnosis || v.Pointer != "/0" || v.Step != "validate" {
		t.Errorf("%d violations, %d more, a diagnosis of %d bytes at %s", len(v.Violations), v.More, len(v.Diagnosis), v.Pointer)
	}
}

func BenchmarkAdd(b *testing.B) {
	j := New(Config{Room: 4 << 20, Total: 64 << 20})
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"bench"}}
	body := make([]byte, 500)
	b.ReportAllocs()
	for b.Loop() {
		e := called("create")
		e.Request, e.Reply = Message{Header: header, Body: body, Length: 500}, Message{Header: header, Body: body, Length: 500}
		j.Add("default", e)
	}
}
