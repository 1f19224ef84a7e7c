package overlay

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder makes a folder of files.
func folder(t *testing.T, files map[string]string) Folder {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		put(t, filepath.Join(dir, name), data)
	}
	return Folder(dir)
}

func put(t *testing.T, name, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

// told lists what was read and what was refused, with names from inside the folder.
func told(f Folder, c Contents) string {
	var b strings.Builder
	for _, file := range c.Files {
		fmt.Fprintf(&b, "%s %s\n", strings.TrimPrefix(file.Name, string(f)+"/"), file.Data)
	}
	for _, d := range c.Defects {
		fmt.Fprintln(&b, strings.TrimPrefix(d.String(), string(f)+"/"))
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing":       {nil, ""},
		"sorted":        {map[string]string{"b/x.yaml": "1", "a/z.yaml": "2", "a/y.yaml": "3"}, "a/y.yaml 3\na/z.yaml 2\nb/x.yaml 1\n"},
		"other files":   {map[string]string{"README.md": "", "a/notes.txt": "", "schema.json": "", ".git/x.yaml": "", "a/.x.yaml.swp": "", "a/.#x.yaml": "", "a/x.yaml~": ""}, ""},
		"too deep":      {map[string]string{"a/b/x.yaml": "1"}, ""},
		"too high":      {map[string]string{"x.yaml": "1"}, "x.yaml: this can not be read: a scenario file is named <provider>/<kind>.yaml\n"},
		"another end":   {map[string]string{"a/x.yml": "1"}, "a/x.yml: this can not be read: a scenario file is named <provider>/<kind>.yaml\n"},
		"very long":     {map[string]string{"a/x.yaml": strings.Repeat("#", maxFile+1)}, "a/x.yaml: this can not be read: it is longer than 1048576 bytes\n"},
		"a folder of a": {map[string]string{"a/x.yaml/y": "1"}, "a/x.yaml: this can not be read: it is not a regular file\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f := folder(t, c.files)
			if diff := cmp.Diff(c.want, told(f, f.Read())); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNumberAndSumAreBounded(t *testing.T) {
	many := map[string]string{}
	for i := range maxFiles + 1 {
		many[fmt.Sprintf("a/x%04d.yaml", i)] = "1"
	}
	f := folder(t, many)
	if c := f.Read(); len(c.Files) != maxFiles || !strings.Contains(told(f, c), "x0200.yaml: this can not be read: the folder has more than 200 scenario files") {
		t.Errorf("%d files, %v", len(c.Files), c.Defects)
	}
	large := map[string]string{}
	for i := range 10 {
		large[fmt.Sprintf("a/x%d.yaml", i)] = strings.Repeat("#", maxFile)
	}
	f = folder(t, large)
	if c := f.Read(); len(c.Files) != 8 || len(c.Defects) != 2 {
		t.Errorf("%d files, %v", len(c.Files), c.Defects)
	}
	crowd := map[string]string{}
	for i := range maxEntries + 1 {
		crowd[fmt.Sprintf("a/%d", i)] = ""
	}
	f = folder(t, crowd)
	if got := told(f, f.Read()); got != "a: this can not be read: the folder has more than 1000 entries\n" {
		t.Error(got)
	}
}

func TestAFolderThatIsNotThere(t *testing.T) {
	f := Folder(filepath.Join(t.TempDir(), "nowhere"))
	if err := f.Check(); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("%v", err)
	}
	if c := f.Read(); len(c.Defects) != 1 || len(c.Files) != 0 {
		t.Errorf("%+v", c)
	}
}
