// Package housetest runs the real program as a process of its own, for tests that meet mockbank as its users do.
//
// Start waits for the banner, which tells the address; Close interrupts as Ctrl-C does, and wants exit code 0 and
// a log without a panic or a data race. Build makes the program of the sources at hand, under the race detector
// where the test itself is.
package housetest

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
	"time"
)

// startPatience and stopPatience are long enough for a busy machine under the race detector.
const (
	startPatience = 30 * time.Second
	stopPatience  = 15 * time.Second
)

// Config says what to run.
type Config struct {
	Program string
	Dir     string   // in which it runs
	Env     []string // all of its environment; nil: that of the test
	Flags   []string // of serve, besides an address to listen on
}

// House is one running mockbank.
type House struct {
	Base   string // its address, such as http://127.0.0.1:41234
	Secure string // that of HTTPS, where Flags have --tls; the first one, if there are more

	process *exec.Cmd
	log     buffer
	ended   chan struct{}
	result  error // once ended is closed
}

// Start runs the program on a free port of the loopback. Its error has what the program said.
func Start(cfg Config) (*House, error) {
	h := &House{process: exec.Command(cfg.Program, append([]string{"serve", "--listen", "127.0.0.1:0"}, cfg.Flags...)...), ended: make(chan struct{})}
	h.process.Dir, h.process.Env, h.process.Stderr = cfg.Dir, cfg.Env, &h.log
	out, err := h.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.process.Start(); err != nil {
		return nil, err
	}
	told := make(chan addresses, 1)
	go func() {
		defer close(h.ended)
		listen(out, told)
		h.result = h.process.Wait()
	}()
	if err := h.await(told); err != nil {
		_ = h.process.Process.Kill() // It may have ended already.
		return nil, err
	}
	return h, nil
}

// addresses are what the banner tells.
type addresses struct{ base, secure string }

func (h *House) await(told <-chan addresses) error {
	select {
	case at := <-told:
		h.Base, h.Secure = at.base, at.secure
		return nil
	case <-h.ended:
		return fmt.Errorf("mockbank ended at once (%w): %s", h.result, h.log.String())
	case <-time.After(startPatience):
		return fmt.Errorf("mockbank did not tell its address within %s: %s", startPatience, h.log.String())
	}
}

// listen reads the banner to its end, which is an empty line below the one about the control API, and tells the
// addresses.
func listen(banner io.Reader, told chan<- addresses) {
	var at addresses
	for lines := bufio.NewScanner(banner); lines.Scan(); {
		for field := range strings.FieldsSeq(lines.Text()) {
			if base, ok := strings.CutSuffix(field, "/_mockbank/v1"); ok {
				at.base = base
			}
			if strings.HasPrefix(field, "https://") && at.secure == "" {
				at.secure = field
			}
		}
		if lines.Text() == "" && at.base != "" {
			told <- at
			at.base = ""
		}
	}
}

// Close interrupts the program, and returns an error unless it ends in order and its log is clean.
func (h *House) Close() error {
	if err := h.process.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-h.ended:
	case <-time.After(stopPatience):
		_ = h.process.Process.Kill()
		return fmt.Errorf("mockbank did not end within %s: %s", stopPatience, h.log.String())
	}
	if h.result != nil {
		return fmt.Errorf("mockbank ended with %w: %s", h.result, h.log.String())
	}
	for _, disaster := range []string{"panic", "DATA RACE"} {
		if strings.Contains(h.log.String(), disaster) {
			return fmt.Errorf("mockbank had a %s: %s", disaster, h.log.String())
		}
	}
	return nil
}

// Kill ends the program as a crash does.
func (h *House) Kill() error {
	err := h.process.Process.Kill()
	<-h.ended
	return err
}

// PID is the process of the program, by which the system tells what it takes.
func (h *House) PID() int { return h.process.Process.Pid }

// Log is what the program wrote to its standard error so far.
func (h *House) Log() string { return h.log.String() }

// logPatience is how long something that was brought about may take to stand in the log.
const logPatience = 20 * time.Second

// Await waits until the program's log has something, and had it so often.
func (h *House) Await(what *regexp.Regexp, times int) error {
	late := time.After(logPatience)
	for {
		log, wrote := h.log.watch()
		if len(what.FindAllString(log, -1)) >= times {
			return nil
		}
		select {
		case <-wrote:
		case <-h.ended:
			return fmt.Errorf("mockbank ended, and its log does not have %q %d times: %s", what, times, h.log.String())
		case <-late:
			return fmt.Errorf("the log does not have %q %d times: %s", what, times, h.log.String())
		}
	}
}

// buffer may be read while a process still writes to it.
type buffer struct {
	mu    sync.Mutex
	b     bytes.Buffer
	wrote chan struct{} // closed when something is written; nil: nobody waits
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wrote != nil {
		close(b.wrote)
		b.wrote = nil
	}
	return b.b.Write(p)
}

// watch gives what was written, and what is closed when there is more.
func (b *buffer) watch() (string, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wrote == nil {
		b.wrote = make(chan struct{})
	}
	return b.b.String(), b.wrote
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
