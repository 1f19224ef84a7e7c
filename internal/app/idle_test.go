package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mockbank/mockbank/internal/app"
)

// TestIdleWorkspacesGo after their time to live, with what was counted in them; the default one and those of the
// configuration stay, and a request keeps a workspace.
func TestIdleWorkspacesGo(t *testing.T) {
	cfg := toyConfig(t)
	cfg.WorkspaceTTL = time.Hour
	cfg.Workspaces = map[string]map[string]any{"configured": {"settings": map[string]any{"toy": map[string]any{}}}}
	synctest.Test(t, func(t *testing.T) {
		a, err := app.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx) }()
		do := func(method, path, body string) string {
			r := httptest.NewRequest(method, "http://localhost:6265"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			return w.Body.String()
		}
		const workspaces = "/_mockbank/v1/workspaces"
		for _, name := range []string{"default", "configured", "used", "idle"} {
			do(http.MethodPut, workspaces+"/"+name, "{}")
		}
		do(http.MethodGet, "/w/idle/toy/count", "")
		time.Sleep(40 * time.Minute)
		do(http.MethodGet, "/w/used/toy/count", "")
		time.Sleep(40 * time.Minute)
		synctest.Wait()
		list := do(http.MethodGet, workspaces, "")
		for name, stays := range map[string]bool{"default": true, "configured": true, "used": true, "idle": false} {
			if strings.Contains(list, `"name":"`+name+`"`) != stays {
				t.Errorf("%s is there: %t; %s", name, !stays, list)
			}
		}
		if count := do(http.MethodGet, "/w/idle/toy/count", ""); count != "1" {
			t.Errorf("the dropped one counts on: %s", count)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if list := do(http.MethodGet, workspaces, ""); strings.Contains(list, `"used"`) {
			t.Errorf("used is still there: %s", list)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
