package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progressPause is how long a person waits before they are told how far the work has come.
const progressPause = time.Second

// withProgress does work, and where people look on has look say how far it has come. Files and pipes are told nothing.
func (t *terminal) withProgress(look func() (string, error), work func() error) error {
	if !interactive(t.err) {
		return work()
	}
	tick := time.NewTicker(progressPause)
	defer tick.Stop()
	return progress(t.err, tick.C, look, work)
}

func interactive(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// wipe goes back to the begin of the line and empties it.
const wipe = "\r\x1b[K"

// progress writes a line at each tick, in the place of the one before, and none once the work is done. A look that
// fails tells nothing: what the work fails for is told by the work.
func progress(w io.Writer, ticks <-chan time.Time, look func() (string, error), work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	told := false
	for {
		select {
		case err := <-done:
			if told {
				fmt.Fprint(w, wipe)
			}
			return err
		case <-ticks:
			if line, err := look(); err == nil {
				fmt.Fprint(w, wipe+line)
				told = true
			}
		}
	}
}
