package store

import (
	"encoding/binary"
	"log/slog"
	"sync"

	"github.com/mockbank/mockbank/internal/kv"
)

// span is a range of rows that nobody names any more.
type span struct{ from, to []byte }

func epochSpan(name string, epoch uint32) span {
	from := worldPrefix(name, epoch)
	return span{from: from, to: after(from)}
}

// epochsOf lists the epochs under which a workspace has rows, ascending.
func epochsOf(r kv.Reader, name string) ([]uint32, error) {
	var epochs []uint32
	prefix := workspacePrefix(name)
	end := after(prefix)
	from := prefix
	for from != nil {
		var found []byte
		err := r.Scan(from, end, false, func(key, _ []byte) bool {
			found = append(found, key[len(prefix):len(prefix)+4]...)
			return false
		})
		if err != nil || found == nil {
			return epochs, err
		}
		epoch := binary.BigEndian.Uint32(found)
		epochs = append(epochs, epoch)
		from = after(worldPrefix(name, epoch))
	}
	return epochs, nil
}

// sweeper deletes forgotten rows behind everyone's back, a few at a time.
type sweeper struct {
	driver kv.Driver
	log    *slog.Logger

	mu    sync.Mutex
	spans []span
	more  chan struct{}
	end   chan struct{}
	once  sync.Once
	done  sync.WaitGroup
}

// sweepRows is how many rows one transaction of the sweeper deletes: enough to be quick, and so few that
// nobody who commits meanwhile waits for long.
const sweepRows = 500

func (s *sweeper) start(driver kv.Driver, log *slog.Logger) {
	s.driver, s.log = driver, log
	s.more, s.end = make(chan struct{}, 1), make(chan struct{})
	s.done.Go(s.run)
}

func (s *sweeper) stop() {
	s.once.Do(func() { close(s.end) })
	s.done.Wait()
}

func (s *sweeper) add(spans ...span) {
	s.mu.Lock()
	s.spans = append(s.spans, spans...)
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *sweeper) run() {
	for {
		select {
		case <-s.end:
			return
		case <-s.more:
		}
		for s.sweepOne() {
			select {
			case <-s.end:
				return
			default:
			}
		}
	}
}

// sweepOne deletes some rows of the first span, and tells whether there may be more to do. A span that can
// not be swept now is left to the next start.
func (s *sweeper) sweepOne() bool {
	s.mu.Lock()
	if len(s.spans) == 0 {
		s.mu.Unlock()
		return false
	}
	first := s.spans[0]
	s.mu.Unlock()

	more := false
	err := s.driver.Update(func(w kv.Writer) error {
		keys, err := firstKeys(w, first, sweepRows)
		more = len(keys) == sweepRows
		for _, key := range keys {
			if err == nil {
				err = w.Delete(key)
			}
		}
		return err
	})
	if err != nil {
		s.log.Warn("store: sweeping forgotten rows stopped until the next start", "error", err)
	}
	if err != nil || !more {
		s.mu.Lock()
		s.spans = s.spans[1:]
		s.mu.Unlock()
	}
	return true
}

func firstKeys(r kv.Reader, in span, most int) ([][]byte, error) {
	var keys [][]byte
	err := r.Scan(in.from, in.to, false, func(key, _ []byte) bool {
		keys = append(keys, append([]byte(nil), key...))
		return len(keys) < most
	})
	return keys, err
}
