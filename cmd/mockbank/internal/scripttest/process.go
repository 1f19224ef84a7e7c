package scripttest

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mockbank/mockbank/internal/housetest"
)

var processWords = words{
	"serve": word("serve [FLAG...]", 0, -1, serve),
	"quit": word("quit", 0, 0, func(ts *testscript.TestScript, _ []string) error {
		return taleOf(ts).leave((*housetest.House).Close)
	}),
	"kill9": word("kill9", 0, 0, func(ts *testscript.TestScript, _ []string) error {
		return taleOf(ts).leave((*housetest.House).Kill)
	}),
	"exits":     word("exits CODE mockbank [ARG...]", 2, -1, exits),
	"logged":    negatable("[!] logged TIMES PATTERN", 2, 2, logged, silent),
	"workspace": word("workspace NAME", 1, 1, workspace),
}

func serve(ts *testscript.TestScript, flags []string) (err error) {
	t := taleOf(ts)
	if t.house != nil {
		return errors.New("this script has a mockbank already: quit it first")
	}
	program, err := exec.LookPath("mockbank")
	if err != nil {
		return err
	}
	t.house, err = housetest.Start(housetest.Config{Program: program, Dir: ts.MkAbs("."), Env: environment(ts), Flags: flags})
	if err != nil {
		return err
	}
	ts.Setenv("BASE", t.house.Base)
	ts.Setenv("ADDRESS", strings.TrimPrefix(t.house.Base, "http://"))
	return workspace(ts, []string{"default"})
}

// exits runs a program whose exit code matters.
func exits(ts *testscript.TestScript, args []string) error {
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	var failure *exec.ExitError
	if errors.As(err, &failure) {
		code = failure.ExitCode()
	} else if err != nil {
		return err
	}
	if strconv.Itoa(code) != args[0] {
		return fmt.Errorf("exit code %d, want %s", code, args[0])
	}
	return nil
}

// logged waits for what mockbank says in its own time.
func logged(ts *testscript.TestScript, args []string) error {
	house, what, times, err := inLog(ts, args)
	if err != nil {
		return err
	}
	return house.Await(what, times)
}

// silent wants a log that does not have something by now.
func silent(ts *testscript.TestScript, args []string) error {
	house, what, times, err := inLog(ts, args)
	if err != nil {
		return err
	}
	if found := len(what.FindAllString(house.Log(), -1)); found >= times {
		return fmt.Errorf("the log has %q %d times: %s", what, found, house.Log())
	}
	return nil
}

func inLog(ts *testscript.TestScript, args []string) (house *housetest.House, what *regexp.Regexp, times int, err error) {
	if house = taleOf(ts).house; house == nil {
		return nil, nil, 0, errors.New("there is no mockbank whose log could be read")
	}
	if times, err = strconv.Atoi(args[0]); err != nil {
		return nil, nil, 0, err
	}
	what, err = regexp.Compile(args[1])
	return house, what, times, err
}

// environment is that of the script, as far as it concerns mockbank; MINE is for what a configuration file may name.
func environment(ts *testscript.TestScript) []string {
	env := []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR")}
	for _, name := range []string{"CLOCK", "SEED", "CONFIG", "PUBLIC_URL", "DATA", "MINE"} {
		if value := ts.Getenv("MOCKBANK_" + name); value != "" {
			env = append(env, "MOCKBANK_"+name+"="+value)
		}
	}
	return env
}

// leave ends the script's mockbank in one of the ways.
func (t *tale) leave(end func(*housetest.House) error) error {
	if t.house == nil {
		return errors.New("there is no mockbank to end")
	}
	h := t.house
	t.house = nil
	return end(h)
}

func workspace(ts *testscript.TestScript, args []string) error {
	base, name := ts.Getenv("BASE"), args[0]
	root := base
	if name != "default" {
		root = base + "/w/" + name
	}
	ts.Setenv("API", root+"/finqlink")
	ts.Setenv("ONELINK", root+"/onelinkfintech/v1")
	ts.Setenv("CONTROL", base+"/_mockbank/v1/workspaces/"+name)
	return nil
}
