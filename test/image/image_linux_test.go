// Package image holds the container image to its promises without a container engine: none has built it here.
//
// The Dockerfile's own build commands are run as a script, and what they made is run as the image would run it:
// as its user, with its environment, on a root that holds nothing but what the image holds. What an engine does
// itself is not tested: the COPY and USER lines, the volume, and the timing of the health check.
package image

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/housetest"
)

const (
	certificates = "/etc/ssl/certs/ca-certificates.crt"
	user         = 65532
	patience     = 30 * time.Second
)

func dockerfile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// commands are those of the Dockerfile's RUN lines between the marks.
func commands(t *testing.T) []string {
	t.Helper()
	_, rest, begun := strings.Cut(dockerfile(t), "# build:begin\n")
	marked, _, ended := strings.Cut(rest, "# build:end\n")
	var found []string
	for line := range strings.Lines(marked) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "RUN ")
		if !ok {
			t.Fatalf("between the marks stands %q, which is no command", line)
		}
		found = append(found, command)
	}
	if !begun || !ended || len(found) == 0 {
		t.Fatal("the Dockerfile has no build commands between build:begin and build:end")
	}
	return found
}

// build runs the commands, with a folder of the test in place of the build stage's /out.
func build(t *testing.T) (out string) {
	t.Helper()
	housetest.Need(t, "sh")
	out = filepath.Join(t.TempDir(), "out")
	script := strings.ReplaceAll(strings.Join(commands(t), "\n"), "/out/", out+"/")
	c := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
	c.Dir, c.Env = root, append(os.Environ(), "VERSION=1.2.3-test")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("the build commands fail: %v\n%s", err, said)
	}
	return out
}

// environment is what the ENV lines set.
func environment(t *testing.T) map[string]string {
	t.Helper()
	_, rest, _ := strings.Cut(dockerfile(t), "\nENV ")
	set := map[string]string{}
	for line := range strings.Lines(rest) {
		pair, more := strings.CutSuffix(strings.TrimSpace(line), "\\")
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			t.Fatalf("ENV has the line %q", line)
		}
		set[name] = value
		if !more {
			break
		}
	}
	return set
}

// TestStatic holds that the binary needs nothing of a system: no loader, no library.
func TestStatic(t *testing.T) {
	binary, err := elf.Open(filepath.Join(build(t), "mockbank"))
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	for _, p := range binary.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary has a program header %v", p.Type)
		}
	}
	if s := binary.Section(".dynamic"); s != nil {
		t.Error("the binary has a dynamic section")
	}
}

// image is a folder that holds what the image holds.
type image struct {
	root string
	env  []string
	port string // in place of the image's own, which may be taken on this machine
	own  string
}

// assemble does what the second stage of the Dockerfile says.
func assemble(t *testing.T) *image {
	t.Helper()
	if os.Getuid() != 0 {
		if os.Getenv("MOCKBANK_TEST_ALL") == "1" {
			t.Fatal("only root can run a program on another root")
		}
		t.Skip("only root can run a program on another root")
	}
	out := build(t)
	at := filepath.Join(t.TempDir(), "root")
	err := errors.Join(
		os.MkdirAll(filepath.Join(at, filepath.Dir(certificates)), 0o755),
		copyFile(certificates, filepath.Join(at, certificates)),
		os.Rename(filepath.Join(out, "mockbank"), filepath.Join(at, "mockbank")),
		os.Rename(filepath.Join(out, "data"), filepath.Join(at, "data")),
		os.Chown(filepath.Join(at, "data"), user, user),
	)
	if err != nil {
		t.Fatal(err)
	}
	env := environment(t)
	host, port, err := net.SplitHostPort(env["MOCKBANK_LISTEN"])
	if err != nil || host != "0.0.0.0" || !strings.Contains(dockerfile(t), "\nEXPOSE "+port+"\n") {
		t.Errorf("the image listens on %q, and does not expose that", env["MOCKBANK_LISTEN"])
	}
	m := &image{root: at, port: freePort(t), own: port}
	for name, value := range env {
		m.env = append(m.env, name+"="+strings.Replace(value, ":"+port, ":"+m.port, 1))
	}
	return m
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// command is the image's program as its user, on its root.
func (m *image) command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), "/mockbank", args...)
	c.Dir, c.Env = "/", append(append([]string{}, m.env...), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Chroot: m.root, Credential: &syscall.Credential{Uid: user, Gid: user}}
	return c
}

// healthy is the image's health check.
func (m *image) healthy(t *testing.T) error {
	t.Helper()
	said, err := m.command(t, []string{"MOCKBANK_SERVER=http://127.0.0.1:" + m.port}, "healthcheck").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}

// serve runs the image until its health check is content; stop ends it as docker stop does.
func (m *image) serve(t *testing.T, env ...string) (stop func()) {
	t.Helper()
	c := m.command(t, env, "serve")
	var log bytes.Buffer
	c.Stderr = &log
	banner, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAtLeast(banner, make([]byte, 1), 1); err != nil { // printed when it listens
		_ = c.Wait()
		t.Fatalf("the image does not start: %v\n%s", err, log.String())
	}
	if err := m.healthy(t); err != nil {
		t.Error("the health check:", err)
	}
	return func() {
		t.Helper()
		if err := errors.Join(c.Process.Signal(syscall.SIGTERM), c.Wait()); err != nil {
			t.Errorf("docker stop: %v\n%s", err, log.String())
		}
	}
}

func (m *image) call(t *testing.T, method, path, body, host string) (status int, reply string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:"+m.port+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Host = host
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	r, err := client.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(data)
}

const credentials = `"client_id":"finqlink-demo","client_secret":"finqlink-demo-secret"`

// TestImage runs the image twice on one volume: it works as its user on an empty root, writes to /data alone, and
// finds there in its second life what it kept in the first.
func TestImage(t *testing.T) {
	m := assemble(t)
	if err := m.healthy(t); err == nil {
		t.Error("the health check is content with nobody there")
	}
	// Without being told, it asks where the image listens; a mockbank of somebody else's may be there.
	if said, err := m.command(t, nil, "healthcheck").CombinedOutput(); err != nil && !bytes.Contains(said, []byte("127.0.0.1:"+m.own+":")) {
		t.Errorf("the health check does not ask at %s: %s", m.own, said)
	}
	stop := m.serve(t)
	status, reply := m.call(t, "POST", "/finqlink/v2/links/create", `{`+credentials+`,"single_transfer":{"amount":"12.50","currency":"RON","creditor_name":"Magazin","creditor_iban":"RO10RZBR0000069999999970"}}`, "mockbank:6265")
	var made struct {
		LinkID string `json:"link_id"`
		WebURL string `json:"web_url"`
	}
	if err := json.Unmarshal([]byte(reply), &made); err != nil || status != http.StatusOK || !strings.HasPrefix(made.WebURL, "http://mockbank:6265/") {
		t.Fatalf("create: %d %s", status, reply)
	}
	if status, reply := m.call(t, "GET", "/_mockbank/v1/providers", "", "mockbank:6265"); status != http.StatusUnauthorized || !strings.Contains(reply, "--control-open") {
		t.Errorf("reachable from other machines, the control API answers %d %s", status, reply)
	}
	stop()
	expectOnlyData(t, m.root)
	stop = m.serve(t, "MOCKBANK_CONTROL_OPEN=true")
	defer stop()
	if status, reply := m.call(t, "POST", "/finqlink/v2/links/get", `{`+credentials+`,"link_id":"`+made.LinkID+`"}`, "mockbank:6265"); status != http.StatusOK {
		t.Errorf("the link after a restart: %d %s", status, reply)
	}
	if status, reply := m.call(t, "GET", "/_mockbank/v1/providers", "", "mockbank:6265"); status != http.StatusOK {
		t.Errorf("as the compose file sets it, the control API answers %d %s", status, reply)
	}
}

// expectOnlyData holds that the program wrote to /data, as its user, and nowhere else.
func expectOnlyData(t *testing.T, root string) {
	t.Helper()
	files := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[strings.TrimPrefix(path, root)] = true
		info, err := d.Info()
		if strings.HasPrefix(path, filepath.Join(root, "data")) && err == nil && info.Sys().(*syscall.Stat_t).Uid != user {
			t.Errorf("%s is not the program's own", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !files["/data/mockbank.db"] {
		t.Errorf("the state is not in /data: %v", files)
	}
	for path := range files {
		if path != "/mockbank" && path != certificates && !strings.HasPrefix(path, "/data/mockbank.db") {
			t.Errorf("the program wrote %s", path)
		}
	}
}

var fromLine = regexp.MustCompile(`(?m)^(FROM scratch|USER 65532:65532|VOLUME /data|HEALTHCHECK .*CMD \["/mockbank", "healthcheck"\]|ENTRYPOINT \["/mockbank"\]|CMD \["serve"\])$`)

// TestDockerfile holds the lines that only an engine can carry out to what the tests above assume.
func TestDockerfile(t *testing.T) {
	if found := fromLine.FindAllString(dockerfile(t), -1); len(found) != 6 {
		t.Errorf("of the lines about base, user, volume, health and command there are only %q", found)
	}
}
