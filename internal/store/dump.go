package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// What follows reads a workspace whole, for a snapshot of it. Ids, keys and counts of entities are left out: they
// follow from the entities.

// ViewWhole is View of one commit: it reads the workspace's description where the rows are, so that no reset that
// comes between leads it to rows that are being swept.
func (s *Store) ViewWhole(_ context.Context, name string, fn func(*Tx) error) error {
	return s.Driver.View(func(r kv.Reader) error {
		value, err := r.Get(worldPrefix(name, metaEpoch))
		if err != nil {
			return err
		}
		ws := s.imagined(name)
		if value != nil {
			ws = new(Workspace)
			if err := strictjson.Unmarshal(value, ws); err != nil {
				return fmt.Errorf("store: the description of workspace %q can not be read: %w", name, err)
			}
		}
		return fn(&Tx{store: s, ws: ws, reader: r, now: ws.Clock.Now(s.Wall())})
	})
}

// EachEntity visits all entities, kind by kind and the oldest of each first, until fn returns an error.
func (tx *Tx) EachEntity(fn func(*Entity) error) error {
	corner := tx.rowKey(tableEntity, 0)
	visit := func(e *Entity) (bool, error) { return true, fn(e) }
	return tx.visit(corner, nil, false, visit, func(key, value []byte) (*Entity, error) {
		provider, rest, named := Key(key[len(corner):]).CutText()
		kind, rest, kinded := rest.CutText()
		if !named || !kinded || len(rest) != 8 {
			return nil, damaged(key)
		}
		return decodeEntity(provider, kind, binary.BigEndian.Uint64(rest), value)
	})
}

// Entry is a moment of an entity's history with the version that it belongs to.
type Entry struct {
	Version uint64 `json:"version"`
	Moment
}

// Entries is History with versions.
func (tx *Tx) Entries(e *Entity) (entries []Entry, err error) {
	corner := kindKey(tx, tableHistory, e.Provider, e.Kind, 8).Number(e.Sequence)
	err = tx.each(corner, func(key Key, value []byte) error {
		var row momentRow
		err := strictjson.Unmarshal(value, &row)
		entries = append(entries, Entry{binary.BigEndian.Uint64(key), row.moment()})
		return err
	})
	return entries, err
}

// EachSequence visits the last number of every series.
func (tx *Tx) EachSequence(fn func(series string, last uint64) error) error {
	return tx.each(tx.rowKey(tableSequence, 0), func(key Key, value []byte) error {
		if len(value) != 8 {
			return damaged(key)
		}
		return fn(string(key), binary.BigEndian.Uint64(value))
	})
}

// EachRow visits the rows of all buckets that go with the world, or of those that are kept, bucket by bucket.
func (tx *Tx) EachRow(kept bool, fn func(bucket string, key Key, value []byte) error) error {
	return tx.each(Bucket{Kept: kept}.table(tx), func(key Key, value []byte) error {
		bucket, rest, ok := key.CutText()
		if !ok {
			return damaged(key)
		}
		return fn(bucket, rest, value)
	})
}

// each visits the rows below a corner with what their keys add to it, until fn returns an error.
func (tx *Tx) each(corner []byte, fn func(key Key, value []byte) error) (failure error) {
	err := tx.scan(corner, nil, false, func(key, value []byte) bool {
		failure = fn(Key(key[len(corner):]), value)
		return failure == nil
	})
	if err != nil {
		return err
	}
	return failure
}

func damaged(key []byte) error { return fmt.Errorf("store: the row %x is damaged", key) }
