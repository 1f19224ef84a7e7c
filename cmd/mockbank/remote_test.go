package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/kv/mem"
)

// served starts the house that serve would, on a frozen clock, and gives its address.
func served(t *testing.T, token string) string {
	t.Helper()
	cmd := serveCmd{Clock: "frozen@2026-01-15T10:30:00Z", Seed: 1, MaxWorkspaces: 100, MaxSnapshot: 64 << 20, ControlToken: token}
	house, err := cmd.build(mem.New(), slog.New(slog.DiscardHandler), &configFile{}, true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- house.Run(ctx) }()
	server := httptest.NewServer(house)
	t.Cleanup(func() {
		server.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return server.URL
}

// command runs the program as a shell would.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommands(t *testing.T) {
	t.Setenv("MOCKBANK_SERVER", served(t, ""))
	for _, row := range []struct {
		line string
		code int
		says string // on the standard output, or among the errors of a failure
	}{
		{"clock", 0, "2026-01-15T10:30:00Z"},
		{"clock show -o json", 0, `"mode": "frozen"`},
		{"clock advance 90d", 0, "to 2026-04-15T10:30:00Z: 0 timers, 0 attempts"},
		{"clock advance 2026-04-16T00:00:00Z --wait none", 0, "to 2026-04-16T00:00:00Z"},
		{"clock advance next", 1, "no next instant"},
		{"clock advance 5w", 1, "units are ms, s, m, h and d"},
		{"clock advance 2020-01-01T00:00:00Z", 1, "Time only goes forward"},
		{"clock set x60@2026-05-01T00:00:00Z -w t1", 0, "scaled x60"},
		{"clock set frozen -w t1", 0, "frozen"},
		{"clock set xfast", 1, "x60"},
		{"clock set sundial", 1, "real, frozen, scaled"},
		{"workspaces put t1 settings.finqlink.webhook_alg=ES256 seed:=7", 0, "t1"},
		{"workspaces put t1 settings.finqlink.webhook_al=ES256", 1, "did you mean webhook_alg?"},
		{"workspaces put t1 seed:=x", 1, "seed:=x"},
		{"workspaces put t1 seed", 1, "NAME=TEXT"},
		{"workspaces", 0, "t1"},
		{"workspaces reset t1", 0, "t1"},
		{"workspaces delete t1", 0, ""},
		{"workspaces put Bad_Name", 1, "1 to 40 characters"},
		{"scenario list finqlink link", 0, "pay_success"},
		{"scenario choose finqlink link manual", 0, "follow manual"},
		{"scenario choose finqlink link nope", 1, "finqlink has no scenario"},
		{"entities", 0, "PROVIDER"},
		{"entities -o json", 0, "[]"},
		{"entities --provider nope", 1, "there are finqlink"},
		{"entities show finqlink link nope", 1, "There is no link"},
		{"fire finqlink link nope pay", 1, "There is no link"},
		{"act finqlink link nope approve", 1, "There is no link"},
		{"act finqlink link nope dance", 2, "approve"},
		{"deliveries", 0, "NUMBER"},
		{"deliveries show 1", 1, "There is no delivery 1"},
		{"deliveries replay 1", 1, "There is no delivery 1"},
		{"deliveries replay 1 9 --state exhausted", 0, "0 are on their way"},
		{"deliveries replay 9 1", 1, "from a lower number to a higher one"},
		{"clients", 0, "finqlink-demo"},
		{"clients put finqlink acme secret=s3cret scopes:=[\"pay_by_link\"]", 0, "pay_by_link"},
		{"clients list --provider finqlink", 0, "acme"},
		{"clients key finqlink acme", 1, "did not make the key"},
		{"clients key finqlink finqlink-demo", 0, "-----BEGIN PRIVATE KEY-----"},
		{"clients delete finqlink acme", 0, ""},
		{"clients delete finqlink acme", 1, "has no client"},
		{"keys show finqlink", 0, "webhook"},
		{"keys rotate finqlink webhook", 0, "webhook"},
		{"keys rotate finqlink nope", 1, "no key set"},
		{"keys show nope", 1, "There is no provider"},
		{"clocks", 2, "mockbank --help"},
		{"entities --server http://127.0.0.1:1", 1, "is it running, and is --server right?"},
		{"entities --server ://", 1, "is no address"},
	} {
		code, stdout, stderr := command(t, strings.Fields(row.line)...)
		text := stdout
		if row.code != 0 {
			text = stderr
		}
		if code != row.code || !strings.Contains(text, row.says) {
			t.Errorf("mockbank %s: want code %d and %q, got %d\n%s%s", row.line, row.code, row.says, code, stdout, stderr)
		}
	}
}

func TestCommandsWithToken(t *testing.T) {
	t.Setenv("MOCKBANK_SERVER", served(t, "right"))
	if code, _, stderr := command(t, "workspaces"); code != 1 || !strings.Contains(stderr, "--control-token") {
		t.Errorf("without a token: %d %s", code, stderr)
	}
	if code, _, stderr := command(t, "workspaces", "--control-token", "right"); code != 0 {
		t.Errorf("with the token: %s", stderr)
	}
	t.Setenv("MOCKBANK_CONTROL_TOKEN", "right")
	if code, _, stderr := command(t, "workspaces"); code != 0 {
		t.Errorf("with the token of the environment: %s", stderr)
	}
}

func TestNoMockbankAnswers(t *testing.T) {
	server := httptest.NewServer(nil)
	defer server.Close()
	if code, _, stderr := command(t, "workspaces", "--server", server.URL); code != 1 || !strings.Contains(stderr, "no mockbank of this version") {
		t.Errorf("%d %s", code, stderr)
	}
}

// A list longer than a page of the API comes whole, and one that was cut says so.
func TestLongLists(t *testing.T) {
	t.Setenv("MOCKBANK_SERVER", served(t, ""))
	for _, name := range []string{"a", "b", "c"} {
		if code, _, stderr := command(t, "workspaces", "put", name); code != 0 {
			t.Fatal(stderr)
		}
	}
	for limit, want := range map[string]int{"1": 1, "3": 3, "4": 4, "600": 4} {
		_, stdout, stderr := command(t, "workspaces", "--limit", limit, "-o", "json")
		var all []any
		if err := json.Unmarshal([]byte(stdout), &all); err != nil || len(all) != want {
			t.Errorf("--limit %s: %d workspaces, want %d (%v)", limit, len(all), want, err)
		}
		if cut := want < 4; strings.Contains(stderr, "There are more") != cut {
			t.Errorf("--limit %s says %q", limit, stderr)
		}
	}
}

func TestAssignments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, []byte("PEM\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		line []string
		want string // JSON, or what the error says
	}{
		{nil, `null`},
		{[]string{"a=1"}, `{"a":"1"}`},
		{[]string{"a:=1", "b=x=y", "c="}, `{"a":1,"b":"x=y","c":""}`},
		{[]string{"a.b.c:=true", "a.b.d=x", "a.e:=[1]"}, `{"a":{"b":{"c":true,"d":"x"},"e":[1]}}`},
		{[]string{"scenarios.finqlink/link=manual"}, `{"scenarios":{"finqlink/link":"manual"}}`},
		{[]string{"k=@" + file}, `{"k":"PEM\n"}`},
		{[]string{"k=@" + file + "x"}, `can not be read`},
		{[]string{"a"}, `is no assignment`},
		{[]string{"=x"}, `is no assignment`},
		{[]string{":=1"}, `is no assignment`},
		{[]string{"a:={"}, `not valid JSON`},
		{[]string{"a=1", "a.b=2"}, `can not have members`},
	} {
		object, err := assignments(row.line).object()
		if err != nil {
			if !strings.Contains(err.Error(), row.want) {
				t.Errorf("%v: %v, want %s", row.line, err, row.want)
			}
			continue
		}
		if got, _ := json.Marshal(object); string(got) != row.want {
			t.Errorf("%v: %s, want %s", row.line, got, row.want)
		}
	}
}
