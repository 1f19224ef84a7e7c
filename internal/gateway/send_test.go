package gateway_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/gateway"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/spec"
)

// post makes an order through a real server, and gives what a client gets of the reply.
func (h *house) post(ref string) (status int, body string, err error) {
	h.t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	response, err := server.Client().Post(server.URL+"/toy/orders", "application/json", strings.NewReader(`{"ref":"`+ref+`"}`))
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, string(raw), err
}

// TestMishapsAfterTheCommit: whatever becomes of the reply, the state is stored, and the log tells of no panic.
func TestMishapsAfterTheCommit(t *testing.T) {
	tests := map[string]func(t *testing.T, status int, body string, err error){
		"lost": func(t *testing.T, status int, _ string, err error) {
			if err == nil || status != 0 {
				t.Errorf("the client got %d, %v; want no answer", status, err)
			}
		},
		"cut": func(t *testing.T, status int, body string, err error) {
			if !errors.Is(err, io.ErrUnexpectedEOF) || status != 201 || body == "" || strings.HasSuffix(body, "}") {
				t.Errorf("the client got %d, %q, %v; want half of it", status, body, err)
			}
		},
		"spoilt": func(t *testing.T, status int, body string, err error) {
			if err != nil || status != 201 || !strings.HasSuffix(body, "<<<") {
				t.Errorf("the client got %d, %q, %v; want a whole body that is no JSON", status, body, err)
			}
		},
	}
	for ref, check := range tests {
		t.Run(ref, func(t *testing.T) {
			h := build(t, nil)
			status, body, err := h.post(ref)
			check(t, status, body, err)
			h.wantRefs("default", ref)
			if strings.Contains(h.log.String(), "panic") {
				t.Errorf("the log says %s", h.log)
			}
		})
	}
}

// TestALimitedMishapAfterTheCommitIsCounted, also where the handler only reads.
func TestALimitedMishapAfterTheCommitIsCounted(t *testing.T) {
	h := build(t, nil)
	id := h.make("lost_once")
	server := httptest.NewServer(h)
	defer server.Close()
	// A transport that keeps connections would repeat a lost GET by itself.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	get := func() error {
		response, err := client.Get(server.URL + "/toy/orders/" + id)
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	if err := get(); err == nil {
		t.Error("the first reply was not lost")
	}
	if err := get(); err != nil {
		t.Errorf("the second one was: %v", err)
	}
}

// pieces notes when which part of a reply was flushed.
type pieces struct {
	*httptest.ResponseRecorder
	at []time.Time
}

func (p *pieces) Flush() { p.at = append(p.at, clock.System()) }

func TestDrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, func(p *plan) { p.wall = clock.System })
		w := &pieces{ResponseRecorder: httptest.NewRecorder()}
		h.ServeHTTP(w, request("POST", "/toy/orders", `{"ref":"dripped"}`))
		if len(w.at) < 10 || len(w.at) > 20 {
			t.Fatalf("it came in %d pieces", len(w.at))
		}
		for i := 1; i < len(w.at); i++ {
			if gap := w.at[i].Sub(w.at[i-1]); gap != time.Second {
				t.Errorf("piece %d came %s after the one before", i, gap)
			}
		}
		if !strings.HasSuffix(w.Body.String(), "}") || w.Code != 201 {
			t.Errorf("the whole is %d %s", w.Code, w.Body)
		}
	})
}

func TestAPanicIsOneReply(t *testing.T) {
	h := build(t, nil)
	server := httptest.NewServer(h)
	defer server.Close()
	for range 3 {
		response, err := server.Client().Post(server.URL+"/toy/panic", "", nil)
		must(t, err)
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusInternalServerError || strings.Contains(string(body), "secret") {
			t.Errorf("the client got %d %s %v", response.StatusCode, body, err)
		}
	}
	h.make("alive")
	h.wantRefs("default", "alive")
	if !strings.Contains(h.log.String(), "the secret of the toy") {
		t.Error("the log does not tell of it")
	}
}

// TestAPanicStoresNoWorkspace, and leaves the place among them free.
func TestAPanicStoresNoWorkspace(t *testing.T) {
	h := build(t, func(p *plan) { p.most = 1 })
	for _, name := range []string{"a-1", "b-2", "c-3"} {
		h.want(500, "POST", "/w/"+name+"/toy/panic", "")
	}
	h.make("x", gateway.WorkspaceHeader, "d-4")
	h.want(429, "POST", "/w/e-5/toy/orders", `{"ref":"one too many"}`)
}

func TestNewRefusesFacesThatClash(t *testing.T) {
	document, err := toyDocument()
	must(t, err)
	for name, face := range map[string]provider.Face{
		"a name":  {Name: "toy", Mount: "/other"},
		"a mount": {Name: "other", Mount: "/toy"},
		"a host":  {Name: "other", Mount: "/other", Hosts: []string{"api.TOY.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t, nil)
			p := toy()
			p.Faces[1] = face
			r, err := provider.Install(p, document, nil)
			must(t, err)
			if _, err := gateway.New(gateway.Config{Store: h.store, Providers: []*provider.Runtime{r}}); err == nil || !strings.Contains(err.Error(), "claim the same") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNewRefusesTwoRoutesOfOnePath(t *testing.T) {
	document, err := spec.Load("toy.yaml", []byte(toySpec))
	must(t, err)
	p := toy()
	p.Pages = append(p.Pages, provider.Page{Name: "page.orders", Method: "GET", Path: "/orders", Handler: provider.Read(listOrders)})
	r, err := provider.Install(p, document, nil)
	must(t, err)
	g, err := gateway.New(gateway.Config{Store: build(t, nil).store, Providers: []*provider.Runtime{r}})
	must(t, err)
	if err := g.Check(); err == nil || !strings.Contains(err.Error(), "two routes") {
		t.Errorf("got %v", err)
	}
}
