package provider

import (
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// forgetAtOnce is how many rows that are over each new one has forgotten, so that their number stays bounded by
// those that still count.
const forgetAtOnce = 4

// forget removes some rows that ended before now. ends has them by the time of their end, then by their own key.
func forget(tx *store.Tx, ends, rows store.Bucket, now time.Time) error {
	var over []store.Key
	until := store.Key{}.Time(now)
	err := ends.Scan(tx, nil, false, func(key store.Key, _ func(any) error) (bool, error) {
		if string(key) >= string(until) {
			return false, nil
		}
		over = append(over, append(store.Key(nil), key...))
		return len(over) < forgetAtOnce, nil
	})
	for _, key := range over {
		ends.Delete(tx, key)
		rows.Delete(tx, key[len(until):])
	}
	return err
}
