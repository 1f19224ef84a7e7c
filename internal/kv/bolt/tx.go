package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"go.etcd.io/bbolt"

	"github.com/mockbank/mockbank/internal/kv"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sealSize is what a value grows by.
const sealSize = 4

// seal returns a copy of the value with the checksum of the pair behind it.
func seal(key, value []byte) []byte {
	sealed := make([]byte, len(value), len(value)+sealSize)
	copy(sealed, value)
	return binary.BigEndian.AppendUint32(sealed, checksum(key, value))
}

// unseal takes the checksum off; it is false when the pair is not the one that was sealed.
func unseal(key, sealed []byte) (value []byte, ok bool) {
	n := len(sealed) - sealSize
	if n < 0 {
		return nil, false
	}
	value = sealed[:n:n]
	return value, binary.BigEndian.Uint32(sealed[n:]) == checksum(key, value)
}

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// tx is a bbolt transaction as a kv.Reader and kv.Writer.
type tx struct {
	driver *Driver
	inner  *bbolt.Tx
	pairs  *bbolt.Bucket
	writes int // tells a scan that its cursor is void
}

func (t *tx) Get(key []byte) (value []byte, err error) {
	defer t.driver.catch(&err)
	sealed := t.pairs.Get(key)
	if sealed == nil {
		return nil, nil
	}
	return t.unseal(key, sealed)
}

func (t *tx) unseal(key, sealed []byte) ([]byte, error) {
	value, ok := unseal(key, sealed)
	if !ok {
		return nil, t.driver.corrupt(fmt.Sprintf("the checksum of key %q does not match", key))
	}
	return value, nil
}

func (t *tx) Scan(from, to []byte, reverse bool, fn func(key, value []byte) bool) error {
	if reverse {
		return t.descend(from, to, fn)
	}
	c := t.pairs.Cursor()
	key, value, err := t.read(func() ([]byte, []byte) { return c.Seek(from) })
	for err == nil && key != nil && inside(key, from, to) {
		writes := t.writes
		if !fn(key[:len(key):len(key)], value) {
			return nil
		}
		next := c.Next
		if t.writes != writes {
			above := append(bytes.Clone(key), 0) // the least key above it
			next = func() ([]byte, []byte) { return c.Seek(above) }
		}
		key, value, err = t.read(next)
	}
	return err
}

// descend is Scan from the end. It looks one pair ahead: after a write the cursor is void, and to search for
// what fn has just deleted would walk over all the pages that such a scan has emptied.
func (t *tx) descend(from, to []byte, fn func(key, value []byte) bool) error {
	c := t.pairs.Cursor()
	key, value, err := t.read(func() ([]byte, []byte) { return t.last(c, to) })
	for err == nil && key != nil && inside(key, from, to) {
		below, belowValue, failed := t.read(func() ([]byte, []byte) { return t.prev(c, key) })
		writes := t.writes
		if !fn(key[:len(key):len(key)], value) {
			return nil
		}
		if t.writes != writes && below != nil {
			below, belowValue, failed = t.read(func() ([]byte, []byte) { return t.atMost(c, below) })
		}
		key, value, err = below, belowValue, failed
	}
	return err
}

func inside(key, from, to []byte) bool {
	return bytes.Compare(key, from) >= 0 && (to == nil || bytes.Compare(key, to) < 0)
}

// last moves to the last pair below a key, or of all.
func (t *tx) last(c *bbolt.Cursor, below []byte) (key, sealed []byte) {
	if below != nil {
		if k, _ := c.Seek(below); k != nil {
			return t.prev(c, below)
		}
	}
	return c.Last()
}

// atMost moves to a key, or, where it is gone, to the last pair below it.
func (t *tx) atMost(c *bbolt.Cursor, key []byte) (found, sealed []byte) {
	found, sealed = c.Seek(key)
	if bytes.Equal(found, key) {
		return found, sealed
	}
	return t.last(c, key)
}

// prev moves to the last pair below a key that the cursor stands on or next to. bbolt's Prev says nil at the
// beginning, and also at each page whose pairs this transaction has deleted.
func (t *tx) prev(c *bbolt.Cursor, below []byte) (key, sealed []byte) {
	key, sealed = c.Prev()
	if key != nil || t.writes == 0 {
		return key, sealed
	}
	if first, _ := t.pairs.Cursor().First(); first == nil || bytes.Compare(first, below) >= 0 {
		return nil, nil
	}
	for key == nil {
		key, sealed = c.Prev()
	}
	return key, sealed
}

// read moves a cursor and checks what it found.
func (t *tx) read(move func() (key, sealed []byte)) (key, value []byte, err error) {
	defer t.driver.catch(&err)
	key, sealed := move()
	if key == nil {
		return nil, nil, nil
	}
	value, err = t.unseal(key, sealed)
	return key, value, err
}

func (t *tx) Put(key, value []byte) (err error) {
	if len(key) == 0 || len(key) > kv.MaxKey {
		return fmt.Errorf("kv: a key has 1 to %d bytes, not %d", kv.MaxKey, len(key))
	}
	defer t.driver.catch(&err)
	t.writes++
	return t.pairs.Put(key, seal(key, value))
}

func (t *tx) Delete(key []byte) (err error) {
	defer t.driver.catch(&err)
	t.writes++
	return t.pairs.Delete(key)
}
