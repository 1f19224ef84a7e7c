package store

// Suppose has fn write what is as good as there already, such as what every workspace holds from its start. The
// transaction sees it from then on. A View never stores it, and stays read-only for all else. An Update stores it
// together with the first thing that it writes by itself, and does not store it where it writes nothing: thus a
// workspace is not made by somebody who only looked. When fn fails, nothing of it remains.
func (tx *Tx) Suppose(fn func() error) error {
	if !tx.Writable() {
		return tx.pretend(fn)
	}
	mark, before := tx.Mark(), len(tx.writing.writes)
	if err := fn(); err != nil {
		tx.Rewind(mark)
		return err
	}
	tx.ground += len(tx.writing.writes) - before
	return nil
}

// pretend lets a View write into an overlay that nobody else sees.
func (tx *Tx) pretend(fn func() error) error {
	before := *tx
	tx.under, tx.writing = tx.overlayCopy(), &batch{}
	tx.overlay = tx.under.Copy()
	if err := fn(); err != nil {
		*tx = before
		return err
	}
	tx.writing = nil
	return nil
}

// overlayCopy is the overlay to write over; what was supposed earlier is in it.
func (tx *Tx) overlayCopy() *rows {
	if tx.overlay == nil {
		return new(rows)
	}
	return tx.overlay.Copy()
}
