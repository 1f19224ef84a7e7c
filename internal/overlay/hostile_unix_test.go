//go:build unix

package overlay

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// K7: nothing outside of the folder is read, and nothing that only looks like a file is opened. That the test ends
// is half of it: a pipe or a device would never.
func TestK7LinksPipesAndDevicesAreRefused(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	put(t, secret, "root:x:0")
	f := folder(t, map[string]string{"a/sound.yaml": "1"})
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(string(f), name)); err != nil {
			t.Fatal(err)
		}
	}
	link("/dev/zero", "a/device.yaml")
	link("../../../../../../../../etc/passwd", "a/dots.yaml")
	link(secret, "a/absolute.yaml")
	link("sound.yaml", "a/inside.yaml")
	link("loop.yaml", "a/loop.yaml")
	link("nobody.yaml", "a/dangling.yaml")
	link(filepath.Dir(secret), "b")
	if err := syscall.Mkfifo(filepath.Join(string(f), "a/pipe.yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := `a/inside.yaml 1
a/sound.yaml 1
a/absolute.yaml: this can not be read: path escapes from parent
a/dangling.yaml: this can not be read: no such file or directory
a/device.yaml: this can not be read: path escapes from parent
a/dots.yaml: this can not be read: path escapes from parent
a/loop.yaml: this can not be read: too many levels of symbolic links
a/pipe.yaml: this can not be read: it is not a regular file
b: this can not be read: path escapes from parent
`
	if diff := cmp.Diff(want, told(f, f.Read())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
