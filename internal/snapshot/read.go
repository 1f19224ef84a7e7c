package snapshot

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Indexer gives the keys under which an entity is found besides its id. Its error is a refusal: there is no such
// kind, or the data is not of it.
type Indexer func(e *store.Entity) ([]store.Index, error)

// Parse reads a document. Its refusals are problems with a pointer to the place.
func Parse(data []byte) (*Document, error) {
	var of struct {
		Version *int `json:"version"`
	}
	if err := strictjson.Unmarshal(data, &of); err != nil {
		return nil, explained(err)
	}
	switch {
	case of.Version == nil || *of.Version < 1:
		return nil, invalid("/version", "A snapshot begins with the version of its form, such as %d: this is none", Version)
	case *of.Version > Version:
		return nil, problem.Newf(problem.Refused, "newer_snapshot", "The snapshot is of version %d, and this mockbank knows those up to %d: load it with the mockbank that made it, or a newer one", *of.Version, Version).At("/version")
	}
	d := new(Document)
	if err := strictjson.UnmarshalKnown(data, d); err != nil {
		return nil, explained(err)
	}
	return d, d.check()
}

// explained makes a refusal of what the JSON reader says.
func explained(err error) error {
	var syntax *strictjson.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	return &problem.Error{Kind: problem.Invalid, Code: "broken_snapshot", Message: "The snapshot is broken: " + syntax.Error(), Pointer: syntax.Pointer, Err: err}
}

func invalid(pointer, format string, args ...any) *problem.Error {
	return problem.Newf(problem.Invalid, "broken_snapshot", format, args...).At(pointer)
}

// at makes a JSON pointer (RFC 6901 section 3).
func at(names ...any) string {
	var pointer strings.Builder
	for _, name := range names {
		pointer.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(fmt.Sprint(name)))
	}
	return pointer.String()
}

// check finds what is wrong by the document alone.
func (d *Document) check() error {
	if err := d.checkClock(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(d.Entities)) {
		for i, e := range d.Entities[name] {
			if err := d.checkEntity(name, i, e); err != nil {
				return err
			}
		}
	}
	seen := map[store.Job]bool{}
	for i, j := range d.Jobs {
		if err := d.checkJob(i, j); err != nil {
			return err
		}
		place := store.Job{Class: classes[j.Class], Due: j.Due.UTC(), Sequence: j.Sequence}
		if seen[place] {
			return invalid(at("jobs", i, "sequence"), "another job has this due time and number already")
		}
		seen[place] = true
	}
	if err := checkRows("rooms", d.Rooms); err != nil {
		return err
	}
	return checkRows("kept", d.Kept)
}

func (d *Document) checkClock() error {
	setting := d.Workspace.Clock
	if err := setting.Check(); err != nil {
		return invalid("/workspace/clock", "This is no clock: %s", err)
	}
	if !setting.Jump.IsZero() {
		return invalid("/workspace/clock/jump", "No jump is under way in a snapshot")
	}
	for name, t := range map[string]time.Time{"base": setting.Base, "anchor": setting.Anchor} {
		if !t.IsZero() && !storable(t) {
			return invalid(at("workspace", "clock", name), "Time goes from 1970 to %s", clock.Latest.Format(time.RFC3339))
		}
	}
	if setting.Mode == clock.Frozen && setting.Base.IsZero() {
		return invalid("/workspace/clock/base", "A clock that stands has an instant at which it does")
	}
	if !storable(d.Workspace.Created) {
		return invalid("/workspace/created", "must be a time of this workspace")
	}
	return nil
}

// storable tells whether keys and rows can hold a time.
func storable(t time.Time) bool { return t.Unix() >= 0 && !t.After(clock.Latest) }

func (d *Document) checkEntity(name string, i int, e entity) error {
	place := func(member string) string { return at("entities", name, i, member) }
	switch {
	case e.ID == "":
		return invalid(place("id"), "must be a text of at least one character")
	case e.Sequence == 0 || e.Sequence > d.Sequences[name]:
		return invalid(place("sequence"), "must be between 1 and %d, which /sequences says is the last of %s", d.Sequences[name], name)
	case i > 0 && e.Sequence <= d.Entities[name][i-1].Sequence:
		return invalid(place("sequence"), "must be higher than that of the entity before it")
	case e.Visit > math.MaxInt64 || e.Version > math.MaxInt64:
		return invalid(place("version"), "must be below 2^63")
	case len(e.Data) == 0:
		return invalid(place("data"), "must be there")
	}
	for member, t := range map[string]time.Time{"created": e.Created, "updated": e.Updated, "entered": e.Entered} {
		if !storable(t) {
			return invalid(place(member), "must be a time of this workspace")
		}
	}
	return nil
}

func (d *Document) checkJob(i int, j job) error {
	switch {
	case classes[j.Class] == 0:
		return invalid(at("jobs", i, "class"), "must be %s or %s", timer, attempt)
	case !storable(j.Due):
		return invalid(at("jobs", i, "due"), "must be a time of this workspace")
	case j.Sequence == 0 || j.Sequence > d.Sequences["job"]:
		return invalid(at("jobs", i, "sequence"), "must be between 1 and %d, which /sequences says is the last of job", d.Sequences["job"])
	}
	return nil
}

// checkRows also reads the rows' keys.
func checkRows(name string, buckets map[string][]row) (err error) {
	for _, bucket := range slices.Sorted(maps.Keys(buckets)) {
		rows := buckets[bucket]
		for i := range rows {
			if len(rows[i].Value) == 0 {
				return invalid(at(name, bucket, i, "value"), "must be there")
			}
			if rows[i].stored, err = readKey(rows[i].Key); err != nil {
				return invalid(at(name, bucket, i, "key"), "%s", err)
			}
		}
	}
	return nil
}

// Restore puts the document in the place of all that the transaction's workspace holds, but for the name. Its
// refusals are problems with a pointer to the place; what was written until then is for the caller to undo.
func (d *Document) Restore(tx *store.Tx, index Indexer) error {
	tx.Renew(d.Workspace.Description())
	if d.Requests > 0 {
		tx.PutRequests(d.Requests)
	}
	for series, last := range d.Sequences {
		tx.PutSequence(series, last)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Entities)) {
		for i, e := range d.Entities[name] {
			if err := e.restore(tx, name, index); err != nil {
				return placed(err, at("entities", name, i))
			}
		}
	}
	for _, j := range d.Jobs {
		if err := tx.PutJob(j.stored()); err != nil {
			return err
		}
	}
	return errors.Join(putRows(tx, false, d.Rooms), putRows(tx, true, d.Kept))
}

func (e entity) restore(tx *store.Tx, name string, index Indexer) (err error) {
	provider, kind, _ := strings.Cut(name, "/")
	stored := e.stored(provider, kind)
	if stored.Data, err = compact(e.Data); err != nil {
		return err
	}
	indexes, err := index(stored)
	if err != nil {
		return err
	}
	if err := tx.Insert(stored, indexes); err != nil {
		return err
	}
	return tx.PutEntries(stored, e.History)
}

// placed says where in the document a refusal of an entity belongs.
func placed(err error, place string) error {
	var syntax *strictjson.SyntaxError
	if errors.As(err, &syntax) {
		return invalid(place+"/data"+syntax.Pointer, "The data is not that of its kind: %s", syntax)
	}
	p := problem.From(err)
	if p.Kind == problem.Internal {
		return err
	}
	return &problem.Error{Kind: problem.Invalid, Code: "broken_snapshot", Message: p.Message, Pointer: place, Err: err}
}

func putRows(tx *store.Tx, kept bool, buckets map[string][]row) error {
	for _, bucket := range slices.Sorted(maps.Keys(buckets)) {
		for _, r := range buckets[bucket] {
			value, err := compact(r.Value)
			if err != nil {
				return err
			}
			store.Bucket{Name: bucket, Kept: kept}.PutRow(tx, r.stored, value)
		}
	}
	return nil
}

// compact takes out the white space that an editor may have added, and makes a copy.
func compact(raw stdjson.RawMessage) ([]byte, error) {
	var out bytes.Buffer
	err := stdjson.Compact(&out, raw)
	return out.Bytes(), err
}
