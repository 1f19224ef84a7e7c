package store

import "time"

// ForgetAtOnce is how many rows Forget removes: called for each new row, it keeps their number bounded by those that
// still count.
const ForgetAtOnce = 4

// Forget removes some rows that ended before now. ends has them by the time of their end, then by their own key.
func Forget(tx *Tx, ends, rows Bucket, now time.Time) error {
	var over []Key
	until := Key{}.Time(now)
	err := ends.Scan(tx, nil, false, func(key Key, _ func(any) error) (bool, error) {
		if string(key) >= string(until) {
			return false, nil
		}
		over = append(over, append(Key(nil), key...))
		return len(over) < ForgetAtOnce, nil
	})
	for _, key := range over {
		ends.Delete(tx, key)
		rows.Delete(tx, key[len(until):])
	}
	return err
}
