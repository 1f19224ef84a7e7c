package payone

import (
	"sync"
	"time"
	_ "time/tzdata" // for an image without a file of time zones
)

var loadZone = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation("Europe/Berlin") })

// zone is that of the days on which links expire. New has seen to it that there is one.
func zone() *time.Location {
	berlin, _ := loadZone()
	return berlin
}
