package payone

import (
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const rateWindow = time.Minute

// usage is what a portal has used of its minute, this call included.
type usage struct {
	provider.Usage
	left int // seconds until the next minute
}

// count counts the call for its portal and says in the reply how many are left. A limit of 0 is none, and then
// nothing is said.
func count(c *provider.Call) (usage, error) {
	limit := provider.Whole(provider.Setting[any](c, "rate_limit"))
	taken, err := c.Take(provider.Key{}.Text("rate").Text(c.Principal.Client), rateWindow, limit)
	if err != nil || limit == 0 {
		return usage{}, err
	}
	u := usage{Usage: taken, left: seconds(taken.Reset.Sub(c.Now()))}
	c.Reply.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	c.Reply.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-taken.Count)))
	c.Reply.Set("X-RateLimit-Reset", strconv.Itoa(u.left))
	return u, nil
}

func (u usage) refusal(*provider.Call) error {
	if !u.Over {
		return nil
	}
	return problem.New(problem.TooManyRequests, "", "Rate limit exceeded").With("Retry-After", strconv.Itoa(u.left))
}

// seconds counts a part of one as a whole, so that who waits so long waited enough.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
