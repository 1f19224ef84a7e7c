package mockbanktest

import (
	"log/slog"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/overlay"
)

// Option changes how a server begins. Without any, clocks follow the machine's, and the seed is 1.
type Option struct{ apply func(*app.Config) }

// Frozen has the clock of every world stand at an instant, until it is moved.
func Frozen(at time.Time) Option {
	return Option{func(cfg *app.Config) { cfg.Clock = clock.Setting{Mode: clock.Frozen, Base: at.UTC()} }}
}

// Seed is that from which ids, fake people, keys and chance derive.
func Seed(seed uint64) Option {
	return Option{func(cfg *app.Config) { cfg.Seed = seed }}
}

// AcceptAnyCredentials makes a client of credentials that nobody registered, instead of a refusal.
func AcceptAnyCredentials() Option {
	return Option{func(cfg *app.Config) { cfg.AcceptAny = true }}
}

// Log tells what the server does, such as slog.New(slog.NewTextHandler(t.Output(), nil)). Otherwise it is silent.
func Log(log *slog.Logger) Option {
	return Option{func(cfg *app.Config) { cfg.Log = log }}
}

// Scenarios lays a folder of scenario files of one's own, <provider>/<kind>.yaml, over the built-in ones.
func Scenarios(dir string) Option {
	return Option{func(cfg *app.Config) { cfg.Overlay = overlay.Folder(dir) }}
}
