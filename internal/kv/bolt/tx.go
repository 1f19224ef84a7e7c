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
	c := t.pairs.Cursor()
	key, value, err := t.seek(c, from, to, reverse)
	for err == nil && key != nil && inside(key, from, to) {
		writes := t.writes
		if !fn(key[:len(key):len(key)], value) {
			return nil
		}
		switch {
		case t.writes == writes && reverse:
			key, value, err = t.read(func() ([]byte, []byte) { return t.prev(c, key) })
		case t.writes == writes:
			key, value, err = t.read(c.Next)
		case reverse:
			to = bytes.Clone(key)
			key, value, err = t.seek(c, from, to, reverse)
		default:
			from = append(bytes.Clone(key), 0) // the least key above it
			key, value, err = t.seek(c, from, to, reverse)
		}
	}
	return err
}

func inside(key, from, to []byte) bool {
	return bytes.Compare(key, from) >= 0 && (to == nil || bytes.Compare(key, to) < 0)
}

// seek moves to the first pair of the range, or with reverse to the last one.
func (t *tx) seek(c *bbolt.Cursor, from, to []byte, reverse bool) (key, value []byte, err error) {
	return t.read(func() ([]byte, []byte) {
		if !reverse {
			return c.Seek(from)
		}
		if to != nil {
			if k, _ := c.Seek(to); k != nil {
				return t.prev(c, to)
			}
		}
		return c.Last()
	})
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
