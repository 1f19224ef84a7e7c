package keys

import "time"

// Period is how long a webhook key signs, and how long it stays published after that.
const Period = 90 * 24 * time.Hour

// Rotation is all that is kept of a series: which number signs since when. The state at a later time follows
// from it, so that a rotation needs no timer and a jump of the clock misses none. The key before is always
// number minus one.
type Rotation struct {
	Since    time.Time `json:"since"`
	Number   uint64    `json:"number"`
	Alg      Alg       `json:"alg"`
	Previous Alg       `json:"previous"` // the algorithm of the key before
}

// Begin is the rotation of a fresh series: number 1 signs since now, and number 0 had signed until then.
func Begin(now time.Time, alg Alg) Rotation {
	return Rotation{Since: now, Number: 1, Alg: alg, Previous: alg}
}

// At folds in the whole periods that have passed. A clock that was set back changes nothing; neither does a
// period that is not positive.
func (r Rotation) At(now time.Time, period time.Duration) Rotation {
	if period <= 0 {
		return r
	}
	// A Duration ends at 292 years and workspace time does not: hence a loop.
	for n := now.Sub(r.Since) / period; n > 0; n = now.Sub(r.Since) / period {
		r.Since = r.Since.Add(n * period)
		r.Number += uint64(n)
		r.Previous = r.Alg
	}
	return r
}

// Rotated is the rotation after a new key was asked for, by hand or by a change of algorithm. It wants the
// state of now, as At gives it.
func (r Rotation) Rotated(now time.Time, alg Alg) Rotation {
	return Rotation{Since: now, Number: r.Number + 1, Alg: alg, Previous: r.Alg}
}

// Keys gives the key that signs and the one before, which is still published.
func (s Series) Keys(r Rotation) (current, previous Key) {
	return s.Key(r.Number, r.Alg), s.Key(r.Number-1, r.Previous)
}
