package fault

import (
	"math"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Latency is how long a slow call takes more: always the same, any length between two with equal chance, or
// log-normal, as real networks are. It is wall time, in every workspace: what a test tries with it is the patience of
// its own client, whose time-outs know no other. In a frozen workspace it passes like anywhere else.
type Latency struct {
	Fixed    Span    // written as a text alone
	Min, Max Span    // uniform
	Median   Span    // log-normal, with one of the next two
	P99      Span    // one in a hundred takes longer
	Sigma    float64 // the standard deviation of the logarithm
}

// MaxLatency bounds every latency, also the far end of a log-normal one.
const MaxLatency = 10 * time.Minute

// shape is a latency that is written as an object.
type shape struct {
	Min    Span    `json:"min,omitzero"`
	Max    Span    `json:"max,omitzero"`
	Median Span    `json:"median,omitzero"`
	P99    Span    `json:"p99,omitzero"`
	Sigma  float64 `json:"sigma,omitzero"`
}

// MarshalJSON writes a text such as "250ms", or an object.
func (l Latency) MarshalJSON() ([]byte, error) {
	if l.Fixed != 0 {
		return strictjson.Marshal(l.Fixed)
	}
	return strictjson.Marshal(shape{l.Min, l.Max, l.Median, l.P99, l.Sigma})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *Latency) UnmarshalJSON(data []byte) error {
	*l = Latency{}
	if data[0] == '"' {
		return strictjson.Unmarshal(data, &l.Fixed)
	}
	var s shape
	err := strictjson.Unmarshal(data, &s)
	l.Min, l.Max, l.Median, l.P99, l.Sigma = s.Min, s.Max, s.Median, s.P99, s.Sigma
	return err
}

// check says what is wrong with a latency.
func (l *Latency) check() error {
	uniform, lognormal := l.Max != 0, l.Median != 0
	longest := max(l.Fixed, l.Max, l.Median, l.P99)
	switch {
	case l.Fixed != 0 && (uniform || lognormal), uniform == lognormal && l.Fixed == 0, lognormal && l.Min != 0, !lognormal && (l.P99 != 0 || l.Sigma != 0):
		return badLatency("is a length of time such as 250ms, or {min, max}, or {median, p99}, or {median, sigma}; the last of two is above 0")
	case uniform && l.Min > l.Max:
		return badLatency("has a min that is longer than its max")
	case lognormal && (l.P99 != 0) == (l.Sigma != 0):
		return badLatency("has a median: give it either p99 or sigma")
	case lognormal && l.P99 != 0 && l.P99 < l.Median:
		return badLatency("has a p99 that is shorter than its median")
	case longest > Span(MaxLatency):
		return badLatency("is longer than 10m, which is the limit")
	}
	return nil
}

func badLatency(says string) error {
	return problem.New(problem.Invalid, "bad_latency", "latency "+says).At("/fault/latency")
}

// z99 is the standard normal value that one draw in a hundred exceeds.
const z99 = 2.3263478740408408

// draw gives the latency of one call by its chance, which is at least 0 and below 1.
func (l *Latency) draw(chance float64) time.Duration {
	switch {
	case l == nil:
		return 0
	case l.Fixed != 0:
		return time.Duration(l.Fixed)
	case l.Max != 0:
		return time.Duration(l.Min) + time.Duration(chance*float64(l.Max-l.Min))
	}
	sigma := l.Sigma
	if l.P99 != 0 {
		sigma = math.Log(float64(l.P99)/float64(l.Median)) / z99
	}
	z := math.Sqrt2 * math.Erfinv(2*chance-1) // minus infinity for 0, which is no latency
	return time.Duration(min(float64(l.Median)*math.Exp(sigma*z), float64(MaxLatency)))
}
