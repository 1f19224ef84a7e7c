package housetest

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build makes the program in a folder, and returns its path.
func Build(dir string) (string, error) { return build(dir, buildFlags) }

// BuildPlain makes it as users have it: without the race detector also where the test has one, which costs each start
// a second and as much memory again.
func BuildPlain(dir string) (string, error) { return build(dir, nil) }

func build(dir string, flags []string) (string, error) {
	program := filepath.Join(dir, "mockbank")
	args := append([]string{"build", "-o", program}, flags...)
	out, err := exec.Command("go", append(args, "github.com/mockbank/mockbank/cmd/mockbank")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mockbank does not build: %w: %s", err, out)
	}
	return program, nil
}
