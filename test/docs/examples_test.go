package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/mockbank/mockbank/internal/housetest"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

const examples = "../../examples"

// TestExamples runs the examples at once against one mockbank with a real clock. That in Go runs by itself.
func TestExamples(t *testing.T) {
	h := start(t)
	t.Run("all", func(t *testing.T) {
		for name, command := range map[string][]string{
			"node":   {"node", "--test", "node/payment.test.mjs"},
			"python": {"python3", "-m", "unittest", "discover", "python"},
			"sh":     {"sh", "sh/payment.sh"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				housetest.Need(t, command[0], "curl")
				example := exec.CommandContext(t.Context(), command[0], command[1:]...)
				example.Dir, example.Env = examples, append(environment(t, h.Base, t.TempDir()), "PYTHONDONTWRITEBYTECODE=1")
				if out, err := example.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
	})
	var left struct{ Items []struct{ Name string } }
	if err := h.Call(t.Context(), "GET", "/_mockbank/v1/workspaces", nil, &left); err != nil || len(left.Items) != 1 {
		t.Errorf("the examples left worlds behind: %v (%v)", left.Items, err)
	}
}

// An example that can fail: where nothing answers, each does.
func TestExamplesNotice(t *testing.T) {
	housetest.Need(t, "sh", "curl")
	example := exec.CommandContext(t.Context(), "sh", filepath.Join(examples, "sh/payment.sh"))
	example.Env = append(os.Environ(), "MOCKBANK_URL=http://127.0.0.1:1")
	if out, err := example.CombinedOutput(); err == nil {
		t.Errorf("it succeeds without a mockbank: %s", out)
	}
}

// TestComposeExample holds the compose file together, without an engine: the tests ask the service that is there, once
// it is healthy, with a file that there is; and the mockbank that opens its control API is published to nobody.
func TestComposeExample(t *testing.T) {
	const name = "compose/docker-compose.yml"
	text, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	type service struct {
		Build       string
		Image       string
		Ports       []string
		Environment map[string]string
		Volumes     []string
		Command     []string
		Healthcheck map[string]any
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	}
	var file struct{ Services map[string]service }
	if err := strictyaml.Unmarshal(name, text, &file); err != nil {
		t.Fatal(err)
	}
	mockbank, tests := file.Services["mockbank"], file.Services["tests"]
	if len(mockbank.Ports) > 0 || mockbank.Environment["MOCKBANK_CONTROL_OPEN"] != "true" || mockbank.Healthcheck == nil {
		t.Errorf("%+v", mockbank)
	}
	if tests.DependsOn["mockbank"].Condition != "service_healthy" || tests.Environment["MOCKBANK_URL"] != "http://mockbank:6265" {
		t.Errorf("%+v", tests)
	}
	for _, path := range []string{filepath.Join("compose", mockbank.Build, "Dockerfile"), "node/payment.test.mjs"} {
		if _, err := os.Stat(filepath.Join(examples, path)); err != nil {
			t.Error(err)
		}
	}
}
