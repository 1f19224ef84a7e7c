package crash

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// backdated builds the program once more, with a clock that is a year behind: its one look at the machine's time
// is replaced while it is compiled. Libraries that move the time of other programs do not reach a static one.
func backdated(t *testing.T) (path string) {
	t.Helper()
	const look = "time.Now().UTC()"
	clock, err := filepath.Abs("../../internal/clock/clock.go")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(clock)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(source), look) != 1 {
		t.Fatalf("%s has no single %s any more", clock, look)
	}
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "clock.go"), filepath.Join(dir, "overlay.json")
	plan, err := json.Marshal(map[string]any{"Replace": map[string]string{clock: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{changed: strings.Replace(string(source), look, look+".AddDate(-1, 0, 0)", 1), overlay: string(plan)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(dir, "mockbank")
	if err := build(t.Context(), path, "-overlay", overlay); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestYearBack sets the machine's clock back by a year between two runs, and forth again. Timers wait for their
// instant and are not lost, the workspace goes on, and an assertion that was used stays used.
func TestYearBack(t *testing.T) {
	behind, dir, r := backdated(t), t.TempDir(), receive(t)
	p := start(t, dir)
	a := p.api(t)
	s := newSigner(t, a)
	used := s.assertion(t, "used", time.Now())
	if got := a.token(t.Context(), t, used); got != http.StatusOK {
		t.Fatalf("a new assertion: %d", got)
	}
	early, _, err := a.createLink(t.Context(), inReal, "unattended", r.url)
	if err != nil {
		t.Fatal(err)
	}
	p.kill()

	p = startBinary(t, behind, dir)
	livesAYearAgo(t, p, s, early, r.url)

	p = start(t, dir)
	a = p.api(t)
	if err := r.wait([]change{{early, "completed"}}); err != nil {
		t.Error("after the clock was right again:", err)
	}
	if got := a.token(t.Context(), t, used); got != http.StatusBadRequest {
		t.Errorf("a used assertion, after a year and back: %d", got)
	}
	p.expectClean(t)
	p.stop(t)
}

// livesAYearAgo holds a run whose clock is behind everything that is stored.
func livesAYearAgo(t *testing.T, p *program, s signer, early, callback string) {
	t.Helper()
	a, ctx := p.api(t), t.Context()
	now, _, err := a.now(ctx, inReal)
	if age := time.Since(now); err != nil || age < 360*24*time.Hour {
		t.Fatalf("the clock is %v behind: %v", age, err)
	}
	e, err := a.link(ctx, inReal, early)
	if err != nil || e.State == "completed" || len(e.Next) == 0 {
		t.Errorf("a link of the future: %+v, %v", e, err)
	}
	for _, timer := range e.Next {
		if !timer.Due.After(now) {
			t.Errorf("its timer is due at %v, and it is %v", timer.Due, now)
		}
	}
	if _, err := a.advance(ctx, inReal, map[string]any{"by": "1m"}); err != nil {
		t.Error("time does not go on:", err)
	}
	late, _, err := a.createLink(ctx, inReal, "unattended", callback)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.advance(ctx, inReal, map[string]any{"by": "1m"}); err != nil {
		t.Error("time does not go on:", err)
	}
	if e, err := a.link(ctx, inReal, late); err != nil || e.State != "completed" {
		t.Errorf("a new link does not walk: %+v, %v", e, err)
	}
	if list, err := a.list(ctx, inReal, ""); err != nil || len(list) != 2 {
		t.Errorf("the list has %d links: %v", len(list), err)
	}
	fresh := s.assertion(t, "a year ago", time.Now().AddDate(-1, 0, 0))
	for try, want := range []int{http.StatusOK, http.StatusBadRequest} {
		if got := a.token(ctx, t, fresh); got != want {
			t.Errorf("an assertion of the time, shown for the %d. time: %d, want %d", try+1, got, want)
		}
	}
	p.expectClean(t)
	p.stop(t)
}
