package webhook

import (
	"encoding/binary"
	"strings"

	"github.com/mockbank/mockbank/internal/store"
)

// maxExamined is how many deliveries one list looks at; a filter that few of them pass gives a short page.
const maxExamined = 10_000

// Filter chooses deliveries; what is zero is not asked for.
type Filter struct {
	Provider string
	Channel  string
	Type     string
	Client   string
	Entity   store.Ref // its members each
	Target   string
	State    State

	mail bool // only what goes by mail
}

func (f Filter) passes(d *Delivery) bool {
	for _, want := range [][2]string{
		{f.Provider, d.Provider}, {f.Channel, d.Channel}, {f.Type, d.Type}, {f.Client, d.Client}, {f.Target, d.Target},
		{f.Entity.Provider, d.Entity.Provider}, {f.Entity.Kind, d.Entity.Kind}, {f.Entity.ID, d.Entity.ID}, {string(f.State), string(d.State)},
	} {
		if want[0] != "" && want[0] != want[1] {
			return false
		}
	}
	return !f.mail || strings.HasPrefix(d.Target, mailTarget)
}

// sequenceOf reads the number at the end of a key.
func sequenceOf(key store.Key) uint64 { return binary.BigEndian.Uint64(key[len(key)-8:]) }

// Get reads a delivery; nil where there is none.
func Get(tx *store.Tx, sequence uint64) (*Delivery, error) {
	d := &Delivery{Sequence: sequence}
	found, err := deliveries.Get(tx, d.key(), d)
	if err != nil || !found {
		return nil, err
	}
	return d, nil
}

// List reads deliveries, the newest first, that are older than the sequence number before (0: from the newest).
// rest is the before of the next page; 0: there is none.
func List(tx *store.Tx, f Filter, before uint64, limit int) (page []*Delivery, rest uint64, err error) {
	var from store.Key
	if before != 0 {
		from = store.Key(nil).Number(before)
	}
	examined, last := 0, uint64(0)
	err = deliveries.ScanFrom(tx, nil, from, true, func(key store.Key, decode func(any) error) (bool, error) {
		if len(page) == limit || examined == maxExamined {
			rest = last
			return false, nil
		}
		examined, last = examined+1, sequenceOf(key)
		d := &Delivery{Sequence: last}
		if err := decode(d); err != nil {
			return false, err
		}
		if f.passes(d) {
			page = append(page, d)
		}
		return true, nil
	})
	return page, rest, err
}

// Attempts reads the attempts of a delivery, the first one first.
func Attempts(tx *store.Tx, sequence uint64) (made []Attempt, err error) {
	err = attempts.Scan(tx, store.Key(nil).Number(sequence), false, func(_ store.Key, decode func(any) error) (bool, error) {
		var a Attempt
		err := decode(&a)
		made = append(made, a)
		return true, err
	})
	return made, err
}

func (a *Attempt) save(tx *store.Tx, sequence uint64) error {
	return attempts.Put(tx, store.Key(nil).Number(sequence).Number(uint64(a.Number)), a)
}
