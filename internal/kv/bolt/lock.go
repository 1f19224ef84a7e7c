package bolt

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// lock is a held lock file. It is never removed: whoever waits for a removed file waits for nothing.
type lock struct{ file *os.File }

// acquire takes the lock beside path, at once or not at all.
func acquire(path string) (*lock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, explain(path, err)
	}
	taken, err := tryLock(f)
	if taken && err == nil {
		err = write(f, strconv.Itoa(os.Getpid()))
	}
	switch {
	case err != nil:
		_ = f.Close()
		return nil, fmt.Errorf("kv: can not lock %s.lock: keep the store on a disk that can lock files, which some network disks can not: %w", path, err)
	case !taken:
		defer f.Close()
		return nil, fmt.Errorf("kv: %s is in use by %s: stop that one first, or choose another data directory", path, holder(f))
	}
	return &lock{file: f}, nil
}

func holder(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 20))
	pid := strings.TrimSpace(string(text))
	if _, bad := strconv.Atoi(pid); err != nil || bad != nil {
		return "another process"
	}
	return "process " + pid
}

func write(f *os.File, text string) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// release lets the next process in.
func (l *lock) release() {
	_ = l.file.Truncate(0) // or a process that comes later could be told a pid that has gone
	_ = l.file.Close()
}
