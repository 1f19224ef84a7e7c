package onelinkfintech

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

var (
	identifyGuard   = provider.Guard{Name: "request id", Check: identify}
	keyGuard        = provider.Guard{Name: "key", Check: authenticate}
	rateGuard       = provider.Guard{Name: "rate limit", Check: limitRate}
	permissionGuard = provider.Guard{Name: "permission", Check: permit}
)

// guards stand in the same order before every operation; the rules of its fields come behind them.
func guards(*provider.Operation) []provider.Guard {
	return []provider.Guard{identifyGuard, keyGuard, rateGuard, permissionGuard, provider.Size, provider.Media, provider.Syntax}
}

func identify(c *provider.Call) error {
	giveID(c)
	return nil
}

// giveID gives the request its id, unless it has one. Every answer carries it.
func giveID(c *provider.Call) {
	if c.ID == "" {
		c.ID = "req_" + c.Text("request", 12, "0123456789")
		c.Reply.Set("Request-Id", c.ID)
	}
}

const liveKey = "sk_live_" // how the keys of production begin

// authenticate finds out whose key it is. Keys are found by their digest, so that the time which that takes tells
// nothing of them.
func authenticate(c *provider.Call) error {
	key, bearer, err := c.Bearer()
	switch {
	case err != nil || !bearer || key == "":
		return unauthorised("missing_api_key")
	case strings.HasPrefix(key, liveKey):
		return unauthorised("live_key_in_sandbox")
	}
	client, err := c.ClientBySecret(key)
	if err != nil {
		return err
	}
	if client == nil {
		return unauthorised("invalid_api_key")
	}
	state, err := keys.Get(c, client.ID)
	if err != nil {
		return err
	}
	if state != nil && state.State() == revoked {
		return unauthorised("revoked_api_key")
	}
	c.Admit(client, nil)
	return nil
}

func unauthorised(kind string) error {
	return problem.New(problem.Unauthenticated, kind, "").With("WWW-Authenticate", "Bearer")
}

const rateWindow = time.Minute

// usageOf names the count of a key's requests.
func usageOf(client string) provider.Key { return provider.Key{}.Text("key").Text(client) }

// limitRate counts the request, and refuses it where the key's minute is used up.
func limitRate(c *provider.Call) error {
	limit := provider.Whole(provider.Setting[any](c, "rate_limit"))
	usage, err := c.Take(usageOf(c.Principal.Client), rateWindow, limit)
	if err != nil || limit == 0 {
		return err
	}
	c.Reply.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	c.Reply.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit-usage.Count)))
	c.Reply.Set("X-RateLimit-Reset", strconv.FormatInt(usage.Reset.Unix(), 10))
	if !usage.Over {
		return nil
	}
	wait := (usage.Reset.Sub(c.Now()) + time.Second - 1) / time.Second
	return problem.New(problem.TooManyRequests, "too_many_requests", "").With("Retry-After", strconv.Itoa(int(wait)))
}

// permit keeps a read-only key from making anything.
func permit(c *provider.Call) error {
	if c.Method == http.MethodPost && provider.ClientSetting[string](c, "key_kind") == "read_only" {
		return problem.New(problem.Forbidden, "insufficient_permissions", "")
	}
	return nil
}

// platform is the one to which the caller's key belongs.
func platform(c *provider.Call) int {
	return provider.Whole(provider.ClientSetting[any](c, "platform"))
}
