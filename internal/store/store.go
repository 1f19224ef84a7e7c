// Package store keeps the state of all workspaces on a kv.Driver.
//
// A transaction belongs to one workspace, and workspaces share no row. Update takes the workspace's lock,
// reads what is committed plus what is on its way there, and buffers its writes; then it takes a place in the
// committer's queue, frees the lock, and returns when the driver has made them durable. The committer takes
// all that waits into one transaction of the driver. View takes no lock and sees what is committed.
//
// Invariants: an Update that returned nil is durable. Within a workspace, transactions take effect in the
// order in which they held the lock, and time never differs inside one. A transaction never waits for
// anything but the lock and the disk.
package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Config says how a store begins.
type Config struct {
	Driver        kv.Driver
	Wall          clock.Wall
	Log           *slog.Logger
	Clock         clock.Setting // of each new workspace
	Seed          uint64        // of each new workspace
	MaxWorkspaces int           // stored ones; one more is refused
	Observer      Observer      // nil: nobody
}

// Observer is told what became of writes. Its methods are called between two commits, so they must not block.
type Observer interface {
	// Committed tells of one transaction of the driver: how many of ours were in it, how long it took on the wall's
	// clock, and why it failed, if it did.
	Committed(transactions int, took time.Duration, err error)
	// Told hands over what a transaction told, once that is durable. Those of a workspace come in the order of their
	// commits, and before the transaction's caller goes on.
	Told(workspace string, told []events.Event)
	// Removed tells that a workspace is gone.
	Removed(workspace string)
}

// nobody is the observer where there is none.
type nobody struct{}

func (nobody) Committed(int, time.Duration, error) {}
func (nobody) Told(string, []events.Event)         {}
func (nobody) Removed(string)                      {}

// Store is the state of all workspaces. Its methods may be called from many goroutines.
type Store struct {
	Config
	started time.Time
	commits committer
	sweeper sweeper

	mu        sync.Mutex
	worlds    map[string]*world
	stored    int
	lastEpoch uint32

	wake func(workspace string, added []Job)
}

// Open reads which workspaces there are and begins to sweep what earlier runs left behind.
func Open(cfg Config) (*Store, error) {
	if cfg.Observer == nil {
		cfg.Observer = nobody{}
	}
	s := &Store{
		Config:  cfg,
		started: cfg.Wall(),
		commits: committer{driver: cfg.Driver, wall: cfg.Wall, observer: cfg.Observer},
		worlds:  map[string]*world{},
		wake:    func(string, []Job) {},
	}
	leftover, err := s.load()
	if err != nil {
		return nil, err
	}
	s.sweeper.start(cfg.Driver, cfg.Log)
	s.sweeper.add(leftover...)
	return s, nil
}

// OnWake has fn called after each commit that added jobs to a workspace, with these, or that changed its
// description, and so perhaps its clock. It is to be set before the first transaction, and fn must not block.
func (s *Store) OnWake(fn func(workspace string, added []Job)) { s.wake = fn }

// Close ends the sweeping; what it did not get to is swept after the next Open. The driver stays open.
func (s *Store) Close() { s.sweeper.stop() }

// load finds the stored workspaces, the highest epoch in use, and the ranges that nobody names any more.
func (s *Store) load() (leftover []span, err error) {
	err = s.Driver.View(func(r kv.Reader) error {
		var from []byte
		for {
			name, found, err := nextName(r, from)
			if err != nil || !found {
				return err
			}
			spans, err := s.loadOne(r, name)
			if err != nil {
				return err
			}
			leftover = append(leftover, spans...)
			from = after(workspacePrefix(name))
		}
	})
	return leftover, err
}

func nextName(r kv.Reader, from []byte) (name string, found bool, err error) {
	err = r.Scan(from, nil, false, func(key, _ []byte) bool {
		before, _, ok := bytes.Cut(key, []byte{0})
		name, found = string(before), ok
		return false
	})
	return name, found, err
}

func (s *Store) loadOne(r kv.Reader, name string) ([]span, error) {
	value, err := r.Get(worldPrefix(name, metaEpoch))
	if err != nil {
		return nil, err
	}
	epochs, err := epochsOf(r, name)
	if err != nil {
		return nil, err
	}
	var ws Workspace
	if value != nil {
		if err := strictjson.Unmarshal(value, &ws); err != nil {
			return nil, fmt.Errorf("store: the description of workspace %q can not be read: %w", name, err)
		}
		s.restore(&ws)
	}
	var leftover []span
	for _, epoch := range epochs {
		s.lastEpoch = max(s.lastEpoch, epoch)
		if epoch != metaEpoch && epoch != ws.World && epoch != ws.Kept {
			leftover = append(leftover, epochSpan(name, epoch))
		}
	}
	return leftover, nil
}

// restore takes a stored workspace into the tables.
func (s *Store) restore(ws *Workspace) {
	w := &world{name: ws.Name, counted: ws.Name != Default}
	w.described.Store(ws)
	w.touched.Store(s.started.UnixMicro())
	s.worlds[ws.Name] = w
	s.lastEpoch = max(s.lastEpoch, ws.World, ws.Kept)
	if w.counted {
		s.stored++
	}
}

// View runs fn on the committed state of a workspace, at its time now. A workspace that nobody wrote to reads
// as an empty one, but for what the transaction supposes.
func (s *Store) View(_ context.Context, name string, fn func(*Tx) error) error {
	wall := s.Wall()
	w, ws := s.find(name)
	if w != nil {
		w.touched.Store(wall.UnixMicro())
	}
	return s.Driver.View(func(r kv.Reader) error {
		return fn(&Tx{store: s, ws: ws, reader: r, now: ws.Clock.Now(wall)})
	})
}

// Update runs fn with the workspace to itself, at its time now, and makes its writes durable. When fn fails,
// nothing is written and its error comes back.
func (s *Store) Update(ctx context.Context, name string, fn func(*Tx) error) error {
	return s.update(ctx, name, time.Time{}, fn)
}

// UpdateAt is Update at a given instant, for what was due then.
func (s *Store) UpdateAt(ctx context.Context, name string, at time.Time, fn func(*Tx) error) error {
	return s.update(ctx, name, at, fn)
}

func (s *Store) update(ctx context.Context, name string, at time.Time, fn func(*Tx) error) error {
	w := s.enter(name)
	defer s.leave(w)
	w.touched.Store(s.Wall().UnixMicro()) // before the lock, under which DropIdle looks at it
	tx, err := s.prepare(ctx, w, at, fn)
	if err != nil || tx.batch == nil {
		return err
	}
	if err := s.commits.wait(tx.batch); err != nil {
		return diskProblem(err)
	}
	for _, done := range tx.after {
		done()
	}
	if tx.due {
		s.wake(name, tx.added)
	}
	return nil
}

// prepare runs fn under the world's lock and queues what it wrote. The batch is nil when it wrote nothing.
func (s *Store) prepare(ctx context.Context, w *world, at time.Time, fn func(*Tx) error) (*Tx, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, &problem.Error{Kind: problem.Timeout, Message: "The client went away", Err: err}
	}
	pending, ws, losses := w.snapshot()
	fresh := ws == nil
	if fresh {
		ws = s.imagined(w.name)
		ws.World, ws.Kept = s.newEpoch(), s.newEpoch()
	}
	tx := &Tx{
		store: s, ws: ws, before: ws, now: at, under: pending, overlay: pending.Copy(), writing: &batch{world: w, base: losses},
		fresh: fresh,
	}
	if at.IsZero() {
		tx.now = ws.Clock.Now(s.Wall())
	}
	err := s.Driver.View(func(r kv.Reader) error {
		tx.reader = r
		defer func() { tx.reader = nil }()
		return fn(tx)
	})
	if err != nil || (len(tx.writing.writes) == tx.ground && tx.changed == nil) {
		return tx, err
	}
	if fresh {
		if err := s.settleDown(w, tx); err != nil {
			return tx, err
		}
	}
	return tx, tx.seal(w)
}

// Workspace describes a workspace as committed.
func (s *Store) Workspace(name string) *Workspace {
	_, ws := s.find(name)
	return ws
}

// find gives what the process holds of a workspace, nil where it holds nothing, and its description.
func (s *Store) find(name string) (*world, *Workspace) {
	s.mu.Lock()
	w := s.worlds[name]
	s.mu.Unlock()
	if w != nil {
		if ws := w.described.Load(); ws != nil {
			return w, ws
		}
	}
	return w, s.imagined(name)
}

// Stored tells whether something was written to the workspace.
func (s *Store) Stored(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.worlds[name]
	return w != nil && w.described.Load() != nil
}

// Names lists the stored workspaces, in no order.
func (s *Store) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.worlds))
	for name, w := range s.worlds {
		if w.described.Load() != nil {
			names = append(names, name)
		}
	}
	return names
}

// imagined is a workspace that nothing was written to. It was there since the store was opened.
func (s *Store) imagined(name string) *Workspace {
	return &Workspace{Name: name, Created: s.Clock.Now(s.started), Clock: s.Clock, Seed: s.Seed}
}

// Change is closed at the next commit to the workspace, whoever makes it.
func (s *Store) Change(name string) (changed <-chan struct{}, release func()) {
	w := s.enter(name)
	return w.change(), func() { s.leave(w) }
}

// enter finds the world and keeps it from being forgotten until leave.
func (s *Store) enter(name string) *world {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.worlds[name]
	if w == nil {
		w = &world{name: name}
		s.worlds[name] = w
	}
	w.users++
	return w
}

func (s *Store) leave(w *world) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.users--
	if w.users == 0 && w.described.Load() == nil {
		if w.counted {
			w.counted = false
			s.stored--
		}
		delete(s.worlds, w.name)
	}
}

// settleDown gives a workspace that is about to be stored its place among them.
func (s *Store) settleDown(w *world, tx *Tx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !w.counted && w.name != Default {
		if s.stored >= s.MaxWorkspaces {
			return problem.Newf(problem.TooManyRequests, "too_many_workspaces",
				"There are %d workspaces already, which is the limit. Delete some (DELETE /_mockbank/v1/workspaces/NAME) or start mockbank with a higher --max-workspaces.", s.MaxWorkspaces)
		}
		w.counted = true
		s.stored++
	}
	if ws := tx.Change(); !tx.renewed {
		ws.Created = tx.now
	}
	return nil
}

func (s *Store) newEpoch() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastEpoch++
	return s.lastEpoch
}

// diskProblem says for people what a driver's failure means.
func diskProblem(err error) error {
	switch {
	case errors.Is(err, kv.ErrFull):
		return &problem.Error{Kind: problem.StorageFull, Message: "The disk is full: nothing was stored. Free some space and repeat the request.", Err: err}
	case errors.Is(err, kv.ErrBroken):
		return &problem.Error{Kind: problem.Unavailable, Message: "The disk failed to keep a write, so no more are taken. Check the disk, then restart mockbank.", Err: err}
	case errors.Is(err, kv.ErrClosed):
		return &problem.Error{Kind: problem.Unavailable, Message: "mockbank is stopping", Err: err}
	case errors.Is(err, errLost):
		return &problem.Error{Kind: problem.Unavailable, Message: "An earlier write of this workspace was not kept. Repeat the request.", Err: err}
	}
	return err
}
