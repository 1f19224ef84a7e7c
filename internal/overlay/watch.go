package overlay

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	rest = 200 * time.Millisecond // what was read twice so far apart, and is the same, is written to its end
	// each is how often the folder is looked at in any case: not every system tells of changes, not every file system
	// under it does, and the number of watches is limited.
	each = 2 * time.Second
)

const untold = "the system has no room to tell of changes in the scenario folder; it is looked at every two seconds"

// Watch calls changed with what the folder holds, each time that it came to differ from what it held before, until
// ctx ends.
func (f Folder) Watch(ctx context.Context, log *slog.Logger, before Contents, changed func(Contents)) {
	w := &watch{read: f.Read, last: before, changed: changed}
	told, err := newNotifier(f, log)
	if err == nil {
		defer func() { _ = told.Close() }() // There is nothing in it to lose.
		w.moved, w.follow = told.moved, told.follow
	} else {
		log.Info(untold, "folder", string(f), "error", err)
	}
	w.run(ctx)
}

// watch is one watching of a folder.
type watch struct {
	read    func() Contents
	last    Contents
	changed func(Contents)
	moved   <-chan struct{}        // something may have changed; nil: nobody tells
	follow  func(folders []string) // has changes in these folders told; nil: nobody tells
}

func (w *watch) run(ctx context.Context) {
	tick := time.NewTicker(each)
	defer tick.Stop()
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-w.moved:
		case <-tick.C:
		}
	}
}

// look reads the folder until it rests, and reports it where it differs from the time before.
func (w *watch) look(ctx context.Context) {
	now := w.read()
	for w.mind(now); !now.Equal(w.last); w.mind(now) {
		if !pause(ctx) {
			return
		}
		next := w.read()
		if next.Equal(now) {
			w.last = now
			w.changed(now)
			return
		}
		now = next
	}
}

// pause waits for what is read to be able to change; false when there is no more to wait for.
func pause(ctx context.Context) bool {
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// mind follows the folders that there are. One that was made or replaced since is told of from here on.
func (w *watch) mind(now Contents) {
	if w.follow != nil {
		w.follow(now.folders)
	}
}

// notifier has the system tell of changes.
type notifier struct {
	*fsnotify.Watcher
	folder string
	moved  chan struct{} // holds one note
	full   func(error)   // is told once that there is no room for another watch
}

func newNotifier(f Folder, log *slog.Logger) (*notifier, error) {
	folder, err := filepath.Abs(string(f))
	if err != nil {
		return nil, err
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	var once sync.Once
	full := func(err error) { once.Do(func() { log.Info(untold, "folder", folder, "error", err) }) }
	n := &notifier{watcher, folder, make(chan struct{}, 1), full}
	go n.listen()
	return n, nil
}

// listen makes one note of whatever it hears, until the watcher is closed.
func (n *notifier) listen() {
	for {
		select {
		case event, more := <-n.Events:
			if !more {
				return
			}
			if n.concerns(event.Name) {
				n.note()
			}
		case _, more := <-n.Errors: // Something was missed.
			if !more {
				return
			}
			n.note()
		}
	}
}

func (n *notifier) note() {
	select {
	case n.moved <- struct{}{}:
	default:
	}
}

// concerns tells whether a path lies in the folder, and not only beside it.
func (n *notifier) concerns(name string) bool {
	return name == n.folder || strings.HasPrefix(name, n.folder+string(filepath.Separator))
}

// follow watches folders, and the one around them, because the folder itself may be replaced. What can not be
// watched is looked at every two seconds all the same.
func (n *notifier) follow(folders []string) {
	for _, folder := range append([]string{filepath.Dir(n.folder), n.folder}, folders...) {
		whole, err := filepath.Abs(folder)
		if err == nil {
			err = n.Add(whole)
		}
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) {
			n.full(err)
		}
	}
}
