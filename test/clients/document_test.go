package clients

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/housetest"
)

// The folder onelinkfintech holds the calls and the answers of the provider's document as they are printed there.
const (
	documentBase = "https://api.sandbox.onelinkfintech.com/v1"
	mockBase     = "/onelinkfintech/v1"
	mockKey      = "sk_test_mock_0000000000000001"
	noon         = "2025-01-01T12:00:00Z" // when the document's answers were made
)

// printed is a file of the document.
func printed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("onelinkfintech", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// aimed is a call of the document with another host and another key, and no other change.
func aimed(t *testing.T, name string, h *housetest.House) string {
	t.Helper()
	text := printed(t, name)
	changes := strings.NewReplacer(documentBase, h.Base+mockBase, "YOUR_SANDBOX_API_KEY", mockKey)
	if strings.Count(text, documentBase) != 1 || strings.Count(text, "YOUR_SANDBOX_API_KEY") != 1 {
		t.Fatalf("%s is not as the document prints it:\n%s", name, text)
	}
	return changes.Replace(text)
}

// heard runs a call that ends with a line for the body of the answer and a line for its status.
func heard(t *testing.T, cmd *exec.Cmd) (body, status string) {
	t.Helper()
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < 2 {
		t.Fatalf("it tells no more than %q", out)
	}
	return lines[len(lines)-2], lines[len(lines)-1]
}

// expectPrinted wants the answer of the document, which leaves the sender of a new payment out.
func expectPrinted(t *testing.T, body, sample string) {
	t.Helper()
	got, want := object(t, body), object(t, printed(t, sample))
	if sample == "payment.json" {
		want["sender"] = "acc_100000001"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the answer is not that of the document (-want +got):\n%s", diff)
	}
}

func object(t *testing.T, text string) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return o
}

func TestTheQuickStartOfTheDocument(t *testing.T) {
	for language, run := range map[string]func(*testing.T, *housetest.House) *exec.Cmd{"curl": quickCurl, "Node": quickNode, "Python": quickPython} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			h := startAt(t, noon)
			body, status := heard(t, run(t, h))
			if status != "201" {
				t.Errorf("status %s, want 201", status)
			}
			expectPrinted(t, body, "payment.json")
		})
	}
}

// quickCurl leaves it to curl's own configuration to tell the status.
func quickCurl(t *testing.T, h *housetest.House) *exec.Cmd {
	t.Helper()
	housetest.Need(t, "sh", "curl")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", aimed(t, "quickstart.sh", h))
	return tellStatus(t, cmd)
}

func tellStatus(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".curlrc"), []byte(`write-out = "\n%{http_code}\n"`), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "CURL_HOME="+home)
	return cmd
}

// quickNode wraps the call in a function: as printed it awaits outside of one, which no module that requires may.
func quickNode(t *testing.T, h *housetest.House) *exec.Cmd {
	t.Helper()
	text := "(async () => {\n" + aimed(t, "quickstart.js", h) + "console.log(JSON.stringify(data) + '\\n' + response.status);\n})();\n"
	cmd, _ := node(t, "quickstart.cjs")
	if err := os.WriteFile(filepath.Join(cmd.Dir, "quickstart.cjs"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func quickPython(t *testing.T, h *housetest.House) *exec.Cmd {
	t.Helper()
	return python(t, "-c", aimed(t, "quickstart.py", h)+"print(response.text)\nprint(response.status_code)\n")
}

func python(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	housetest.Need(t, "python3")
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import requests").Run(); err != nil {
		housetest.Missing(t, "requests of Python is not installed")
	}
	return exec.CommandContext(t.Context(), "python3", args...)
}

// The document prints the calls of accounts as the requests that go over the wire; curl sends them.
func TestTheAccountsOfTheDocument(t *testing.T) {
	t.Parallel()
	housetest.Need(t, "curl")
	h := startAt(t, noon)
	for _, call := range []struct{ request, status string }{{"create-account.http", "201"}, {"retrieve-account.http", "200"}} {
		cmd := tellStatus(t, exec.CommandContext(t.Context(), "curl", wire(t, printed(t, call.request), h)...))
		body, status := heard(t, cmd)
		if status != call.status {
			t.Errorf("%s: status %s, want %s", call.request, status, call.status)
		}
		expectPrinted(t, body, "account.json")
	}
}

// wire makes arguments for curl of a printed request: a line of method and path, headers, and a body that begins with
// a brace.
func wire(t *testing.T, request string, h *housetest.House) []string {
	t.Helper()
	head, body, hasBody := strings.Cut(strings.TrimSpace(request), "\n{")
	first, headers, _ := strings.Cut(head, "\n")
	method, path, ok := strings.Cut(first, " ")
	if !ok {
		t.Fatalf("%q is no method and path", first)
	}
	args := []string{"-X", method, h.Base + strings.TrimSuffix(mockBase, "/v1") + path}
	for header := range strings.Lines(headers) {
		args = append(args, "-H", strings.Replace(strings.TrimSpace(header), "YOUR_API_KEY", mockKey, 1))
	}
	if hasBody {
		args = append(args, "-d", "{"+body)
	}
	return args
}

// A client that repeats what got no answer pays once, and is told of that one payment.
func TestALibraryThatRepeats(t *testing.T) {
	t.Parallel()
	h := startAt(t, noon)
	body, status := heard(t, python(t, "retry.py", h.Base+mockBase+"/payments", mockKey))
	if status != "201 true" || object(t, body)["id"] != "pay_123456789" {
		t.Errorf("the answer is %s %s, want the first one over again", status, body)
	}
	var stored struct{ Items []struct{ ID string } }
	call(t, h, http.MethodGet, control+"/entities?provider=onelinkfintech&kind=payment", nil, &stored)
	if len(stored.Items) != 1 {
		t.Errorf("the payments are %v, want one", stored.Items)
	}
}
