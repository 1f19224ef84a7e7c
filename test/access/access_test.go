// Package access attacks the doors of the real program over real sockets: its token endpoint, its bearer tokens, the
// assertions and the certificates of its clients, and its control API.
//
// Each test bears the number of the line that it holds in the project's list of bad inputs: D for credentials, E for
// assertions, F for certificates. FinqLink stands for all providers here, since it is the one with an authorization server
// and with client certificates.
package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/mockbank/mockbank/internal/housetest"
)

var workshop string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if workshop, err = os.MkdirTemp("", "mockbank-access"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(workshop)
	return m.Run()
}

var program = sync.OnceValues(func() (string, error) { return housetest.Build(workshop) })

const (
	demo       = "finqlink-demo"
	demoSecret = "finqlink-demo-secret"
	issuerPath = "/oauth2/ausfqbxutkZBUKUgQ417"
	tokenPath  = issuerPath + "/v1/token"
)

// house is a running mockbank, seen from one workspace of it.
type house struct {
	*housetest.House
	t         *testing.T
	workspace string
	client    *http.Client // nil: without TLS
	origin    string
	named     bool // the origin's host names workspace and face
}

// start runs the program with flags, and wants that it ends in order.
func start(t *testing.T, flags ...string) *house {
	t.Helper()
	h := &house{House: launch(t, flags...), t: t, workspace: "default", client: &http.Client{}}
	h.origin = h.Base
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func launch(t *testing.T, flags ...string) *housetest.House {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	h, err := housetest.Start(housetest.Config{Program: path, Dir: t.TempDir(), Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// in is the same house seen from another workspace, for another test.
func (h *house) in(t *testing.T, workspace string) *house {
	other := *h
	other.t, other.workspace = t, workspace
	return &other
}

func (h *house) base() string {
	if h.named {
		return h.origin
	}
	return h.origin + "/w/" + h.workspace + "/finqlink"
}

// control wants a success of the control API.
func (h *house) control(method, path string, body, reply any) {
	h.t.Helper()
	if err := h.Call(h.t.Context(), method, "/_mockbank/v1/workspaces/"+h.workspace+path, body, reply); err != nil {
		h.t.Fatal(err)
	}
}

// answer is a reply, read to its end.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

func (a answer) text(name string) string {
	var body map[string]any
	_ = json.Unmarshal(a.Body, &body) // What is no object has no members.
	text, _ := body[name].(string)
	return text
}

func (a answer) String() string {
	return fmt.Sprintf("%d %v %.300s", a.Status, a.Header, a.Body)
}

// send sends one request. header are pairs, and a name may be there twice.
func (h *house) send(method, address, body string, header ...string) (answer, error) {
	request, err := http.NewRequestWithContext(h.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	reply, err := h.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	return answer{reply.StatusCode, reply.Header, text}, err
}

func (h *house) do(method, address, body string, header ...string) answer {
	h.t.Helper()
	a, err := h.send(method, address, body, header...)
	if err != nil {
		h.t.Fatal(err)
	}
	if bytes.Contains(a.Body, []byte("goroutine ")) || bytes.Contains(a.Body, []byte(".go:")) {
		h.t.Errorf("%s %s shows a stack: %s", method, address, a)
	}
	return a
}

const formType = "application/x-www-form-urlencoded"

// token posts a form as it is written to the token endpoint.
func (h *house) token(form string, header ...string) answer {
	h.t.Helper()
	return h.do(http.MethodPost, h.base()+tokenPath, form, append([]string{"Content-Type", formType}, header...)...)
}

// grant is the form of an honest request but for its credentials.
func grant(pairs ...string) url.Values {
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"pay_by_link"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

func bySecret(id, secret string) url.Values { return grant("client_id", id, "client_secret", secret) }

// login wants a token.
func (h *house) login() string {
	h.t.Helper()
	a := h.token(bySecret(demo, demoSecret).Encode())
	if a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "no-store" {
		h.t.Fatalf("no token: %s", a)
	}
	return a.text("access_token")
}

// list calls the API with a token.
func (h *house) list(header ...string) answer {
	h.t.Helper()
	return h.do(http.MethodPost, h.base()+"/v2/links/list", `{"client_id":"`+demo+`"}`, append([]string{"Content-Type", "application/json"}, header...)...)
}

// refusal wants an OAuth error of one of the codes.
func refusal(t *testing.T, name string, a answer, status int, codes ...string) {
	t.Helper()
	for _, code := range codes {
		if a.Status == status && a.text("error") == code && a.Header.Get("Cache-Control") == "no-store" {
			return
		}
	}
	t.Errorf("%s: %s, want %d %v", name, a, status, codes)
}
