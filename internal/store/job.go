package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// ErrStale is what whoever runs a job returns when it no longer stands for anything: its entity is gone, has
// moved on or follows another story. Such a job is dropped without a word.
var ErrStale = errors.New("store: the job is stale")

// Class tells jobs that change state in a transaction from those that send something outside of one. At one
// instant all state jobs come first.
type Class byte

const (
	StateJob Class = 's'
	SendJob  Class = 't'
)

// Job is something that is due at a time. A state job belongs to an entity, and is stale when the entity's
// Visit is another by then; a send job belongs to a delivery.
type Job struct {
	Class    Class     `json:"-"` // with Due and Sequence the job's key
	Due      time.Time `json:"-"`
	Sequence uint64    `json:"-"`
	World    uint32    `json:"-"` // the epoch in which it was read; after a reset its key may be another's

	Entity   Ref    `json:"-"` // a jobRow has it
	Visit    uint64 `json:"v,omitzero"`
	Scenario string `json:"n,omitzero"` // whose step it is; empty for a deadline
	State    string `json:"s,omitzero"` // the state in which it was armed
	Step     int    `json:"i,omitzero"` // the step's place among those of that state
	Fire     string `json:"f,omitzero"` // for a deadline of the machine: the event; a record has none

	Delivery uint64 `json:"d,omitzero"`
	Target   string `json:"t,omitzero"` // whom a delivery goes to; jobs of one target wait for each other and for no other
}

// jobRow is a job in the form in which it is stored. There is one for each timer that is pending, so its entity is one
// text: PROVIDER/KIND/ID, where neither of the first two holds a slash.
type jobRow struct {
	Entity entityText `json:"e,omitzero"`
	Job    `json:",inline"`
}

// entityText is a Ref as one text. Rows of before hold an object.
type entityText string

// UnmarshalJSON reads both.
func (t *entityText) UnmarshalJSON(value []byte) error {
	var text string
	if !bytes.HasPrefix(value, []byte("{")) {
		err := strictjson.Unmarshal(value, &text)
		*t = entityText(text)
		return err
	}
	var ref Ref
	err := strictjson.Unmarshal(value, &ref)
	if err == nil && (ref.Provider == "" || ref.Kind == "" || ref.ID == "") {
		err = fmt.Errorf("store: the row of a job is damaged: %s is no entity", value)
	}
	*t = entityText(ref.String())
	return err
}

func (j *Job) encode() ([]byte, error) {
	row := jobRow{Job: *j}
	if j.Entity != (Ref{}) {
		row.Entity = entityText(j.Entity.String())
	}
	return strictjson.Marshal(row)
}

func decodeJob(value []byte) (Job, error) {
	var row jobRow
	if err := strictjson.Unmarshal(value, &row); err != nil {
		return Job{}, err
	}
	if row.Entity == "" {
		return row.Job, nil
	}
	parts := strings.SplitN(string(row.Entity), "/", 3)
	if len(parts) < 3 {
		return Job{}, fmt.Errorf("store: the row of a job is damaged: %q is no entity", row.Entity)
	}
	row.Job.Entity = Ref{parts[0], parts[1], parts[2]}
	return row.Job, nil
}

func jobKey(tx *Tx, class Class) Key { return append(tx.rowKey(tableJob, 20), byte(class)) }

func (j *Job) key(tx *Tx) Key { return jobKey(tx, j.Class).Time(j.Due).Number(j.Sequence) }

// AddJob stores a job and gives it its number. What would have been due earlier is due now, so that jobs which
// make jobs go through time in one direction.
func (tx *Tx) AddJob(j Job) error {
	n, err := tx.Next("job")
	if err != nil {
		return err
	}
	j.Sequence, j.Due = n, exact(j.Due)
	if j.Due.Before(tx.now) {
		j.Due = tx.now
	}
	return tx.PutJob(j)
}

// Added is how many jobs this transaction has added.
func (tx *Tx) Added() int { return len(tx.added) }

// DropJob removes a job; one that is gone already is no error.
func (tx *Tx) DropJob(j *Job) { tx.delete(j.key(tx)) }

// HasJob tells whether a job is still there.
func (tx *Tx) HasJob(j *Job) (bool, error) {
	value, err := tx.get(j.key(tx))
	return value != nil, err
}

// Jobs visits the jobs of a class in the order of their due times, then of their numbers, until fn returns
// false.
func (tx *Tx) Jobs(class Class, fn func(*Job) bool) error { return tx.jobs(class, nil, fn) }

// JobsFrom is Jobs without those that are due before the instant, and of those due at it without the ones
// whose number is below sequence.
func (tx *Tx) JobsFrom(class Class, due time.Time, sequence uint64, fn func(*Job) bool) error {
	return tx.jobs(class, jobKey(tx, class).Time(due).Number(sequence), fn)
}

func (tx *Tx) jobs(class Class, from Key, fn func(*Job) bool) error {
	corner := jobKey(tx, class)
	var failure error
	err := tx.scan(corner, from, false, func(key, value []byte) bool {
		var j Job
		if j, failure = decodeJob(value); failure != nil {
			return false
		}
		rest := key[len(corner):]
		j.Class, j.Due, j.Sequence = class, timeOf(binary.BigEndian.Uint64(rest)), binary.BigEndian.Uint64(rest[8:])
		j.World = tx.ws.World
		return fn(&j)
	})
	if err == nil {
		err = failure
	}
	return err
}
