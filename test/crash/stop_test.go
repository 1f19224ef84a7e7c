package crash

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stopTime is how long an ordered end may take, whatever is under way.
const stopTime = 5 * time.Second

// TestStop ends the program while it is busy: in order, in time, with exit code 0, and with all that was
// acknowledged.
func TestStop(t *testing.T) {
	for name, test := range map[string]struct {
		signal os.Signal
		busy   func(load, context.Context)
		answer bool // the receiver answers
		jump   bool // the signal comes while time is on its way
	}{
		"idle":          {signal: syscall.SIGTERM, answer: true},
		"under load":    {signal: syscall.SIGINT, busy: load.run, answer: true},
		"a deaf target": {signal: syscall.SIGTERM, busy: load.run},
		"in a jump":     {signal: syscall.SIGINT, busy: load.travel, jump: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := campaign{dir: t.TempDir(), ledger: newLedger(), receiver: receive(t)}
			c.prepare(t)
			p := c.begin(t)
			began := make(chan struct{})
			c.receiver.onEach(func(n int, _ change) bool {
				if n == 1 {
					close(began)
				}
				return test.answer
			})
			var working sync.WaitGroup
			if test.busy != nil {
				l := load{api: p.api(t), ledger: c.ledger, callback: c.receiver.url}
				working.Go(func() { test.busy(l, t.Context()) })
				<-began
			}
			if test.jump {
				p.api(t).awaitJump(t)
			}
			p.expectStop(t, test.signal)
			working.Wait()
			c.expectServed(t, test.jump)
			c.receiver.onEach(nil)
			c.expectAll(t)
		})
	}
}

// awaitJump returns when time is on its way.
func (a *api) awaitJump(t *testing.T) {
	t.Helper()
	for advancing := false; !advancing; {
		var err error
		if _, advancing, err = a.now(t.Context(), inJumps); err != nil {
			t.Fatal(err)
		}
	}
}

// expectServed holds that no request which was under way at the signal was refused, but for a jump, which was
// told where time stands.
func (c *campaign) expectServed(t *testing.T, jump bool) {
	t.Helper()
	odd := c.ledger.refusals()
	for _, err := range odd {
		if !strings.Contains(err.Error(), "mockbank is stopping; time stands where the jump came to") {
			t.Error(err)
		}
	}
	if jump && len(odd) != 1 {
		t.Errorf("the jump was not told that mockbank stops: %v", odd)
	}
}

// expectStop sends a signal and holds the end to what is promised.
func (p *program) expectStop(t *testing.T, s os.Signal) {
	t.Helper()
	p.signal(t, s)
	if code := p.exit(t, stopTime); code != 0 {
		t.Errorf("%v: exit code %d\n%s", s, code, p.log.String())
	}
	if err := flaw(p.log.String()); err != nil {
		t.Error(err)
	}
}

// expectAll starts once more and holds that every link is there that was acknowledged.
func (c *campaign) expectAll(t *testing.T) {
	t.Helper()
	p := c.begin(t)
	a := p.api(t)
	for id, r := range c.ledger.links {
		if e, err := a.link(t.Context(), r.workspace, id); err != nil || e.Version < r.acknowledged.Version {
			t.Errorf("link %s was acknowledged in version %d and is %+v: %v", id, r.acknowledged.Version, e, err)
		}
	}
	p.expectClean(t)
	p.stop(t)
}

// TestStopTwice sends a second signal while the first one waits for a client that is slow to finish its request.
func TestStopTwice(t *testing.T) {
	p := start(t, t.TempDir())
	address := strings.TrimPrefix(p.base, "http://")
	slow, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	fmt.Fprintf(slow, "PUT /_mockbank/v1/workspaces/default HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", address)
	if err := p.api(t).call(t.Context(), "GET", "/_mockbank/v1/health", nil, nil); err != nil { // the slow one came first
		t.Fatal(err)
	}
	p.signal(t, syscall.SIGTERM)
	for open := true; open; { // until it has begun to stop
		c, err := net.Dial("tcp", address)
		if open = err == nil; open {
			_ = c.Close()
		}
	}
	p.expectStop(t, syscall.SIGTERM)
}

// TestSecondProcess starts a program on a folder that another one has.
func TestSecondProcess(t *testing.T) {
	dir := t.TempDir()
	first := start(t, dir)
	second, out, err := launch(binary, dir)
	if err != nil {
		t.Fatal(err)
	}
	second.await(out)
	if code := second.exit(t, time.Second); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if log := second.log.String(); !strings.Contains(log, fmt.Sprintf("in use by process %d:", first.cmd.Process.Pid)) || flaw(log) != nil {
		t.Errorf("it says: %s", log)
	}
	if err := first.api(t).call(t.Context(), "GET", "/_mockbank/v1/health", nil, nil); err != nil {
		t.Error("the first one suffered:", err)
	}
	first.stop(t)
}
