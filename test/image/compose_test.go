package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/strictyaml"
)

const root = "../.."

// compose is the compose file, as far as ours goes: what else stands in it is refused.
type compose struct {
	Services map[string]struct {
		Build       string            `yaml:"build"`
		Image       string            `yaml:"image"`
		Ports       []string          `yaml:"ports"`
		Environment map[string]string `yaml:"environment"`
		Volumes     []string          `yaml:"volumes"`
		ReadOnly    bool              `yaml:"read_only"`
		Healthcheck struct {
			Test        []string `yaml:"test"`
			Interval    string   `yaml:"interval"`
			Timeout     string   `yaml:"timeout"`
			StartPeriod string   `yaml:"start_period"`
		} `yaml:"healthcheck"`
	} `yaml:"services"`
	Volumes map[string]any `yaml:"volumes"`
}

// TestCompose holds that the compose file, which opens the control API, publishes to this machine only, and keeps
// the data in a volume.
func TestCompose(t *testing.T) {
	const name = "docker-compose.yml"
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	if err := strictyaml.Unmarshal(name, text, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) == 0 {
		t.Error("there are no services")
	}
	for service, s := range c.Services {
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %s, which others can reach", service, port)
			}
		}
		volume, at, _ := strings.Cut(strings.Join(s.Volumes, " "), ":")
		if _, declared := c.Volumes[volume]; !declared || at != "/data" {
			t.Errorf("%s keeps its data in %q", service, s.Volumes)
		}
		if got := strings.Join(s.Healthcheck.Test, " "); got != "CMD /mockbank healthcheck" {
			t.Errorf("%s is checked by %q", service, got)
		}
		if !s.ReadOnly || s.Environment["MOCKBANK_CONTROL_OPEN"] != "true" {
			t.Errorf("%s: %+v", service, s)
		}
	}
}
