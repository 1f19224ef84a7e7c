package overlay

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/machine"
)

// holding is what a folder holds of one file; empty: nothing.
func holding(text string) Contents {
	if text == "" {
		return Contents{}
	}
	return Contents{Files: []machine.File{{Name: "d/a/x.yaml", Data: []byte(text)}}, folders: []string{"d/a"}}
}

// stage is a watch over a folder that a test writes by hand, in a bubble whose time stands.
type stage struct {
	mu       sync.Mutex // guards text and reported
	text     string
	moved    chan struct{}
	reported []string
	followed []string
}

func (s *stage) run(t *testing.T, told bool, play func(begun time.Time)) {
	synctest.Test(t, func(t *testing.T) {
		s.moved = make(chan struct{}, 1)
		w := &watch{
			read: s.read, last: s.read(), follow: func(f []string) { s.followed = f }, changed: s.changed,
		}
		if told {
			w.moved = s.moved
		}
		ctx, cancel := context.WithCancel(t.Context())
		go w.run(ctx)
		synctest.Wait()
		play(time.Now())
		cancel()
		synctest.Wait()
	})
}

func (s *stage) read() Contents {
	s.mu.Lock()
	defer s.mu.Unlock()
	return holding(s.text)
}

func (s *stage) changed(c Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := ""
	for _, f := range c.Files {
		text = string(f.Data)
	}
	s.reported = append(s.reported, text)
}

// write changes the folder at an instant, counted from the begin, and has it told.
func (s *stage) write(begun time.Time, at time.Duration, text string) {
	time.Sleep(time.Until(begun.Add(at)))
	s.mu.Lock()
	s.text = text
	s.mu.Unlock()
	select {
	case s.moved <- struct{}{}:
	default:
	}
	synctest.Wait()
}

func (s *stage) wants(t *testing.T, want ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(want, s.reported); diff != "" {
		t.Errorf("reported (-want +got)\n%s", diff)
	}
}

// K11: what is written piece by piece is reported once, when it rests.
func TestK11AFileThatIsBeingWrittenIsReportedOnce(t *testing.T) {
	s := &stage{text: "old"}
	s.run(t, true, func(begun time.Time) {
		s.write(begun, 10*time.Millisecond, "")
		s.write(begun, 110*time.Millisecond, "ne")
		s.write(begun, 290*time.Millisecond, "new")
		s.write(begun, 5*time.Second, "newer")
		time.Sleep(rest)
		synctest.Wait()
	})
	s.wants(t, "new", "newer")
}

func TestWhatIsWrittenAsItWasIsNotReported(t *testing.T) {
	s := &stage{text: "old"}
	s.run(t, true, func(begun time.Time) {
		s.write(begun, 10*time.Millisecond, "")
		s.write(begun, 100*time.Millisecond, "old")
		time.Sleep(10 * time.Second)
	})
	s.wants(t)
	if diff := cmp.Diff([]string{"d/a"}, s.followed); diff != "" {
		t.Error(diff)
	}
}

func TestWhereNobodyTellsTheFolderIsPolled(t *testing.T) {
	s := &stage{text: "old"}
	s.run(t, false, func(begun time.Time) {
		s.write(begun, 100*time.Millisecond, "new")
		time.Sleep(each + rest)
		synctest.Wait()
		s.wants(t, "new")
		s.write(begun, 10*time.Second, "")
		time.Sleep(each + rest)
		synctest.Wait()
	})
	s.wants(t, "new", "")
}

// The real thing, once: a new folder, a renamed file and a removed folder are told of by the system.
func TestTheSystemTellsOfChanges(t *testing.T) {
	f := folder(t, map[string]string{"a/x.yaml": "1"})
	before, reports := f.Read(), make(chan Contents)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Watch(ctx, slog.New(slog.DiscardHandler), before, func(c Contents) { reports <- c })
	}()
	change := func(want string, make func()) {
		t.Helper()
		make()
		select {
		case c := <-reports:
			if diff := cmp.Diff(want, told(f, c)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nothing is reported")
		}
	}
	change("a/x.yaml 1\nb/y.yaml 2\n", func() { put(t, filepath.Join(string(f), "b/y.yaml"), "2") })
	change("a/x.yaml 1\nb/y.yaml 3\n", func() {
		put(t, filepath.Join(string(f), ".new"), "3")
		if err := os.Rename(filepath.Join(string(f), ".new"), filepath.Join(string(f), "b/y.yaml")); err != nil {
			t.Fatal(err)
		}
	})
	change("b/y.yaml 3\n", func() {
		if err := os.RemoveAll(filepath.Join(string(f), "a")); err != nil {
			t.Fatal(err)
		}
	})
	cancel()
	<-ended
}
