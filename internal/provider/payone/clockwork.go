package payone

import (
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

const (
	unattended      = "unattended"
	unattendedAfter = time.Second
	longestKept     = 100 * 365 * 24 * time.Hour
	lastYear        = 9999 // that an instant can be written of
)

// deadline is when something happens to a link of which nobody asks: it is paid without a shopper, or removed.
func deadline(c *provider.Call, e *provider.Entity[Link]) (time.Time, error) {
	if paysItself(c, e) {
		return e.Data.ModifiedAt.Add(unattendedAfter), nil
	}
	return e.Data.erasure(retention(c)), nil
}

func (p *payone) wake(c *provider.Call, e *provider.Entity[Link]) error {
	if at := e.Data.erasure(retention(c)); !at.IsZero() && !c.Now().Before(at) {
		return erase(c, e)
	}
	if !paysItself(c, e) {
		return nil
	}
	_, err := p.execute(c, e, order{Method: e.Data.Methods[0]})
	return err
}

// paysItself tells whether the story has the link executed without a shopper.
func paysItself(c *provider.Call, e *provider.Entity[Link]) bool {
	return e.Scenario() == unattended && e.Data.status(c.Now()) == ready
}

// erasure is when the link's data goes, a while after its execution or its expiry; the zero time for never.
func (l *Link) erasure(kept time.Duration) time.Time {
	from, expires := l.end()
	if l.PaymentProcess != "" {
		from, expires = l.ExecutedAt, true
	}
	at := from.Add(kept)
	if kept == 0 || !expires || at.Year() > lastYear {
		return time.Time{}
	}
	return at
}

// erase removes a link and the payment that its execution made.
func erase(c *provider.Call, e *provider.Entity[Link]) error {
	payment, err := payments.Get(c, e.Data.PaymentProcess)
	if err != nil {
		return err
	}
	if payment != nil {
		if err := payments.Delete(c, payment); err != nil {
			return err
		}
	}
	return links.Delete(c, e)
}

// retention is how long a link is kept; 0 for ever.
func retention(c *provider.Call) time.Duration {
	return span(provider.Setting[string](c, "retention"))
}

// span reads a setting such as 30d. One that is longer than any clock here counts is as long as that.
func span(text string) time.Duration {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n > int(longestKept/(24*time.Hour)) {
			return longestKept
		}
		return time.Duration(n) * 24 * time.Hour
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return longestKept
	}
	return min(d, longestKept)
}
