//go:build unix

package bolt

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// tryLock takes the lock of an open file if nobody has it. The kernel gives it back when the process dies.
func tryLock(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// syncDir makes a rename in the directory durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// owners tells whose the files are, in brackets, as far as that can be told.
func owners(paths ...string) string {
	var told []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			told = append(told, fmt.Sprintf("%s is of user %d, mode %v", path, s.Uid, info.Mode()))
		}
	}
	if told == nil {
		return ""
	}
	return " (" + strings.Join(told, "; ") + ")"
}

// isFull tells whether the disk refused to take more, and nothing worse. bbolt keeps only the text of a
// failed truncate. A sync that reports a full disk has lost what it was to keep, and is not meant here:
// bbolt returns its bare errno.
func isFull(err error) bool {
	for _, full := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		var at *os.PathError
		if errors.As(err, &at) && at.Op != "sync" && errors.Is(at, full) {
			return true
		}
		if err != nil && strings.HasPrefix(err.Error(), "file resize error: ") && strings.HasSuffix(err.Error(), full.Error()) {
			return true
		}
	}
	return false
}
