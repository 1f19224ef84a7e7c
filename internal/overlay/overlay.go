// Package overlay reads a user's own folder of scenario files, and tells when it changes.
//
// Read takes what is named <provider>/<kind>.yaml, bounded in number and size, and nothing else: what leads out of
// the folder, or is a pipe or a device, is refused by its name and not opened. Watch looks at what the folder holds
// whenever something in it moved, waits until it rests, and reports only what differs from the time before; so an
// editor that writes a file in three steps is reported once, and one that saves it unchanged not at all.
//
// A folder is never held open: it may be removed, and another put in its place.
package overlay

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/mockbank/mockbank/internal/machine"
)

// What bounds a folder. The built-in files are some ten, of a few thousand bytes each.
const (
	maxEntries = 1000    // of one folder
	maxFiles   = 200     // scenario files in all
	maxFile    = 1 << 20 // bytes of one
	maxBytes   = 8 << 20 // bytes of all
)

// Folder is a user's folder of scenario files.
type Folder string

// Contents are what a folder holds at one time. They are equal where nothing changed.
type Contents struct {
	Files   []machine.File   // by their names, which are paths that begin with the folder's
	Defects []machine.Defect // what could not be read, and why; it has no line

	folders []string // the folders in which something may change
}

// Equal tells whether two readings found the same.
func (c Contents) Equal(other Contents) bool {
	same := func(a, b machine.File) bool { return a.Name == b.Name && string(a.Data) == string(b.Data) }
	return slices.EqualFunc(c.Files, other.Files, same) && slices.Equal(c.Defects, other.Defects)
}

// Check tells whether the folder is there at all, in a sentence for people.
func (f Folder) Check() error {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return fmt.Errorf("the scenario folder can not be read: %w", err)
	}
	return root.Close()
}

// Read reads the folder.
func (f Folder) Read() Contents {
	r := &reading{folder: f}
	root, err := os.OpenRoot(string(f))
	if err != nil {
		r.refuse(".", err)
		return r.Contents
	}
	defer func() { _ = root.Close() }() // It was only read from.
	r.root = root
	for _, entry := range r.entries(".") {
		r.visit(entry)
	}
	return r.Contents
}

// reading is one reading of a folder.
type reading struct {
	Contents
	folder Folder
	root   *os.Root
	bytes  int64
}

func (r *reading) refuse(name string, err error) {
	var placed *fs.PathError
	if errors.As(err, &placed) {
		err = placed.Err
	}
	r.Defects = append(r.Defects, machine.Defect{File: r.full(name), Message: "this can not be read: " + err.Error()})
}

func (r *reading) full(name string) string {
	return path.Join(strings.ReplaceAll(string(r.folder), string(os.PathSeparator), "/"), name)
}

// entries lists a folder by name. What begins with a dot is an editor's, or a version control's.
func (r *reading) entries(name string) []string {
	dir, err := r.open(name, fs.ModeDir)
	if err != nil {
		r.refuse(name, err)
		return nil
	}
	defer dir.Close()
	found, err := dir.Readdirnames(maxEntries + 1)
	if err != nil && !errors.Is(err, io.EOF) || len(found) > maxEntries {
		r.refuse(name, cmp.Or(err, fmt.Errorf("the folder has more than %d entries", maxEntries)))
		return nil
	}
	found = slices.DeleteFunc(found, func(entry string) bool { return strings.HasPrefix(entry, ".") })
	slices.Sort(found)
	return found
}

// visit takes an entry of the folder for a provider's.
func (r *reading) visit(provider string) {
	info, err := r.root.Stat(provider)
	switch {
	case err != nil && errors.Is(err, fs.ErrNotExist):
	case err != nil:
		r.refuse(provider, err)
	case !info.IsDir():
		r.misplaced(provider)
	default:
		r.folders = append(r.folders, r.full(provider))
		for _, entry := range r.entries(provider) {
			r.file(path.Join(provider, entry))
		}
	}
}

// misplaced refuses what somebody takes for a scenario file, and mockbank does not.
func (r *reading) misplaced(name string) bool {
	if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" {
		return true // a README, a schema
	}
	if path.Ext(name) == ".yml" || path.Dir(name) == "." {
		r.refuse(name, errors.New("a scenario file is named <provider>/<kind>.yaml"))
		return true
	}
	return false
}

func (r *reading) file(name string) {
	if r.misplaced(name) {
		return
	}
	data, err := r.read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !r.dangling(name): // It was removed while it was looked at.
	case err != nil:
		r.refuse(name, err)
	default:
		r.Files = append(r.Files, machine.File{Name: r.full(name), Data: data})
	}
}

func (r *reading) dangling(name string) bool {
	_, err := r.root.Lstat(name)
	return err == nil
}

func (r *reading) read(name string) ([]byte, error) {
	if len(r.Files) >= maxFiles {
		return nil, fmt.Errorf("the folder has more than %d scenario files", maxFiles)
	}
	file, err := r.open(name, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	r.bytes += int64(len(data))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxFile:
		return nil, fmt.Errorf("it is longer than %d bytes", maxFile)
	case r.bytes > maxBytes:
		return nil, fmt.Errorf("the files before it have %d bytes already, which is as much as is read", maxBytes)
	}
	return data, nil
}

// open opens what is of a type, and nothing that only looks like it: a device or a pipe would never end. It asks
// before it opens, because to open a device may do something, and after, because somebody may have changed it.
func (r *reading) open(name string, kind fs.FileMode) (*os.File, error) {
	info, err := r.root.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode().Type() != kind {
		return nil, errNotRegular
	}
	file, err := r.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err != nil || info.Mode().Type() != kind {
		_ = file.Close() // Nothing was written to it.
		return nil, cmp.Or(err, errNotRegular)
	}
	return file, nil
}

var errNotRegular = errors.New("it is not a regular file")
