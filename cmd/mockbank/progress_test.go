package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// A line takes the place of the one before, a look that fails changes nothing, and nothing is left at the end.
func TestProgress(t *testing.T) {
	ticks, looked, end := make(chan time.Time), make(chan bool), make(chan error)
	lines := []string{"10 %", "", "90 %"}
	look := func() (string, error) {
		line := lines[0]
		lines = lines[1:]
		defer func() { go func() { looked <- true }() }()
		if line == "" {
			return "", errors.New("not now")
		}
		return line, nil
	}
	failure := errors.New("it broke off")
	go func() {
		for range 3 {
			ticks <- time.Time{}
			<-looked
		}
		end <- failure
	}()
	var out strings.Builder
	if err := progress(&out, ticks, look, func() error { return <-end }); !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	if want := wipe + "10 %" + wipe + "90 %" + wipe; out.String() != want {
		t.Errorf("told %q, want %q", out.String(), want)
	}
}

func TestPipesAreToldNothing(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, w := range map[string]*terminal{"a file": {err: file}, "a buffer": {err: new(strings.Builder)}} {
		worked := false
		if err := w.withProgress(nil, func() error { worked = true; return nil }); err != nil || !worked {
			t.Errorf("%s: %v, %t", name, err, worked)
		}
	}
}
