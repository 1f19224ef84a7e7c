// Package architecture holds the directions in which the packages may depend on each other.
package architecture

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/mockbank/mockbank/"

// forbidden is the table of what a package may not import. Patterns are path.Match patterns below the module.
var forbidden = []struct{ pkg, imports, reason string }{
	{"internal/clock", "internal/*", "time is handed to everyone, and knows nobody"},
	{"internal/problem", "internal/*", "every room returns refusals, so this one must know none"},
	{"internal/strictjson", "internal/*", "it reads bytes, not meaning"},
	{"internal/strictyaml", "internal/*", "it reads bytes, not meaning"},
	{"internal/machine", "internal/*", "law and stories are pure: nothing is stored, nothing is sent"},
	{"internal/overlay", "internal/[^m]*", "a folder of files; what they mean, only package machine knows"},
	{"internal/overlay", "internal/m[^a]*", "a folder of files; what they mean, only package machine knows"},
	{"internal/intake", "internal/[^p]*", "it reads texts, and knows refusals only"},
	{"internal/intake", "internal/provider*", "it reads texts, and knows refusals only"},
	{"internal/money", "internal/*", "a leaf"},
	{"internal/qr", "internal/*", "a leaf"},
	{"internal/fake", "internal/[^m]*", "a leaf that computes check digits"},
	{"internal/fake", "internal/m[^o]*", "a leaf that computes check digits"},
	{"internal/mishap", "internal/*", "a leaf"},
	{"internal/pki/rules", "internal/*", "a leaf: whose certificates they are, and who is told, is not its matter"},
	{"internal/calendar", "internal/*", "a leaf"},
	{"internal/mail", "internal/*", "a leaf"},
	{"internal/soap", "internal/*", "a leaf"},
	{"internal/events", "internal/*", "every room tells what happens, so this one must know none"},
	{"internal/metrics", "internal/store", "it counts what it is told, and looks nowhere"},
	{"internal/metrics", "internal/gateway", "rooms have hooks of their own, and app hands them on"},
	{"internal/pages", "internal/provider*", "pages serve providers and know none"},
	{"internal/pages", "internal/store", "pages show what they are given"},
	{"internal/pki", "internal/[^c]*", "it makes certificates, and does not know for whom"},
	{"internal/provider/*", "internal/pki", "a connection is over before a provider is asked"},
	{"internal/kv", "internal/*", "the boundary to the disk knows bytes only"},
	{"internal/kv/*", "internal/store", "a driver does not know what it keeps"},
	{"internal/keys", "internal/store", "keys follow from a series and a time; nothing of them is read here"},
	{"internal/spec", "internal/store", "a document checks values, wherever they come from"},
	{"internal/store", "internal/engine", "the store keeps entities and does not move them"},
	{"internal/store", "internal/machine", "the store keeps entities and does not move them"},
	{"internal/store", "internal/webhook", "the store knows jobs, not what they do"},
	{"internal/store", "internal/schedule", "the store knows jobs, not who runs them"},
	{"internal/schedule", "internal/webhook", "the clock runs jobs without knowing what they do"},
	{"internal/schedule", "internal/engine", "the clock runs jobs without knowing what they do"},
	{"internal/webhook", "internal/provider", "deliveries know channels, not providers"},
	{"internal/webhook", "internal/engine", "deliveries are recorded by the engine's caller"},
	{"internal/engine", "internal/webhook", "the engine asks for a notification; who records it is not its matter"},
	{"internal/engine", "internal/provider", "one engine serves every provider"},
	{"internal/snapshot", "internal/provider", "it writes what is stored, whoever stored it"},
	{"internal/snapshot", "internal/engine", "who reads it in knows the kinds"},
	{"internal/store", "internal/snapshot", "the store knows rows, not documents"},
	{"internal/usage", "internal/provider", "it counts for providers and knows none"},
	{"internal/usage", "internal/engine", "it counts calls, not what they do"},
	{"internal/journal", "internal/store", "requests are remembered apart from what they did"},
	{"internal/journal", "internal/gateway", "it is told what happened, and asks nobody"},
	{"internal/journal", "internal/provider*", "it remembers requests to providers and knows none"},
	{"internal/provider/*", "internal/journal", "the frame remembers requests, so that no provider can forget to"},
	{"internal/fault", "internal/provider", "it is told what a call is, and knows nobody who serves one"},
	{"internal/fault", "internal/engine", "faults are about exchanges, not about entities"},
	{"internal/oauth", "internal/store", "what it keeps, it keeps behind two interfaces"},
	{"internal/oauth", "internal/provider", "providers configure it"},
	{"internal/provider", "internal/gateway", "the contract does not know who carries it out"},
	{"internal/provider", "internal/control", "the contract does not know who inspects it"},
	{"internal/gateway", "internal/provider/*", "if a provider needs a branch here, the frame is wrong"},
	{"internal/gateway", "internal/control", "two doors, side by side"},
	{"internal/control", "internal/gateway", "two doors, side by side"},
	{"internal/control", "internal/provider/*", "the control API serves any provider"},
	{"internal/app", "internal/provider/*", "it is handed a list, and internal/providers is that list"},
	{"internal/*", "internal/providers", "what serves any provider does not know which there are"},
	{"internal/provider/*", "internal/store", "a Call is the only door to state"},
	{"internal/provider/*", "internal/kv*", "a Call is the only door to state"},
	{"internal/provider/*", "internal/engine", "a Kind is the only handle of an entity"},
	{"internal/provider/*", "internal/machine", "stories are files, not code"},
	{"internal/provider/*", "internal/spec", "values arrive checked"},
	{"internal/provider/*", "internal/gateway", "a handler returns a reply and never writes one"},
	{"internal/provider/*", "internal/schedule", "timers are jobs of the frame"},
	{"internal/provider/*", "internal/webhook", "channels are data"},
	{"internal/provider/*", "internal/keys", "a Call signs"},
	{"internal/provider/*", "internal/usage", "a Call counts"},
	{"internal/provider/*", "internal/fault", "what goes wrong on purpose is the frame's to do"},
	{"internal/provider/*", "internal/control", "the control API asks providers, not the other way round"},
	{"internal/*", "cmd/*", "nothing imports a program"},
	{"mockbanktest", "cmd/*", "nothing imports a program"},
	{"mockbanktest", "internal/store", "it commands a server as every other test does, by the control API"},
	{"mockbanktest", "internal/gateway", "it commands a server as every other test does, by the control API"},
	{"*", "mockbanktest", "it is for the tests of applications, and mockbank is not made of it"},
}

// exempt are packages of the provider folder that are no provider.
var exempt = map[string]string{
	"internal/provider/providertest": "the suite builds a whole house around a provider",
}

// owners says which package alone may import a library.
var owners = map[string][]string{
	"github.com/labstack/echo/v4":        {"internal/gateway", "bench"}, // bench: as the yardstick
	"github.com/getkin/kin-openapi":      {"internal/spec"},
	"github.com/lestrrat-go/jwx/v2":      {"internal/keys"},
	"go.etcd.io/bbolt":                   {"internal/kv/bolt"},
	"github.com/brianvoe/gofakeit/v7":    {"internal/fake"},
	"github.com/go-json-experiment/json": {"internal/strictjson", "internal/keys"},
	"github.com/goccy/go-yaml":           {"internal/machine", "internal/strictyaml"},
	"github.com/expr-lang/expr":          {"internal/machine"},
	"github.com/tidwall/btree":           {"internal/kv/mem", "internal/store"},
	"github.com/alecthomas/kong":         {"cmd/mockbank"},
	"github.com/fsnotify/fsnotify":       {"internal/overlay"},
	"github.com/emersion/go-smtp":        {"internal/mail"},
	"github.com/prometheus":              {"internal/metrics"},
	"github.com/boombuler/barcode":       {"internal/qr"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestDirections(t *testing.T) {
	for _, p := range packages(t) {
		name, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours || exempt[name] != "" {
			continue
		}
		for _, imported := range p.Imports {
			imported, ours := strings.CutPrefix(imported, module)
			if ours {
				checkDirection(t, name, imported)
			}
		}
	}
}

func checkDirection(t *testing.T, name, imported string) {
	for _, rule := range forbidden {
		if matches(rule.pkg, name) && matches(rule.imports, imported) {
			t.Errorf("%s imports %s: %s", name, imported, rule.reason)
		}
	}
}

// matches also takes a trailing star for the folders below.
func matches(pattern, name string) bool {
	if ok, _ := path.Match(pattern, name); ok {
		return true
	}
	prefix, star := strings.CutSuffix(pattern, "*")
	return star && strings.HasPrefix(name, prefix)
}

func TestLibrariesHaveOneOwner(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			for library, allowed := range owners {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !contains(allowed, name) {
					t.Errorf("%s imports %s, which belongs to %s", name, imported, strings.Join(allowed, " and "))
				}
			}
		}
	}
}

func contains(list []string, name string) bool {
	for _, item := range list {
		if item == name {
			return true
		}
	}
	return false
}

// A rule about a package that is gone protects nothing.
func TestRulesAreAlive(t *testing.T) {
	names := map[string]bool{}
	for _, p := range packages(t) {
		names[strings.TrimPrefix(p.ImportPath, module)] = true
	}
	for _, rule := range forbidden {
		alive := false
		for name := range names {
			alive = alive || matches(rule.pkg, name)
		}
		if !alive {
			t.Errorf("no package matches %q", rule.pkg)
		}
	}
}
