package store

import "encoding/binary"

// A counted index knows how many entities have a key, and finds the n-th newest of them, without looking at those
// before it. Sequence numbers fall into blocks of 256, those into blocks of 65,536, and those into blocks of 16
// million; for each block in which an entity has the key there is a row that counts them. To page is to go down
// from the largest blocks to the row itself, past at most 256 rows on each level but the first.
//
// Invariant: a block's count is the number of the index's rows in it, and never 0.

// topLevel is that of the largest blocks, which are walked through one by one. The rows of the index itself are
// level 0.
const topLevel = 3

// counted is one key of a counted index.
type counted struct {
	tx                    *Tx
	provider, kind, index string
	key                   Key
}

// corner is what the keys of a level's blocks begin with.
func (c counted) corner(level int) Key {
	const room = 24
	t := tableCount
	if level == 0 {
		t = tableIndex
	}
	corner := kindKey(c.tx, t, c.provider, c.kind, len(c.index)+len(c.key)+room).Text(c.index)
	if level > 0 {
		corner = append(corner, byte(level))
	}
	return append(corner, c.key...)
}

// inside is what the keys of those blocks of a level begin with that lie in one of the level above.
func (c counted) inside(level int, block uint64) Key {
	corner := c.corner(level).Number(block << 8)
	return corner[:len(corner)-1]
}

// blocks visits blocks, the newest first, with how many they count.
func (c counted) blocks(level int, prefix Key, fn func(block uint64, count int64) bool) error {
	return c.tx.scan(prefix, nil, true, func(key, value []byte) bool {
		count := int64(1)
		if level > 0 {
			count = int64(binary.BigEndian.Uint64(value))
		}
		return fn(binary.BigEndian.Uint64(key[len(key)-8:]), count)
	})
}

// seek finds the sequence number of the newest entity but skip; false: there are not so many.
func (c counted) seek(skip int64) (sequence uint64, found bool, err error) {
	prefix := c.corner(topLevel)
	for level := topLevel; ; level-- {
		var block uint64
		found = false
		err = c.blocks(level, prefix, func(at uint64, count int64) bool {
			if found = count > skip; found {
				block = at
				return false
			}
			skip -= count
			return true
		})
		if err != nil || !found || level == 0 {
			return block, found, err
		}
		prefix = c.inside(level-1, block)
	}
}

// put adds a row of the index and counts it; one that is there already is counted already.
func (c counted) put(sequence uint64) error {
	row := c.corner(0).Number(sequence)
	there, err := c.tx.get(row)
	if err != nil || there != nil {
		return err
	}
	c.tx.put(row, nil)
	return c.add(sequence, 1)
}

// drop takes a row out of the index, if there is one.
func (c counted) drop(sequence uint64) error {
	row := c.corner(0).Number(sequence)
	there, err := c.tx.get(row)
	if err != nil || there == nil {
		return err
	}
	c.tx.delete(row)
	return c.add(sequence, -1)
}

// add changes the counts of the blocks that a sequence number is in.
func (c counted) add(sequence uint64, change int64) error {
	for level := 1; level <= topLevel; level++ {
		row := c.corner(level).Number(sequence >> (8 * level))
		value, err := c.tx.get(row)
		if err != nil {
			return err
		}
		count := change
		if value != nil {
			count += int64(binary.BigEndian.Uint64(value))
		}
		if count == 0 {
			c.tx.delete(row)
			continue
		}
		c.tx.put(row, binary.BigEndian.AppendUint64(nil, uint64(count)))
	}
	return nil
}

// CountIndex tells how many entities have a key of a counted index.
func (tx *Tx) CountIndex(provider, kind, index string, key Key) (total int64, err error) {
	c := counted{tx, provider, kind, index, key}
	err = c.blocks(topLevel, c.corner(topLevel), func(_ uint64, count int64) bool {
		total += count
		return true
	})
	return total, err
}

// PageIndex visits the entities with a key of a counted index, the newest first and without the first skip of
// them: limit of them, or until fn returns false or an error. What is skipped costs nothing that grows with it.
func (tx *Tx) PageIndex(provider, kind, index string, key Key, skip, limit int64, fn func(*Entity) (bool, error)) error {
	if limit <= 0 {
		return nil
	}
	c := counted{tx, provider, kind, index, key}
	first, found, err := c.seek(skip)
	if err != nil || !found {
		return err
	}
	visit := func(e *Entity) (bool, error) {
		more, err := fn(e)
		limit--
		return more && limit > 0, err
	}
	return tx.visit(c.corner(0), c.corner(0).Number(first+1), true, visit, func(key, _ []byte) (*Entity, error) {
		return tx.entityAt(provider, kind, binary.BigEndian.Uint64(key[len(key)-8:]))
	})
}
