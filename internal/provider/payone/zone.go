package payone

import (
	"sync"
	"time"
	_ "time/tzdata" // for an image without a file of time zones
)

// zone is that of the days on which links expire.
var zone = sync.OnceValue(func() *time.Location {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return time.UTC
	}
	return berlin
})
