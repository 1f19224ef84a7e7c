package fault

import (
	"fmt"
	"time"
)

// Flaky is the preset of a bad Monday: some calls are slow, and a few fail in each of the usual ways. Since chance
// derives from the seed, the same calls have the same bad Monday. only narrows it down to a provider, an operation or
// a client.
func Flaky(only Match) []Fault {
	week := []Fault{
		some(0.20, "slow, half of them by 40 ms or less, one in a hundred by 400 ms or more",
			Harm{Latency: &Latency{Median: Span(40 * time.Millisecond), P99: Span(400 * time.Millisecond)}}),
		some(0.04, "answered 503, nothing is done", Harm{Status: 503}),
		some(0.02, "answered 500, nothing is done", Harm{Status: 500}),
		some(0.03, "answered 429, to be repeated after a second", Harm{Status: 429, RetryAfter: Span(time.Second)}),
		some(0.02, "done, and the connection is reset without a reply", Harm{Reset: true}),
		some(0.02, "done, and half of the reply comes", Harm{Truncate: true}),
	}
	for i := range week {
		m := &week[i].Match
		m.Provider, m.Operation, m.Client = only.Provider, only.Operation, only.Client
	}
	return week
}

func some(probability float64, title string, harm Harm) Fault {
	return Fault{Title: fmt.Sprintf("%.0f %% of the calls: %s", probability*100, title), Match: Match{Probability: &probability}, Harm: harm}
}
