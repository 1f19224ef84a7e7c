package crash

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is a mockbank that was started.
type program struct {
	base  string        // its origin; empty when it never became ready
	took  time.Duration // until it was ready
	log   output        // what it wrote to stderr
	ended chan struct{} // closed when the process is gone

	cmd  *exec.Cmd
	once sync.Once
}

// output is a buffer that a process writes while a test reads it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// launch starts a program without waiting for it, and returns the end of its stdout.
func launch(path, dir string, args ...string) (*program, io.Reader, error) {
	p := &program{ended: make(chan struct{})}
	p.cmd = exec.Command(path, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", dir}, args...)...)
	p.cmd.Dir = os.TempDir() // where no mockbank.yaml is
	p.cmd.Stderr = &p.log
	out, in, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	p.cmd.Stdout = in
	err = p.cmd.Start()
	_ = in.Close()
	if err != nil {
		return nil, nil, err
	}
	go func() {
		_ = p.cmd.Wait() // the exit code is read from ProcessState
		close(p.ended)
	}()
	return p, out, nil
}

var ready = regexp.MustCompile(`^control API\s+(http://[^/]+)/`)

// await reads the banner up to the address. It returns at once when the program ends without one.
func (p *program) await(out io.Reader) {
	begun := time.Now()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := ready.FindStringSubmatch(lines.Text()); found != nil {
			p.base, p.took = found[1], time.Since(begun)
			go io.Copy(io.Discard, out)
			return
		}
	}
}

// start runs a program until it is ready. It is killed at the end of the test if it still runs then.
func start(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	return startBinary(t, binary, dir, args...)
}

func startBinary(t *testing.T, path, dir string, args ...string) *program {
	t.Helper()
	p, out, err := launch(path, dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	p.await(out)
	if p.base == "" {
		<-p.ended
		t.Fatalf("the program did not start: %v\n%s", p.cmd.ProcessState, p.log.String())
	}
	return p
}

// kill is kill -9, and returns when the process is gone.
func (p *program) kill() {
	p.once.Do(func() { _ = p.cmd.Process.Kill() }) // one that is gone already is as good
	<-p.ended
}

func (p *program) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// exit waits for the end and returns the exit code; -1: a signal killed it.
func (p *program) exit(t *testing.T, within time.Duration) int {
	t.Helper()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		t.Fatalf("the program did not end within %v\n%s", within, p.log.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

// stop ends it in order.
func (p *program) stop(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
	if code := p.exit(t, patience); code != 0 {
		t.Errorf("SIGTERM: exit code %d\n%s", code, p.log.String())
	}
}

// traces are what nobody may ever read.
var traces = []string{"panic", "goroutine ", "runtime error", "SIGSEGV", ".go:"}

// flaw tells what is wrong with what a program told its user.
func flaw(log string) error {
	for _, trace := range traces {
		if strings.Contains(log, trace) {
			return fmt.Errorf("the log holds %q:\n%s", trace, log)
		}
	}
	return nil
}

// expectClean holds a program that should have had no trouble to that.
func (p *program) expectClean(t *testing.T) {
	t.Helper()
	log := p.log.String()
	if strings.Contains(log, "level=ERROR") || strings.Contains(log, "level=WARN") || flaw(log) != nil {
		t.Errorf("the program had trouble:\n%s", log)
	}
}
