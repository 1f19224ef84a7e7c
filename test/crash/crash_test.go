// Package crash kills, starves and damages the real program, and holds it to what it promises.
//
// The program is built once and runs as a child with a data folder of its own. The tests speak to it over
// HTTP alone, remember every reply that they got, and look after each death whether the next run knows all
// of it. What the driver does when the power fails is tested beside the driver.
//
// Invariant of all tests here: what was acknowledged is there, what is there is whole, and no trace of a
// panic reaches anybody.
package crash

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

var (
	kills = flag.Int("kills", number("MOCKBANK_KILLS", 12), "how often the program is killed under load")
	seed  = flag.Uint64("seed", uint64(number("MOCKBANK_SEED", 1)), "from which the instants of the kills derive")
	every = flag.Int("every", number("MOCKBANK_EVERY", 40), "of the places to damage, one in so many is damaged; 1: all")
)

// binary is the program, built as a release is.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(inFolder(m.Run))
}

// inFolder builds the program into a folder that is removed after the tests.
func inFolder(run func() int) int {
	dir, err := os.MkdirTemp("", "mockbank-crash")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "mockbank")
	if err := build(context.Background(), binary); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return run()
}

// build makes the program without the race detector, whatever the tests are built with.
func build(ctx context.Context, to string, flags ...string) error {
	args := append([]string{"build", "-o", to}, flags...)
	c := exec.CommandContext(ctx, "go", append(args, "github.com/mockbank/mockbank/cmd/mockbank")...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("the program does not build: %w\n%s", err, out)
	}
	return nil
}

func number(env string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(env)); err == nil {
		return n
	}
	return usual
}

// all tells that a test which can not run here is to fail instead of being skipped.
func all() bool { return os.Getenv("MOCKBANK_TEST_ALL") == "1" }

// unable skips a test for which this machine lacks something.
func unable(t *testing.T, why ...any) {
	t.Helper()
	if all() {
		t.Fatal(why...)
	}
	t.Skip(why...)
}

// patience is how long a test waits for what should come at once; only a broken program uses it up.
const patience = 30 * time.Second
