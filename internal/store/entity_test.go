package store

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/problem"
)

func link(sequence uint64, id, client string) (*Entity, []Index) {
	e := &Entity{
		Ref: Ref{"p", "link", id}, Sequence: sequence, State: "created", Scenario: "pay_success", Visit: 1, Version: 1,
		Visits: map[string]int{"created": 1}, Input: map[string]string{"code": "04"}, Spoilt: []int{2, 0}, Client: client, Base: "http://localhost",
		Parent: Ref{"p", "consent", "c1"}, Created: noon, Updated: noon, Entered: noon, Wake: noon, Data: []byte(`{"id":"` + id + `"}`),
	}
	return e, []Index{{Name: "client", Key: Key{}.Text(client).Latest(noon).Text(id)}, {Name: "web", Unique: true, Key: Key{}.Text("w" + id)}}
}

func insert(t *testing.T, s *Store, e *Entity, indexes []Index) {
	t.Helper()
	update(t, s, "a", func(tx *Tx) error { return tx.Insert(e, indexes) })
}

func TestEntityComesBackWhole(t *testing.T) {
	s := open(t, mem.New())
	e, indexes := link(1, "l1", "me")
	insert(t, s, e, indexes)
	view(t, s, "a", func(tx *Tx) error {
		byID, err := tx.Entity(e.Ref)
		if err != nil {
			return err
		}
		byKey, err := tx.FindEntity("p", "link", "web", Key{}.Text("wl1"))
		if diff := cmp.Diff(e, byID) + cmp.Diff(e, byKey); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func TestUniqueKeysClash(t *testing.T) {
	s := open(t, mem.New())
	e, indexes := link(1, "l1", "me")
	insert(t, s, e, indexes)
	sameID, other := link(2, "l1", "me")
	if err := s.Update(context.Background(), "a", func(tx *Tx) error { return tx.Insert(sameID, other[:1]) }); !problem.Is(err, problem.Conflict) {
		t.Errorf("the same id: %v", err)
	}
	sameKey, _ := link(2, "l2", "me")
	if err := s.Update(context.Background(), "a", func(tx *Tx) error { return tx.Insert(sameKey, indexes[1:]) }); !problem.Is(err, problem.Conflict) {
		t.Errorf("the same key: %v", err)
	}
}

func ids(t *testing.T, s *Store, in Range) (found []string) {
	t.Helper()
	view(t, s, "a", func(tx *Tx) error {
		return tx.ScanIndex("p", "link", "client", in, func(e *Entity) (bool, error) {
			found = append(found, e.ID)
			return true, nil
		})
	})
	return found
}

func TestIndexFollowsItsEntity(t *testing.T) {
	s := open(t, mem.New())
	for i, id := range []string{"l3", "l1", "l2"} {
		e, indexes := link(uint64(i+1), id, "me")
		insert(t, s, e, indexes)
	}
	all := Range{Prefix: Key{}.Text("me")}
	if diff := cmp.Diff([]string{"l1", "l2", "l3"}, ids(t, s, all)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"l2", "l3"}, ids(t, s, Range{Prefix: all.Prefix, From: Key{}.Text("me").Latest(noon).Text("l2")})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"l1"}, ids(t, s, Range{Prefix: all.Prefix, To: Key{}.Text("me").Latest(noon).Text("l2")})); diff != "" {
		t.Error(diff)
	}

	moved, before := link(1, "l3", "me")
	_, after := link(1, "l3", "you")
	update(t, s, "a", func(tx *Tx) error { return tx.Replace(moved, before, after) })
	if diff := cmp.Diff([]string{"l1", "l2"}, ids(t, s, all)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"l3"}, ids(t, s, Range{Prefix: Key{}.Text("you")})); diff != "" {
		t.Error(diff)
	}

	update(t, s, "a", func(tx *Tx) error { return tx.Remove(moved, after) })
	view(t, s, "a", func(tx *Tx) error {
		e, err := tx.Entity(moved.Ref)
		if e != nil {
			t.Errorf("it is still there: %v", e)
		}
		return err
	})
	e, indexes := link(4, "l3", "me")
	insert(t, s, e, indexes) // its id and its unique key are free again
}

func TestEntitiesAreListedNewestFirst(t *testing.T) {
	s := open(t, mem.New())
	for i, id := range []string{"x", "y", "z"} {
		e, indexes := link(uint64(i+1), id, "me")
		insert(t, s, e, indexes)
	}
	var got []string
	view(t, s, "a", func(tx *Tx) error {
		return tx.ScanEntities("p", "link", 3, func(e *Entity) (bool, error) {
			got = append(got, e.ID)
			return true, nil
		})
	})
	if diff := cmp.Diff([]string{"y", "x"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHistoryKeepsEveryEvent(t *testing.T) {
	s := open(t, mem.New())
	e, indexes := link(1, "l1", "me")
	insert(t, s, e, indexes)
	update(t, s, "a", func(tx *Tx) error {
		for _, event := range []string{"open", "pay"} { // two events of one version
			if err := tx.Record(e, Moment{Event: event, Cause: "test"}); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, "a", func(tx *Tx) error {
		got, err := tx.History(e)
		want := []Moment{{At: noon, Event: "open", Cause: "test"}, {At: noon, Event: "pay", Cause: "test"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func TestJobsComeInOrderOfTheirDueTime(t *testing.T) {
	s := open(t, mem.New())
	update(t, s, "a", func(tx *Tx) error {
		for _, minutes := range []int{3, 1, 2, 1} {
			if err := tx.AddJob(Job{Class: StateJob, Due: noon.Add(time.Duration(minutes) * time.Minute), Fire: "x"}); err != nil {
				return err
			}
		}
		return tx.AddJob(Job{Class: SendJob, Due: noon})
	})
	var got []uint64
	update(t, s, "a", func(tx *Tx) error {
		var first *Job
		err := tx.Jobs(StateJob, func(j *Job) bool {
			if first == nil {
				first = j
			}
			got = append(got, j.Sequence)
			return true
		})
		tx.DropJob(first)
		return err
	})
	if diff := cmp.Diff([]uint64{2, 4, 3, 1}, got); diff != "" {
		t.Error(diff)
	}
	view(t, s, "a", func(tx *Tx) error {
		left := 0
		err := tx.Jobs(StateJob, func(*Job) bool { left++; return true })
		if left != 3 {
			t.Errorf("%d jobs are left", left)
		}
		return err
	})
}

// A caller may swallow the refusal and go on: neither the id nor another key may be left behind then.
func TestAClashLeavesNothingBehind(t *testing.T) {
	s := open(t, mem.New())
	first, indexes := link(1, "l1", "me")
	insert(t, s, first, indexes)
	second, own := link(2, "l2", "me")
	clash := append(own, indexes[1])
	update(t, s, "a", func(tx *Tx) error {
		if err := tx.Insert(second, clash); !problem.Is(err, problem.Conflict) {
			t.Errorf("inserted: %v", err)
		}
		return nil
	})
	if found := ids(t, s, Range{}); len(found) != 1 {
		t.Errorf("the list has %q", found)
	}
	insert(t, s, second, own)
	update(t, s, "a", func(tx *Tx) error {
		if err := tx.Replace(second, own, clash[2:]); !problem.Is(err, problem.Conflict) {
			t.Errorf("replaced: %v", err)
		}
		return nil
	})
	if found := ids(t, s, Range{}); len(found) != 2 {
		t.Errorf("the list has %q", found)
	}
}
