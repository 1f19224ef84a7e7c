package store

import (
	"encoding/binary"
	"time"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// What follows writes a workspace whole, as a snapshot tells it.

// Renew empties the workspace, what a reset keeps included, and makes its description that of another one but for
// name and epochs. The rows that were there are swept after the commit.
func (tx *Tx) Renew(as *Workspace) {
	old := *tx.ws
	ws := tx.Change()
	*ws = *as.clone()
	ws.Name, ws.World, ws.Kept = old.Name, tx.store.newEpoch(), tx.store.newEpoch()
	tx.renewed = true
	tx.SetNow(ws.Clock.Now(tx.Wall()))
	tx.AfterCommit(func() { tx.store.sweeper.add(epochSpan(old.Name, old.World), epochSpan(old.Name, old.Kept)) })
}

// PutEntries stores the history of an entity that was just inserted, oldest first.
func (tx *Tx) PutEntries(e *Entity, entries []Entry) error {
	nth := map[uint64]uint64{}
	for _, entry := range entries {
		value, err := strictjson.Marshal(entry.row())
		if err != nil {
			return err
		}
		key := kindKey(tx, tableHistory, e.Provider, e.Kind, 24).Number(e.Sequence).Number(entry.Version)
		tx.put(key.Number(nth[entry.Version]), value)
		nth[entry.Version]++
	}
	return nil
}

// PutSequence has a series go on after a number.
func (tx *Tx) PutSequence(series string, last uint64) {
	tx.put(append(tx.rowKey(tableSequence, len(series)), series...), binary.BigEndian.AppendUint64(nil, last))
}

// PutJob stores a job with the number that it has. One with its class, due time and number is replaced.
func (tx *Tx) PutJob(j Job) error {
	j.World, j.Due = tx.ws.World, exact(j.Due)
	value, err := j.encode()
	if err != nil {
		return err
	}
	tx.put(j.key(tx), value)
	tx.added = append(tx.added, j)
	tx.due = true
	return nil
}

// PutRow stores the JSON of a row.
func (b Bucket) PutRow(tx *Tx, key Key, value []byte) { tx.put(append(b.prefix(tx), key...), value) }

// exact is an instant as keys hold it.
func exact(t time.Time) time.Time { return fromMicro(t.UnixMicro()) }
