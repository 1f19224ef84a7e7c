package snapshot

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/store"
)

var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// bench is a store with its driver.
type bench struct {
	*store.Store
	t      testing.TB
	driver kv.Driver
}

func open(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, driver: mem.New()}
	var err error
	b.Store, err = store.Open(store.Config{
		Driver: b.driver, Wall: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler), Seed: 1, MaxWorkspaces: 9,
		Clock: clock.Setting{Mode: clock.Frozen, Base: noon},
	})
	b.must(err)
	t.Cleanup(b.Close)
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) update(ws string, fn func(*store.Tx) error) {
	b.t.Helper()
	b.must(b.Update(context.Background(), ws, fn))
}

func (b *bench) save(ws string) []byte {
	b.t.Helper()
	var out bytes.Buffer
	b.must(b.ViewWhole(context.Background(), ws, func(tx *store.Tx) error {
		counted, err := tx.Requests()
		return errors.Join(err, Write(&out, tx, counted))
	}))
	return out.Bytes()
}

func (b *bench) load(ws string, document []byte) error {
	b.t.Helper()
	d, err := Parse(document)
	if err != nil {
		return err
	}
	return b.Update(context.Background(), ws, func(tx *store.Tx) error { return d.Restore(tx, indexes) })
}

// raw is every row of a workspace, with its epoch as world, kept or meta.
func (b *bench) raw(ws string) map[string]string {
	b.t.Helper()
	is := b.Workspace(ws)
	names := map[uint32]string{0: "meta", is.World: "world", is.Kept: "kept"}
	all := map[string]string{}
	prefix := append([]byte(ws), 0)
	b.must(b.driver.View(func(r kv.Reader) error {
		return r.Scan(prefix, append([]byte(ws), 1), false, func(key, value []byte) bool {
			epoch := names[binary.BigEndian.Uint32(key[len(prefix):])]
			if epoch == "world" || epoch == "kept" {
				all[epoch+" "+string(key[len(prefix)+4:])] = string(value)
			}
			return true
		})
	}))
	return all
}

// indexes has an index of each sort.
func indexes(e *store.Entity) ([]store.Index, error) {
	if e.Kind != "book" {
		return nil, nil
	}
	return []store.Index{
		{Name: "code", Unique: true, Key: store.Key{}.Text("code " + e.ID)},
		{Name: "made", Key: store.Key{}.Latest(e.Created)},
		{Name: "shelf", Counted: true, Key: store.Key{}.Text(e.Client)},
	}, nil
}

// requests is how many the workspace that is saved has counted.
const requests = 7

// fill gives a workspace rows in every table.
func fill(tx *store.Tx) error {
	tx.PutRequests(requests)
	ws := tx.Change()
	ws.IDsAs, ws.WebhookURL, ws.WebhookInsecureTLS, ws.Seed = "golden", "http://shop.example", true, 9
	ws.Settings["p"], ws.Scenarios["p/book"] = map[string]any{"n": "1"}, "quick"
	for _, kind := range []string{"book", "a\x00\x01b"} {
		for n := range 3 {
			if err := insert(tx, kind, n); err != nil {
				return err
			}
		}
	}
	ref := store.Ref{Provider: "p", Kind: "book", ID: "book 1"}
	rows := []error{
		tx.AddJob(store.Job{Class: store.StateJob, Due: noon.Add(time.Hour), Entity: ref, Visit: 2, Scenario: "quick", State: "open", Step: 1}),
		tx.AddJob(store.Job{Class: store.StateJob, Due: noon.Add(time.Hour), Entity: ref, Fire: "expire"}),
		tx.AddJob(store.Job{Class: store.SendJob, Due: noon, Delivery: 4, Target: "t"}),
		store.Bucket{Name: "room"}.Put(tx, store.Key{}.Text("of a text").Number(12).Time(noon), map[string]any{"a": []int{1}}),
		store.Bucket{Name: "kept", Kept: true}.Put(tx, store.Key("\xff\x00\x07"), "<&>"),
	}
	return errors.Join(rows...)
}

func insert(tx *store.Tx, kind string, n int) error {
	sequence, err := tx.Next("p/" + kind)
	if err != nil {
		return err
	}
	e := &store.Entity{
		Ref: store.Ref{Provider: "p", Kind: kind, ID: fmt.Sprint(kind, " ", n)}, Sequence: sequence, State: "open", Scenario: "quick",
		Visit: 2, Version: 3, Visits: map[string]int{"made": 1, "open": 2}, Input: map[string]string{"amount": "1"}, Spoilt: []int{0, 2},
		Parent: store.Ref{Provider: "p", Kind: "x", ID: "y"}, Client: "demo", Base: "http://localhost/p",
		Created: noon, Updated: noon.Add(time.Microsecond), Entered: noon.Add(time.Second), Wake: noon.Add(time.Hour), Data: []byte(`{"n":1.50}`),
	}
	keys, err := indexes(e)
	if err != nil {
		return err
	}
	if err := tx.Insert(e, keys); err != nil {
		return err
	}
	for _, event := range []string{"open", "shut"} {
		if err := tx.Record(e, store.Moment{Event: event, Cause: "api", From: "made", To: "open", Note: "n"}); err != nil {
			return err
		}
	}
	return nil
}

// TestEveryTableComesBack compares every row that the driver holds, whatever tables the store has.
func TestEveryTableComesBack(t *testing.T) {
	from, to := open(t), open(t)
	from.update("w", fill)
	want := from.raw("w")
	for name, table := range tables(t) {
		if !anyKey(want, func(key string) bool { return key[len(key[:strings.IndexByte(key, ' ')])+1] == table }) {
			t.Errorf("this test has no row of the store's %s: add one, and see that a snapshot has it", name)
		}
	}
	document := from.save("w")
	to.update("w", func(tx *store.Tx) error { return insert(tx, "left over", 1) })
	to.must(to.load("w", document))
	if diff := cmp.Diff(want, to.raw("w")); diff != "" {
		t.Errorf("not all came back (-was +is):\n%s", diff)
	}
	if again := to.save("w"); !bytes.Equal(again, document) {
		t.Errorf("its snapshot is another one:\n%s", cmp.Diff(string(document), string(again)))
	}
	// In another workspace it is the same but for the name.
	to.must(to.load("other", document))
	if diff := cmp.Diff(want, to.raw("other")); diff != "" {
		t.Errorf("not all came to another workspace (-was +is):\n%s", diff)
	}
	if is := to.Workspace("other"); is.Name != "other" || is.Seed != 9 || !is.Created.Equal(noon) {
		t.Errorf("the other workspace is %+v", is)
	}
}

// tables reads the store's tables from its source.
func tables(t *testing.T) map[string]byte {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../store/key.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]byte{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "table") {
			char, _, _, err := strconv.UnquoteChar(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, "'"), '\'')
			if err != nil {
				t.Fatal(err)
			}
			found[spec.Names[0].Name] = byte(char)
		}
		return true
	})
	if len(found) < 8 {
		t.Fatalf("only these tables were found: %v", found)
	}
	return found
}

func anyKey(rows map[string]string, is func(string) bool) bool {
	for key := range rows {
		if is(key) {
			return true
		}
	}
	return false
}

var bucketLiteral = regexp.MustCompile(`store\.Bucket\{Name: "([^"]+)"(, Kept: true)?\}`)

// TestEveryBucketIsInIt puts a row into each bucket that the sources name.
func TestEveryBucketIsInIt(t *testing.T) {
	b := open(t)
	var buckets []store.Bucket
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range bucketLiteral.FindAllStringSubmatch(string(source), -1) {
			buckets = append(buckets, store.Bucket{Name: found[1], Kept: found[2] != ""})
		}
		return err
	})
	b.must(err)
	if len(buckets) < 15 {
		t.Fatalf("only these buckets were found: %v", buckets)
	}
	b.update("w", func(tx *store.Tx) error {
		for _, bucket := range buckets {
			if err := bucket.Put(tx, store.Key{}.Text("k"), bucket.Name); err != nil {
				return err
			}
		}
		return nil
	})
	d, err := Parse(b.save("w"))
	b.must(err)
	for _, bucket := range buckets {
		where := d.Rooms
		if bucket.Kept {
			where = d.Kept
		}
		if rows := where[bucket.Name]; len(rows) != 1 || string(rows[0].Value) != strconv.Quote(bucket.Name) {
			t.Errorf("the bucket %s is not in the snapshot, but %v", bucket.Name, rows)
		}
	}
}

// TestAnUnstoredWorkspaceHasASnapshot, which makes a workspace of it.
func TestAnUnstoredWorkspaceHasASnapshot(t *testing.T) {
	b := open(t)
	document := b.save("nobody")
	if b.Stored("nobody") {
		t.Error("a look made it")
	}
	b.must(b.load("nobody", document))
	if !b.Stored("nobody") || len(b.raw("nobody")) != 0 {
		t.Errorf("it holds %v", b.raw("nobody"))
	}
}

// TestALoadIsOneEpochOn: what is written for the world before is not of the one after.
func TestALoadIsOneEpochOn(t *testing.T) {
	b := open(t)
	b.update("w", fill)
	document, before := b.save("w"), *b.Workspace("w")
	b.must(b.load("w", document))
	if after := b.Workspace("w"); after.World <= before.World || after.Kept <= before.Kept {
		t.Errorf("the epochs are %d and %d, and were %d and %d", after.World, after.Kept, before.World, before.Kept)
	}
}

// TestAJumpUnderWayIsNotInIt: a clock in the middle of a jump comes back as one that stands there, or goes on from there.
func TestAJumpUnderWayIsNotInIt(t *testing.T) {
	for _, mode := range []clock.Mode{clock.Frozen, clock.Real} {
		b := open(t)
		b.update("w", func(tx *store.Tx) error {
			tx.SetClock(clock.Setting{Mode: mode, Base: noon, Anchor: noon, Jump: noon.Add(time.Hour)})
			return nil
		})
		b.must(b.load("w", b.save("w")))
		got := b.Workspace("w").Clock
		if !got.Jump.IsZero() || !got.Now(noon).Equal(noon.Add(time.Hour)) || got.Mode != mode {
			t.Errorf("%s: %+v", mode, got)
		}
	}
}

// TestKeysComeBack whatever bytes they are of.
func TestKeysComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var k store.Key
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			switch rapid.IntRange(0, 3).Draw(t, "sort") {
			case 0:
				k = k.Text(rapid.String().Draw(t, "text"))
			case 1:
				k = k.Number(rapid.Uint64().Draw(t, "number"))
			case 2:
				k = k.Time(time.Unix(rapid.Int64Range(-1e10, 1e11).Draw(t, "time"), 0))
			default:
				k = append(k, rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "bytes")...)
			}
		}
		written, err := writeKey(k)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := readKey(written); err != nil || !bytes.Equal(got, k) {
			t.Fatalf("%x was written as %s and read as %x (%v)", k, written, got, err)
		}
	})
}

func TestKeysReadWell(t *testing.T) {
	for want, k := range map[string]store.Key{
		`["finqlink","finqlink-demo"]`:             store.Key{}.Text("finqlink").Text("finqlink-demo"),
		`["shop",12]`:                              store.Key{}.Text("shop").Number(12),
		`[{"time":"2026-01-15T12:00:00Z"},"p",""]`: store.Key{}.Time(noon).Text("p").Text(""),
		`["p","web",{"hex":"ff00ff"}]`:             append(store.Key{}.Text("p").Text("web"), 0xff, 0, 0xff),
		`[]`:                                       nil,
		`["größe",1]`:                              store.Key{}.Text("größe").Number(1),
		`[{"time":"9998-12-31T23:59:59Z"}]`:        store.Key{}.Time(clock.Latest),
		`[{"hex":"0100"}]`:                         {1, 0},
		`["p",9007199254740991]`:                   store.Key{}.Text("p").Number(1<<53 - 1),
		`["p",{"hex":"ffffffffffffffff"}]`:         store.Key{}.Text("p").Number(1<<64 - 1),
		`["p","a b",{"time":"2026-01-15T12:00:00.000001Z"}]`: store.Key{}.Text("p").Text("a b").Time(noon.Add(time.Microsecond)),
	} {
		got, err := writeKey(k)
		if err != nil || string(got) != want {
			t.Errorf("%x is written as %s, want %s (%v)", k, got, want, err)
		}
	}
}

func TestBoundedTakesNoMore(t *testing.T) {
	b := Bounded{Most: 5}
	for _, text := range []string{"abc", "de"} {
		if _, err := io.WriteString(&b, text); err != nil {
			t.Error(err)
		}
	}
	if _, err := io.WriteString(&b, "f"); !errors.Is(err, ErrTooLong) || string(b.Bytes()) != "abcde" {
		t.Errorf("%q, %v", b.Bytes(), err)
	}
}
