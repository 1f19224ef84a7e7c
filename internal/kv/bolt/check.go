package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
)

// checkWhole is the size up to which a file is read whole before it is used, which is bounded work at each
// start. Of a larger one the root and the list of free pages are checked, and each pair when it is read.
const checkWhole = 256 << 20

// The numbers of bbolt's file format. Its integers are in the machine's own byte order.
const (
	headerSize = 16 // of a page: id 8, flags 2, count 2, overflow 4
	metaSize   = 64 // magic 4, version 4, page size 4, flags 4, root 16, freelist 8, end 8, txid 8, checksum 8
	metaMagic  = 0xED0CDAED
	bucketSize = 16 // root page 8, sequence 8; a small bucket has root 0, and its only page right behind
	smallest   = 1 << 10
	largest    = 1 << 24

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	bucketEntry  = 0x01   // the flag of a leaf's entry that is a bucket
	manyFree     = 0xFFFF // as a freelist's count: the real one is its first entry
)

var native = binary.NativeEndian

// verify reads a bbolt file and says what is wrong with it. It trusts no byte: whatever the file holds, it
// does not panic, ends, and needs no more memory than the file is long.
func verify(r io.ReaderAt, size int64) error {
	m, err := newest(r, size)
	if err != nil {
		return err
	}
	if have := uint64(size) / m.page; m.end > have {
		return fmt.Errorf("it was cut short: %d of its %d pages are there", have, m.end)
	}
	c := &checker{file: r, meta: m, used: make([]bool, m.end)}
	c.used[0], c.used[1] = true, true
	if err := c.freelist(); err != nil || size > checkWhole {
		return err
	}
	if err := c.tree(m.root, 0, bounds{}, c.bucket); err != nil {
		return err
	}
	if lost := slices.Index(c.used, false); lost >= 0 {
		return fmt.Errorf("nothing leads to page %d", lost)
	}
	return nil
}

// meta is one of the two roots of the file. They take turns, so that the last but one state is still there
// when a crash spoils the last.
type meta struct {
	page, root, free, end, txid uint64
}

// newest returns the later of the two roots, as bbolt chooses it. The second lies one page into the file,
// and the size of a page is only known from a root.
func newest(r io.ReaderAt, size int64) (meta, error) {
	first, ok := readMeta(r, 0)
	if ok {
		if second, ok := readMeta(r, int64(first.page)); ok && second.txid > first.txid {
			first = second
		}
		return first, first.check()
	}
	for at := int64(smallest); at <= largest && at < size; at *= 2 {
		if second, ok := readMeta(r, at); ok {
			return second, second.check()
		}
	}
	return meta{}, errors.New("it is not a store, or the root of it is destroyed")
}

func readMeta(r io.ReaderAt, at int64) (meta, bool) {
	var b [metaSize]byte
	if _, err := r.ReadAt(b[:], at+headerSize); err != nil {
		return meta{}, false
	}
	sum := fnv.New64a()
	sum.Write(b[:metaSize-8])
	if native.Uint32(b[:]) != metaMagic || native.Uint64(b[metaSize-8:]) != sum.Sum64() {
		return meta{}, false
	}
	return meta{
		page: uint64(native.Uint32(b[8:])),
		root: native.Uint64(b[16:]),
		free: native.Uint64(b[32:]),
		end:  native.Uint64(b[40:]),
		txid: native.Uint64(b[48:]),
	}, true
}

func (m meta) check() error {
	if m.page < smallest || m.page > largest || m.page&(m.page-1) != 0 || m.end < 4 {
		return errors.New("its root makes no sense")
	}
	return nil
}

// checker walks all that a root leads to.
type checker struct {
	file    io.ReaderAt
	meta    meta
	used    []bool   // by page: something has led to it
	buffers [][]byte // by depth: the page that the walk is in there
}

// bounds are those of the keys on a page: low <= key, and key < high unless that is nil.
type bounds struct{ low, high []byte }

// claim marks pages that something leads to. All lead to different ones, so a walk can not run in circles.
func (c *checker) claim(id, n uint64) error {
	if id >= c.meta.end || n > c.meta.end-id {
		return fmt.Errorf("something leads to page %d, and there are %d", id+n-1, c.meta.end)
	}
	for i := id; i < id+n; i++ {
		if c.used[i] {
			return fmt.Errorf("two things lead to page %d", i)
		}
		c.used[i] = true
	}
	return nil
}

// load claims and reads a page with those that continue it.
func (c *checker) load(id uint64, depth int) (page, error) {
	var h [headerSize]byte
	if id >= c.meta.end {
		return nil, c.claim(id, 1)
	}
	if _, err := c.file.ReadAt(h[:], int64(id*c.meta.page)); err != nil {
		return nil, err
	}
	if page(h[:]).id() != id {
		return nil, fmt.Errorf("page %d is not itself", id)
	}
	n := uint64(native.Uint32(h[12:])) + 1
	if err := c.claim(id, n); err != nil {
		return nil, err
	}
	for len(c.buffers) <= depth {
		c.buffers = append(c.buffers, nil)
	}
	b := slices.Grow(c.buffers[depth][:0], int(n*c.meta.page))[:n*c.meta.page]
	c.buffers[depth] = b
	_, err := c.file.ReadAt(b, int64(id*c.meta.page))
	return page(b), err
}

// freelist claims the pages that are free, and those of their list.
func (c *checker) freelist() error {
	p, err := c.load(c.meta.free, 0)
	if err != nil {
		return err
	}
	count, ids := uint64(p.count()), p[headerSize:]
	if count == manyFree {
		count, ids = native.Uint64(ids), ids[8:]
	}
	if p.flags() != freelistPage || count > uint64(len(ids)/8) {
		return errors.New("the list of its free pages makes no sense")
	}
	for i := range count {
		if err := c.claim(native.Uint64(ids[8*i:]), 1); err != nil {
			return err
		}
	}
	return nil
}

// tree walks the pages below id and hands each entry of a leaf to fn.
func (c *checker) tree(id uint64, depth int, within bounds, fn func(depth int, e entry) error) error {
	p, err := c.load(id, depth)
	if err != nil {
		return err
	}
	entries, err := p.entries(within)
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	for i, e := range entries {
		if p.flags() == leafPage {
			err = fn(depth+1, e)
		} else {
			below := bounds{low: e.key, high: within.high}
			if i+1 < len(entries) {
				below.high = entries[i+1].key
			}
			err = c.tree(e.child, depth+1, below, fn)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket walks an entry of the root's tree: one of our two buckets.
func (c *checker) bucket(depth int, e entry) error {
	if !e.bucket || len(e.value) < bucketSize {
		return fmt.Errorf("its root holds %q, which is no bucket", e.key)
	}
	if root := native.Uint64(e.value); root != 0 {
		return c.tree(root, depth, bounds{}, sealed)
	}
	p := page(e.value[bucketSize:])
	if len(p) < headerSize || p.flags() != leafPage {
		return fmt.Errorf("its bucket %q makes no sense", e.key)
	}
	entries, err := p.entries(bounds{})
	for i := 0; err == nil && i < len(entries); i++ {
		err = sealed(depth, entries[i])
	}
	return err
}

// sealed checks a pair.
func sealed(_ int, e entry) error {
	if _, ok := unseal(e.key, e.value); e.bucket || !ok {
		return fmt.Errorf("the checksum of key %q does not match", e.key)
	}
	return nil
}

// page is a page with those that continue it.
type page []byte

func (p page) id() uint64    { return native.Uint64(p) }
func (p page) flags() uint16 { return native.Uint16(p[8:]) }
func (p page) count() uint16 { return native.Uint16(p[10:]) }

// entry is what one page says about one key.
type entry struct {
	start  uint64 // where on the page the key is; the value follows it
	key    []byte
	child  uint64 // of a branch: the page that begins with the key
	value  []byte // of a leaf
	bucket bool   // of a leaf: the value is a bucket
}

// entries reads a branch or a leaf, whose keys must be within bounds and in order.
//
// bbolt lays what the entries hold side by side behind their heads, and leaves zeros on an empty page. So a
// count that has changed shows, which no checksum covers.
func (p page) entries(within bounds) ([]entry, error) {
	count := int(p.count())
	switch {
	case p.flags() != leafPage && (p.flags() != branchPage || count == 0):
		return nil, errors.New("it is neither a branch nor a leaf")
	case count == 0 && len(bytes.Trim(p[headerSize:], "\x00")) != 0:
		return nil, errors.New("it has lost its entries")
	}
	found := make([]entry, 0, min(count, len(p)/headerSize))
	next := uint64(headerSize * (1 + count)) // a head is as long as a page's
	for i := range count {
		e, ok := p.entry(i)
		if !ok || e.start != next {
			return nil, errors.New("an entry is not where it should be")
		}
		next += uint64(len(e.key) + len(e.value))
		if !within.hold(e.key) || i > 0 && bytes.Compare(e.key, found[i-1].key) <= 0 {
			return nil, fmt.Errorf("key %q is out of order", e.key)
		}
		found = append(found, e)
	}
	return found, nil
}

func (b bounds) hold(key []byte) bool {
	return bytes.Compare(key, b.low) >= 0 && (b.high == nil || bytes.Compare(key, b.high) < 0)
}

// entry reads the head of an entry, which tells how far behind itself its key and value lie.
func (p page) entry(i int) (e entry, ok bool) {
	at := uint64(headerSize * (1 + i))
	if at+headerSize > uint64(len(p)) {
		return entry{}, false
	}
	head := p[at : at+headerSize]
	a, b, c, d := native.Uint32(head), native.Uint32(head[4:]), native.Uint32(head[8:]), native.Uint32(head[12:])
	if p.flags() == branchPage {
		e = entry{start: at + uint64(a), child: native.Uint64(head[8:])}
		e.key, ok = p.cut(e.start, b)
		return e, ok && len(e.key) > 0
	}
	e = entry{start: at + uint64(b), bucket: a == bucketEntry}
	e.key, ok = p.cut(e.start, c)
	if !ok || len(e.key) == 0 {
		return entry{}, false
	}
	e.value, ok = p.cut(e.start+uint64(c), d)
	return e, ok && (e.bucket || a == 0)
}

func (p page) cut(from uint64, n uint32) ([]byte, bool) {
	to := from + uint64(n)
	if to > uint64(len(p)) {
		return nil, false
	}
	return p[from:to:to], true
}
