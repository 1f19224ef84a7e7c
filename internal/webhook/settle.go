package webhook

import (
	"encoding/binary"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/store"
)

// defaultSchedule is for channels without one of their own.
var defaultSchedule = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// maxRetryAfter is the longest that a receiver may put us off.
const maxRetryAfter = 24 * time.Hour

// settle records the outcome of an attempt, and what follows from it.
func (s *Sender) settle(tx *store.Tx, job *store.Job, t *try, res result, failure *Failure) error {
	if tx.Workspace().World != job.World {
		return nil
	}
	d, err := Get(tx, job.Delivery)
	if err != nil || d == nil {
		return err
	}
	tx.DropJob(job)
	made, err := t.ended(tx, res, failure)
	if err != nil {
		return err
	}
	d.tell(tx, made.told())
	if d.Turn == job.Visit && d.State.open() {
		err = d.follow(tx, t.channel, res, failure, made)
	}
	if err != nil {
		return err
	}
	return made.save(tx, d.Sequence)
}

// ended reads the attempt as it was marked and adds its end.
func (t *try) ended(tx *store.Tx, res result, failure *Failure) (*Attempt, error) {
	made := &Attempt{Number: t.number}
	if _, err := attempts.Get(tx, store.Key(nil).Number(t.delivery.Sequence).Number(uint64(t.number)), made); err != nil {
		return nil, err
	}
	made.Ended, made.Took, made.Status, made.Failure = tx.Now(), t.took, res.status, failure
	made.Request, made.Response = cleanHeader(t.sent, t.channel.Secret), cleanHeader(res.header, nil)
	made.Excerpt = excerpt(res.body)
	return made, nil
}

// told is the attempt as those who listen hear of it.
func (a *Attempt) told() events.Delivery {
	e := events.Delivery{Progress: events.Attempted, Attempt: a.Number, Status: a.Status}
	if a.Failure != nil {
		e.Failure = string(a.Failure.Class)
	}
	return e
}

// follow draws the consequence of an attempt: the end, or the next one.
func (d *Delivery) follow(tx *store.Tx, c *Channel, res result, failure *Failure, made *Attempt) error {
	if err := d.letGo(tx); err != nil {
		return err
	}
	if failure == nil {
		return d.arrived(tx)
	}
	d.Failures++
	if res.status == http.StatusGone && c.Gone != GoneIsFailure {
		return d.toldGone(tx, c)
	}
	wait, again := d.wait(tx, c, res)
	if !again {
		return d.finish(tx, Exhausted)
	}
	made.RetryAt = tx.Now().Add(wait)
	return d.arm(tx, made.RetryAt)
}

func (d *Delivery) arrived(tx *store.Tx) error {
	Revive(tx, d.Target)
	if d.Arrived++; d.Arrived < d.Mishap.Duplicate {
		return d.arm(tx, tx.Now())
	}
	return d.finish(tx, Delivered)
}

func (d *Delivery) toldGone(tx *store.Tx, c *Channel) error {
	if c.Gone == GoneEndsEndpoint {
		if err := endpoints.Put(tx, targetKey(d.Target), gone{At: tx.Now(), Delivery: d.Sequence}); err != nil {
			return err
		}
	}
	return d.finish(tx, Gone)
}

// wait tells how long to wait before the next attempt; false: there is none left.
func (d *Delivery) wait(tx *store.Tx, c *Channel, res result) (time.Duration, bool) {
	schedule := c.Schedule
	if schedule == nil {
		schedule = defaultSchedule
	}
	if d.Failures > len(schedule) {
		return 0, false
	}
	if res.status == http.StatusTooManyRequests || res.status == http.StatusServiceUnavailable {
		if wait, ok := retryAfter(res.header.Get("Retry-After"), tx.Wall()); ok {
			return wait, true
		}
	}
	wait := schedule[d.Failures-1]
	if c.Schedule == nil {
		wait = jitter(tx.Workspace(), d, wait)
	}
	return wait, true
}

// jitter makes a wait longer or shorter by up to a tenth, by the workspace's own chance.
func jitter(ws *store.Workspace, d *Delivery, wait time.Duration) time.Duration {
	chance := ws.Derive("delivery-jitter", d.Sequence<<8|uint64(d.Failures&0xff))
	share := float64(binary.BigEndian.Uint32(chance[:])) / math.MaxUint32 // 0 to 1
	return (wait + time.Duration((share-0.5)/5*float64(wait))).Truncate(time.Millisecond)
}

// retryAfter reads the header: seconds, or a date by the receiver's own clock, which is the wall's. What is
// neither, or in the past, is not obeyed.
func retryAfter(text string, wall time.Time) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter, true
		}
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil || !at.After(wall) {
		return 0, false
	}
	return min(at.Sub(wall), maxRetryAfter), true
}
