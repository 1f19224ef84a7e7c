package store

import (
	"encoding/binary"
	"strings"
	"time"
)

// A row's key is: workspace name, 0, epoch, table, and what the table adds.
//
// Names hold no zero byte, so one workspace's rows are one range. Every life of a workspace, and of the world
// in it, has an epoch of its own that is never used again: to forget a million rows is to name another epoch.

// table is a row's second-highest order: the sort of thing that it holds.
type table byte

const (
	tableEntity   table = 'e' // kind, sequence -> entity
	tableID       table = 'i' // kind, id -> sequence
	tableIndex    table = 'x' // kind, index, key parts (, sequence) -> sequence
	tableCount    table = 'c' // kind, index, level, key parts, block -> how many rows of the index are in it
	tableHistory  table = 'h' // kind, sequence, version -> history entry
	tableJob      table = 'j' // class, due, sequence -> job
	tableSequence table = 's' // series -> last number
	tableRequests table = 'q' // nothing -> how many requests were counted
	tableRow      table = 'r' // room's bucket, key -> the room's value
)

// Ascending and descending times, as eight bytes that sort so.
func timeKey(t time.Time) uint64     { return uint64(t.UnixMicro()) ^ 1<<63 }
func timeOf(key uint64) time.Time    { return time.UnixMicro(int64(key ^ 1<<63)).UTC() }
func latestFirst(t time.Time) uint64 { return ^timeKey(t) }

// Key builds the ordered part of an index key or of a room's row.
type Key []byte

// keyRoom is for what usually follows a text in a key: another one and an instant.
const keyRoom = 48

// Text adds a text; texts sort as their bytes do, and a shorter one before those that it begins. A zero byte
// ends it, so the bytes 0 and 1 within are written as two.
func (k Key) Text(s string) Key {
	if cap(k)-len(k) <= len(s) {
		k = append(make(Key, 0, len(k)+len(s)+keyRoom), k...)
	}
	if strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, 1) < 0 {
		return append(append(k, s...), 0)
	}
	for i := range len(s) {
		if s[i] <= 1 {
			k = append(k, 1, s[i]+1)
		} else {
			k = append(k, s[i])
		}
	}
	return append(k, 0)
}

// CutText reads the text that a key begins with, and gives what comes after it; false: it begins with none.
func (k Key) CutText() (text string, rest Key, ok bool) {
	var out []byte
	for i := 0; i < len(k); i++ {
		switch {
		case k[i] == 0:
			return string(out), k[i+1:], true
		case k[i] > 1:
			out = append(out, k[i])
		case i+1 < len(k) && (k[i+1] == 1 || k[i+1] == 2):
			i++
			out = append(out, k[i]-1)
		default:
			return "", k, false
		}
	}
	return "", k, false
}

// Number adds a number, ascending.
func (k Key) Number(n uint64) Key { return binary.BigEndian.AppendUint64(k, n) }

// Time adds a time, earliest first, exact to the microsecond.
func (k Key) Time(t time.Time) Key { return k.Number(timeKey(t)) }

// CutTime reads the time that Time wrote as these eight bytes.
func (k Key) CutTime() time.Time { return timeOf(binary.BigEndian.Uint64(k)) }

// Latest adds a time, latest first.
func (k Key) Latest(t time.Time) Key { return k.Number(latestFirst(t)) }

// after gives the least key that does not begin with prefix; nil when there is none.
func after(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

func worldPrefix(name string, epoch uint32) []byte {
	return binary.BigEndian.AppendUint32(workspacePrefix(name), epoch)
}

func workspacePrefix(name string) []byte { return append([]byte(name), 0) }

// metaEpoch marks the row that describes the workspace itself.
const metaEpoch = 0
