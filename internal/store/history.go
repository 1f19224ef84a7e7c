package store

import (
	"bytes"
	"time"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// Moment is one entry of an entity's history. Its making is the first; it is not stored apart, since the
// entity itself tells it.
type Moment struct {
	At    time.Time `json:"at"`
	Event string    `json:"event"`
	Cause string    `json:"cause"` // who fired: "api createLink", "page web_pay", "step pay_success", "deadline", "control"
	From  string    `json:"from,omitzero"`
	To    string    `json:"to,omitzero"`
	Note  string    `json:"note,omitzero"`
}

// momentRow is a Moment in the form in which it is stored: there is one for each event of each entity.
type momentRow struct {
	At    int64  `json:"t"` // in microseconds
	Event string `json:"e,omitzero"`
	Cause string `json:"c,omitzero"`
	From  string `json:"f,omitzero"`
	To    string `json:"o,omitzero"`
	Note  string `json:"n,omitzero"`
}

func (m Moment) row() momentRow {
	return momentRow{At: m.At.UnixMicro(), Event: m.Event, Cause: m.Cause, From: m.From, To: m.To, Note: m.Note}
}

func (r momentRow) moment() Moment {
	return Moment{At: fromMicro(r.At), Event: r.Event, Cause: r.Cause, From: r.From, To: r.To, Note: r.Note}
}

// decodeMoment also reads rows of before, which have the names of Moment.
func decodeMoment(value []byte) (m Moment, err error) {
	if bytes.HasPrefix(value, []byte(`{"at":`)) {
		return m, strictjson.Unmarshal(value, &m)
	}
	var row momentRow
	err = strictjson.Unmarshal(value, &row)
	return row.moment(), err
}

// Record adds to an entity's history, at its present version. A moment without an instant is now.
func (tx *Tx) Record(e *Entity, m Moment) error {
	if m.At.IsZero() {
		m.At = tx.now
	}
	value, err := strictjson.Marshal(m.row())
	if err != nil {
		return err
	}
	key := kindKey(tx, tableHistory, e.Provider, e.Kind, 24).Number(e.Sequence).Number(e.Version)
	n, err := tx.momentsAt(key)
	if err != nil {
		return err
	}
	tx.put(key.Number(n), value)
	return nil
}

// momentsAt counts the entries of one version: several events may move an entity in one write.
func (tx *Tx) momentsAt(version Key) (n uint64, err error) {
	err = tx.scan(version, nil, false, func(_, _ []byte) bool { n++; return true })
	return n, err
}

// History lists what happened to an entity after it was made, oldest first.
func (tx *Tx) History(e *Entity) ([]Moment, error) {
	var history []Moment
	var failure error
	err := tx.scan(kindKey(tx, tableHistory, e.Provider, e.Kind, 8).Number(e.Sequence), nil, false, func(_, value []byte) bool {
		var m Moment
		m, failure = decodeMoment(value)
		history = append(history, m)
		return failure == nil
	})
	if err == nil {
		err = failure
	}
	return history, err
}
