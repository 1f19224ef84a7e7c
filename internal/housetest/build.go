package housetest

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build makes the program in a folder, and returns its path.
func Build(dir string) (string, error) {
	program := filepath.Join(dir, "mockbank")
	args := append([]string{"build", "-o", program}, buildFlags...)
	out, err := exec.Command("go", append(args, "github.com/mockbank/mockbank/cmd/mockbank")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mockbank does not build: %w: %s", err, out)
	}
	return program, nil
}
