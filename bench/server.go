package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// serveEcho is the yardstick: echo's router, the body read, a JSON reply of the size of mockbank's.
func serveEcho(ctx context.Context) error {
	reply := map[string]string{
		"request_id": "0b6f2b1e-4c0e-4b7e-9c55-1d7f0a9b2c31", "created_at": "2025-03-05T07:54:52.123456Z",
		"expires_at": "2025-03-12T07:54:52.123456Z", "api_client_app": "finqlink-demo",
		"link_id": "6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21", "web_id": "k7Q2mX9pLr4Tz8Wd",
		"web_url": "http://127.0.0.1:6265/finqlink/web/k7Q2mX9pLr4Tz8Wd",
	}
	e := echo.New()
	e.POST("/*", func(c echo.Context) error {
		if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, reply)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{Handler: e, ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// process is a server under test.
type process struct {
	command *exec.Cmd
	base    string
	took    time.Duration // from the start of the process to the first right answer
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

// start runs a server that prints its address, and waits for its first right answer.
func start(ctx context.Context, path string, binary string, args ...string) (*process, error) {
	began := time.Now()
	command := exec.CommandContext(ctx, binary, args...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command}
	lines := bufio.NewScanner(out)
	for p.base == "" && lines.Scan() {
		p.base = address.FindString(lines.Text())
	}
	if p.base == "" {
		return nil, errors.Join(fmt.Errorf("%s said no address", binary), p.stop())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	reply, err := http.Get(p.base + path)
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	defer reply.Body.Close()
	p.took = time.Since(began)
	return p, nil
}

func (p *process) stop() error {
	if err := p.command.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	err := p.command.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// cpu is the time that the process has worked, which a busy machine stretches less than the clock's.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name before it may hold spaces
	fields := strings.Fields(rest)
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, err
}

// tick is the unit of the system's accounts of time.
const tick = 10 * time.Millisecond

// anonymous is the memory of the process that is backed by no file, in bytes.
func (p *process) anonymous() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("the system tells no RssAnon")
}
