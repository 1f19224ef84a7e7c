package bolt

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/mockbank/mockbank/internal/kv"
)

var (
	pairsBucket = []byte("pairs")
	aboutBucket = []byte("about") // what the file tells about itself, under the same seal as the pairs
	versionKey  = []byte("version")
)

// Open opens the store in the file at path, and makes it where nothing is. Its directory must be there.
// Beside the file it keeps path+".lock", which names the process that has the store open.
//
// Every error is a sentence that names the file and the way out.
func Open(path string, opts Options) (*Driver, error) {
	if opts.Version == 0 {
		opts.Version = 1
	}
	if len(opts.Migrate) != opts.Version-1 {
		return nil, fmt.Errorf("kv: version %d needs %d migrations, not %d", opts.Version, opts.Version-1, len(opts.Migrate))
	}
	l, err := acquire(path)
	if err != nil {
		return nil, err
	}
	d, err := open(path, opts)
	if err != nil {
		l.release()
		return nil, err
	}
	d.lock = l
	return d, nil
}

func open(path string, opts Options) (*Driver, error) {
	there, err := inspect(path)
	if err != nil {
		return nil, err
	}
	if !there {
		if err := create(path, opts.Version); err != nil {
			return nil, err
		}
	}
	d, err := attach(path)
	if err != nil {
		return nil, err
	}
	if err := d.migrate(opts); err != nil {
		_ = d.db.Close()
		return nil, err
	}
	return d, nil
}

// inspect tells whether a store is there, and refuses whatever is there instead of one.
func inspect(path string) (there bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, explain(path, err)
	case info.IsDir():
		return false, fmt.Errorf("kv: %s is a directory, and the store is a file: move it away or choose another place", path)
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("kv: %s is not a regular file: move it away or choose another place", path)
	case info.Size() == 0:
		// bbolt would make an empty store of it without a word.
		return false, fmt.Errorf("kv: %s is empty, so what it held is lost: put a backup in its place, or move it away to start empty", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return false, explain(path, err)
	}
	defer f.Close()
	if err := verify(f, info.Size()); err != nil {
		return false, &CorruptError{Path: path, What: err.Error()}
	}
	return true, nil
}

// create makes a store under another name and renames it when it is whole, so that a crash in here leaves
// nothing that the next start would refuse.
func create(path string, version int) error {
	unfinished := path + ".new"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return explain(path, err)
	}
	err := fill(unfinished, version)
	if err == nil {
		err = os.Rename(unfinished, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = os.Remove(unfinished)
		return explain(path, err)
	}
	return nil
}

func fill(path string, version int) error {
	db, err := bbolt.Open(path, 0o600, settings(nil))
	if err != nil {
		return err
	}
	db.AllocSize = growBy
	err = db.Update(func(tx *bbolt.Tx) error {
		if _, err := tx.CreateBucket(pairsBucket); err != nil {
			return err
		}
		if _, err := tx.CreateBucket(aboutBucket); err != nil {
			return err
		}
		return putVersion(tx, version)
	})
	return errors.Join(err, db.Close())
}

// attach gives the file to bbolt.
func attach(path string) (d *Driver, err error) {
	var file *os.File
	d = &Driver{path: path}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			_ = file.Close() // bbolt lost hold of it, and of its lock with it
			err = d.corrupt(p)
		}
	}()
	if d.db, err = bbolt.Open(path, 0o600, settings(&file)); err != nil {
		return nil, explain(path, err)
	}
	d.db.AllocSize = growBy
	if d.file, err = file.Stat(); err != nil {
		return nil, errors.Join(explain(path, err), d.db.Close())
	}
	return d, nil
}

// An Update that has to map more of a growing file waits until all Views are done, and no View begins in the
// meantime. Mapping far beyond the file's end costs address space alone, and makes that rare.
const mapAhead = 1 << 30

// growBy is how many bytes the file grows by when it is full; each time costs a sync.
const growBy = 1 << 20

// settings are those of every bbolt file here. Where file is not nil, it is told the open file.
func settings(file **os.File) *bbolt.Options {
	return &bbolt.Options{
		Timeout:         time.Millisecond, // the lock file keeps other mockbanks out; this, bbolt's own tools
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapAhead,
		NoStatistics:    true,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, mode)
			if file != nil {
				*file = f
			}
			return f, err
		},
	}
}

// migrate brings the rows to this program's version, in one commit, after a copy of the file was put beside it.
func (d *Driver) migrate(opts Options) error {
	version, err := d.version()
	switch {
	case err != nil:
		return err
	case version > opts.Version:
		return fmt.Errorf("kv: %s was written by a newer mockbank (version %d of the data, and this one knows up to %d): use that mockbank, or another data directory", d.path, version, opts.Version)
	case version == opts.Version:
		return nil
	}
	backup := fmt.Sprintf("%s.v%d.bak", d.path, version)
	if err := d.backup(backup); err != nil {
		return fmt.Errorf("kv: can not copy %s to %s before its data is migrated, so it was left as it is: %w", d.path, backup, err)
	}
	err = d.Update(func(w kv.Writer) error {
		for _, step := range opts.Migrate[version-1:] {
			if err := step(w); err != nil {
				return err
			}
		}
		t := w.(*tx)
		t.writes++
		return putVersion(t.inner, opts.Version)
	})
	if err != nil {
		return fmt.Errorf("kv: can not migrate %s from version %d to %d, so it was left as it is: %w", d.path, version, opts.Version, err)
	}
	return nil
}

func (d *Driver) version() (version int, err error) {
	err = d.View(func(r kv.Reader) error {
		t := r.(*tx)
		about := t.inner.Bucket(aboutBucket)
		if t.pairs == nil || about == nil {
			return d.corrupt("it is a bbolt file, but not mockbank's")
		}
		text, ok := unseal(versionKey, about.Get(versionKey))
		version, err = strconv.Atoi(string(text))
		if !ok || err != nil || version < 1 {
			return d.corrupt("it does not tell the version of its data")
		}
		return nil
	})
	return version, err
}

func putVersion(tx *bbolt.Tx, version int) error {
	return tx.Bucket(aboutBucket).Put(versionKey, seal(versionKey, strconv.AppendInt(nil, int64(version), 10)))
}

// backup writes a copy of the file, whole or not at all.
func (d *Driver) backup(to string) error {
	unfinished := to + ".new"
	err := d.View(func(r kv.Reader) error { return writeCopy(r.(*tx).inner, unfinished) })
	if err == nil {
		err = os.Rename(unfinished, to)
	}
	if err == nil {
		err = syncDir(filepath.Dir(to))
	}
	if err != nil {
		_ = os.Remove(unfinished)
	}
	return err
}

func writeCopy(from io.WriterTo, to string) error {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = from.WriteTo(f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// explain turns what the system says about a file into a sentence with a way out.
func explain(path string, err error) error {
	dir := filepath.Dir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("kv: %s: its directory %s is not there: make it, or choose another: %w", path, dir, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("kv: %s: the disk is mounted read-only: choose another directory: %w", path, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("kv: %s: this process (user %d) may not read and write it and its directory%s: change the owner or the mode, or choose another directory: %w", path, os.Getuid(), owners(dir, path), err)
	case isFull(err):
		return fmt.Errorf("kv: %s: the disk takes no more bytes or files (space, inodes or quota): make room, or choose another directory: %w", path, err)
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("kv: %s is open in another program: stop that one first: %w", path, err)
	}
	return fmt.Errorf("kv: can not open %s: %w", path, err)
}
