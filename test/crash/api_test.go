package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// api speaks to one run of the program.
type api struct {
	base string
	http *http.Client
}

func (p *program) api(t *testing.T) *api {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return &api{base: p.base, http: &http.Client{Transport: transport, Timeout: 2 * patience}}
}

// refused is an answer that is no success.
type refused struct {
	what   string
	status int
	body   string
}

func (e *refused) Error() string { return fmt.Sprintf("%s: %d %s", e.what, e.status, e.body) }

// call returns nil when the whole of a success was read, a *refused for another answer, and any other error
// when there was none: the program may or may not have done it then.
func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	header := http.Header{}
	if scenario, ok := ctx.Value(scenarioKey{}).(string); ok {
		header.Set("Mockbank-Scenario", scenario)
	}
	got, err := a.send(ctx, method, path, header, in)
	if err != nil {
		return err
	}
	if got.status >= 300 {
		return &refused{what: method + " " + path, status: got.status, body: got.body}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal([]byte(got.body), out)
}

// answer is what came back, all of it.
type answer struct {
	status int
	header http.Header
	body   string
}

// send returns an error when no whole answer came.
func (a *api) send(ctx context.Context, method, path string, header http.Header, in any) (answer, error) {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return answer{}, err
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	reply, err := a.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer reply.Body.Close()
	data, err := io.ReadAll(reply.Body)
	return answer{reply.StatusCode, reply.Header, string(data)}, err
}

type scenarioKey struct{}

// control is the path of something of a workspace.
func control(workspace, rest string) string { return "/_mockbank/v1/workspaces/" + workspace + rest }

// moment is one entry of a history. Two runs differ in At.
type moment struct {
	At    time.Time `json:"at"`
	Event string    `json:"event"`
	From  string    `json:"from"`
	To    string    `json:"to"`
}

// entity is a link as the control API shows it.
type entity struct {
	ID       string `json:"id"`
	State    string `json:"state"`
	Version  int    `json:"version"`
	Scenario string `json:"scenario"`
	Data     struct {
		WebID   string `json:"web_id"`
		Options struct {
			CallbackURL string `json:"callback_url"`
		} `json:"options"`
	} `json:"data"`
	History []moment `json:"history"`
	Next    []struct {
		Due time.Time `json:"due"`
	} `json:"next"`
}

// status is what a webhook says.
type status struct {
	LinkID string `json:"link_id"`
	WebID  string `json:"web_id"`
	Status string `json:"status"`
}

type delivery struct {
	Sequence int    `json:"sequence"`
	Body     string `json:"body"`
	State    string `json:"state"`
	Attempts []struct {
		Failure *struct {
			Class string `json:"class"`
		} `json:"failure"`
	} `json:"attempts"`
}

// credentials are those that every workspace has.
func credentials(more map[string]any) map[string]any {
	body := map[string]any{"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret"}
	for name, value := range more {
		body[name] = value
	}
	return body
}

func finqlink(workspace, path string) string { return "/w/" + workspace + "/finqlink/v2" + path }

// createLink makes a link whose changes are told to a receiver.
func (a *api) createLink(ctx context.Context, workspace, scenario, callback string) (id, webID string, err error) {
	var made struct {
		LinkID string `json:"link_id"`
		WebID  string `json:"web_id"`
	}
	body := credentials(map[string]any{
		"single_transfer": map[string]any{"amount": "12.50", "currency": "RON", "creditor_name": "Magazin", "creditor_iban": "RO10RZBR0000069999999970"},
		"options":         map[string]any{"callback_url": callback},
	})
	err = a.call(context.WithValue(ctx, scenarioKey{}, scenario), http.MethodPost, finqlink(workspace, "/links/create"), body, &made)
	return made.LinkID, made.WebID, err
}

func (a *api) link(ctx context.Context, workspace, id string) (e entity, err error) {
	err = a.call(ctx, http.MethodGet, control(workspace, "/entities/finqlink/link/"+id), nil, &e)
	return e, err
}

func (a *api) fire(ctx context.Context, workspace, id, event string) (e entity, err error) {
	err = a.call(ctx, http.MethodPost, control(workspace, "/entities/finqlink/link/"+id+"/events"), map[string]any{"event": event}, &e)
	return e, err
}

func (a *api) setClock(ctx context.Context, workspace string, setting map[string]any) error {
	return a.call(ctx, http.MethodPut, control(workspace, "/clock"), setting, nil)
}

func (a *api) now(ctx context.Context, workspace string) (now time.Time, advancing bool, err error) {
	var clock struct {
		Now       time.Time `json:"now"`
		Advancing bool      `json:"advancing"`
	}
	err = a.call(ctx, http.MethodGet, control(workspace, "/clock"), nil, &clock)
	return clock.Now, clock.Advancing, err
}

// advance moves a workspace's time and tells where it stands then.
func (a *api) advance(ctx context.Context, workspace string, by map[string]any) (to time.Time, err error) {
	var report struct {
		To time.Time `json:"to"`
	}
	err = a.call(ctx, http.MethodPost, control(workspace, "/clock/advance"), by, &report)
	return report.To, err
}

// items reads all pages of a list of the control API.
func items[T any](ctx context.Context, a *api, path string) (all []T, err error) {
	for after := ""; ; {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next"`
		}
		if err := a.call(ctx, http.MethodGet, path+"&limit=500"+after, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		after = "&after=" + url.QueryEscape(page.Next)
	}
}

func (a *api) entities(ctx context.Context, workspace string) ([]entity, error) {
	return items[entity](ctx, a, control(workspace, "/entities?provider=finqlink&kind=link"))
}

// deliveries of one link, the first one first.
func (a *api) deliveries(ctx context.Context, workspace, link string) ([]delivery, error) {
	all, err := items[delivery](ctx, a, control(workspace, "/deliveries?entity="+link))
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all, err
}

// shown is a link as the provider's own API shows it.
type shown struct {
	LinkID string `json:"link_id"`
	WebID  string `json:"web_id"`
	Status string `json:"status"`
}

// get finds a link by its web id, which is another index than its id.
func (a *api) get(ctx context.Context, workspace, webID string) (l shown, err error) {
	err = a.call(ctx, http.MethodPost, finqlink(workspace, "/links/get"), credentials(map[string]any{"web_id": webID}), &l)
	return l, err
}

// list reads the client's index, or with a status that of the status.
func (a *api) list(ctx context.Context, workspace, status string) (all []shown, err error) {
	for after := ""; ; {
		body := credentials(map[string]any{"pagination": map[string]any{"limit": 250}})
		if after != "" {
			body["pagination"] = map[string]any{"limit": 250, "after": after}
		}
		if status != "" {
			body["filter"] = map[string]any{"status": status}
		}
		var page struct {
			Links      []shown `json:"links"`
			Pagination struct {
				More  bool   `json:"more?"`
				After string `json:"after"`
			} `json:"pagination"`
		}
		if err := a.call(ctx, http.MethodPost, finqlink(workspace, "/links/list"), body, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Links...)
		if !page.Pagination.More {
			return all, nil
		}
		after = page.Pagination.After
	}
}
