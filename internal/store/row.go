package store

import (
	"encoding/binary"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// Bucket is a room's own corner of a workspace: ordered rows whose keys and values only that room reads.
type Bucket struct {
	// Name is unique among all buckets.
	Name string
	// Kept rows survive a reset; the others go with the world.
	Kept bool
}

func (b Bucket) prefix(tx *Tx) Key { return b.table(tx).Text(b.Name) }

// table is what the keys of all buckets begin with that share this one's fate.
func (b Bucket) table(tx *Tx) Key {
	epoch := tx.ws.World
	if b.Kept {
		epoch = tx.ws.Kept
	}
	key := binary.BigEndian.AppendUint32(workspacePrefix(tx.ws.Name), epoch)
	return Key(append(key, byte(tableRow)))
}

// Get decodes the row's value into out, and tells whether there is one.
func (b Bucket) Get(tx *Tx, key Key, out any) (bool, error) {
	value, err := tx.get(append(b.prefix(tx), key...))
	if err != nil || value == nil {
		return false, err
	}
	return true, strictjson.Unmarshal(value, out)
}

// Put stores value as the row's JSON.
func (b Bucket) Put(tx *Tx, key Key, value any) error {
	data, err := strictjson.Marshal(value)
	if err != nil {
		return err
	}
	tx.put(append(b.prefix(tx), key...), data)
	return nil
}

// Delete removes the row, if there is one.
func (b Bucket) Delete(tx *Tx, key Key) { tx.delete(append(b.prefix(tx), key...)) }

// Scan visits the rows whose key begins with prefix, in order, until fn returns false or an error. The value
// that fn is given decodes the row.
func (b Bucket) Scan(tx *Tx, prefix Key, reverse bool, fn func(key Key, decode func(out any) error) (bool, error)) error {
	return b.ScanFrom(tx, prefix, nil, reverse, fn)
}

// ScanFrom is Scan from the row key from on: with it in ascending order, before it in descending order.
func (b Bucket) ScanFrom(tx *Tx, prefix, from Key, reverse bool, fn func(key Key, decode func(out any) error) (bool, error)) error {
	corner := b.prefix(tx)
	var start []byte
	if from != nil {
		start = append(corner[:len(corner):len(corner)], from...)
	}
	var failure error
	err := tx.scan(append(corner[:len(corner):len(corner)], prefix...), start, reverse, func(key, value []byte) bool {
		more, err := fn(Key(key[len(corner):]), func(out any) error { return strictjson.Unmarshal(value, out) })
		failure = err
		return more && err == nil
	})
	if err == nil {
		err = failure
	}
	return err
}
