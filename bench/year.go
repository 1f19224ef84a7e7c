package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// yearStory has one timer for each link, at the instant that its reference says.
const yearStory = `
  a_year:
    extends: manual
    steps:
      - {at: created, after: duration(entity.tracking.payment_ref), fire: open}
`

// measureYear is a jump of a year in which timers are due all the time, each at an instant of its own.
func measureYear(ctx context.Context, cfg config, binary, dir string) ([]figure, error) {
	stories := filepath.Join(dir, "stories", "finqlink")
	if err := os.MkdirAll(stories, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(stories, "link.yaml"), []byte("provider: finqlink\nkind: link\nscenarios:"+yearStory), 0o600); err != nil {
		return nil, err
	}
	p, err := serve(ctx, binary, "--clock", "frozen@2026-01-15T10:30:00Z", "--scenarios", filepath.Dir(stories))
	if err != nil {
		return nil, err
	}
	if err := p.tell(ctx, "a_year"); err != nil {
		return nil, err
	}
	apart := (365 * 24 * time.Hour / time.Duration(cfg.timers)).Truncate(time.Second)
	due := func(n int64) []byte { return linkBody(n, (time.Duration(n) * apart).String(), "") }
	if err := newLoad(cfg.connections, p.base+"/finqlink/v2/links/create", due).times(ctx, cfg.timers); err != nil {
		return nil, err
	}
	before, err := p.anonymous()
	if err != nil {
		return nil, err
	}
	j, err := p.jump(ctx, cfg.timers)
	if err != nil {
		return nil, err
	}
	return []figure{
		{fmt.Sprintf("a year with %d timers", cfg.timers), fmt.Sprintf("%.1f s, %.1f s of work", j.took.Seconds(), j.work.Seconds()), "below 5 s"},
		{"RssAnon in that year", fmt.Sprintf("%.0f MB, %.0f before it", float64(j.peak)/1e6, float64(before)/1e6), "below 300 MB"},
	}, p.stop()
}

// jump is what a jump took.
type jump struct {
	took, work time.Duration
	peak       int64 // of the memory, in bytes
}

// jump moves time by a year and a day, and holds that every timer fired at its instant.
func (p *process) jump(ctx context.Context, timers int) (j jump, err error) {
	idle, err := p.cpu()
	if err != nil {
		return j, err
	}
	watched := p.watch()
	var report struct{ Fired int }
	began := time.Now()
	err = p.call(ctx, http.MethodPost, control+"/clock/advance", map[string]string{"by": "366d"}, &report)
	j.took, j.peak = time.Since(began), watched()
	if err != nil {
		return j, err
	}
	if report.Fired != timers {
		return j, fmt.Errorf("%d timers were run, of %d", report.Fired, timers)
	}
	if j.work, err = p.cpu(); err != nil {
		return j, err
	}
	j.work -= idle
	return j, p.expectPunctual(ctx)
}

// expectPunctual reads every link: it was changed at the instant at which its timer was due.
func (p *process) expectPunctual(ctx context.Context) error {
	for after := ""; ; {
		var page struct {
			Items []struct {
				ID               string
				Created, Updated time.Time
				Data             struct {
					Tracking struct {
						Reference string `json:"payment_ref"`
					}
				}
			}
			Next string
		}
		if err := p.call(ctx, http.MethodGet, control+"/entities?provider=finqlink&kind=link&limit=500"+after, nil, &page); err != nil {
			return err
		}
		for _, link := range page.Items {
			due, err := time.ParseDuration(link.Data.Tracking.Reference)
			if late := link.Updated.Sub(link.Created.Add(due)); err != nil || late != 0 {
				return fmt.Errorf("the timer of link %s was %s late: %w", link.ID, late, err)
			}
		}
		if page.Next == "" {
			return nil
		}
		after = "&after=" + page.Next
	}
}

// watch reads the memory of the process time and again; the function that it returns ends that and gives the most.
func (p *process) watch() (stop func() int64) {
	var (
		most int64
		done = make(chan struct{})
		all  sync.WaitGroup
	)
	all.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			if now, err := p.anonymous(); err == nil {
				most = max(most, now)
			}
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() int64 {
		close(done)
		all.Wait()
		return most
	}
}
