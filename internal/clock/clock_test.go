package clock_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
)

var (
	start  = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	anchor = time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC)
)

func TestNow(t *testing.T) {
	jump := start.Add(time.Hour)
	tests := map[string]struct {
		clock clock.Setting
		after time.Duration // since the anchor
		want  time.Time
	}{
		"the zero clock is the wall":         {clock.Setting{}, time.Second, anchor.Add(time.Second)},
		"real without an offset is the wall": {clock.Setting{Mode: clock.Real}, time.Second, anchor.Add(time.Second)},
		"real keeps its offset":              {clock.Setting{Mode: clock.Real, Base: start, Anchor: anchor}, time.Minute, start.Add(time.Minute)},
		"frozen stands":                      {clock.Setting{Mode: clock.Frozen, Base: start, Anchor: anchor}, time.Hour, start},
		"scaled runs fast":                   {clock.Setting{Mode: clock.Scaled, Base: start, Anchor: anchor, Scale: 60}, time.Second, start.Add(time.Minute)},
		"scaled runs slowly":                 {clock.Setting{Mode: clock.Scaled, Base: start, Anchor: anchor, Scale: 0.5}, time.Minute, start.Add(30 * time.Second)},
		"a jump stops a real clock":          {clock.Setting{Mode: clock.Real, Base: start, Anchor: anchor, Jump: jump}, time.Minute, jump},
		"a jump stops a scaled clock":        {clock.Setting{Mode: clock.Scaled, Base: start, Anchor: anchor, Scale: 60, Jump: jump}, time.Minute, jump},
		"a jump moves a frozen clock":        {clock.Setting{Mode: clock.Frozen, Base: start, Jump: jump}, 0, jump},
		"below a microsecond nothing shows":  {clock.Setting{Mode: clock.Real, Base: start, Anchor: anchor}, 1999, start.Add(time.Microsecond)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := tt.clock.Now(anchor.Add(tt.after))
			if !got.Equal(tt.want) || got.Location() != time.UTC {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestUntil(t *testing.T) {
	tests := map[string]struct {
		clock clock.Setting
		by    time.Duration
		want  time.Duration
		runs  bool
	}{
		"what is past is now":           {clock.Setting{Mode: clock.Frozen, Base: start}, -time.Second, 0, true},
		"what is now is now":            {clock.Setting{Mode: clock.Real, Base: start, Anchor: anchor}, 0, 0, true},
		"a real clock needs as long":    {clock.Setting{Mode: clock.Real, Base: start, Anchor: anchor}, time.Hour, time.Hour, true},
		"a frozen clock never gets it":  {clock.Setting{Mode: clock.Frozen, Base: start}, time.Hour, 0, false},
		"a jump holds a running clock":  {clock.Setting{Mode: clock.Real, Base: start, Anchor: anchor, Jump: start}, time.Hour, 0, false},
		"a fast clock needs a fraction": {clock.Setting{Mode: clock.Scaled, Base: start, Anchor: anchor, Scale: 60}, time.Hour, time.Minute + time.Microsecond, true},
		"a clock that all but stands needs for ever": {clock.Setting{Mode: clock.Scaled, Base: start, Anchor: anchor, Scale: 1e-12}, time.Hour,
			math.MaxInt64, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, runs := tt.clock.Until(start.Add(tt.by), anchor)
			if got != tt.want || runs != tt.runs {
				t.Errorf("it takes %s, %t; want %s, %t", got, runs, tt.want, tt.runs)
			}
		})
	}
}

// TestUntilIsEnough: whoever waits as long as Until says finds the instant reached, and has not waited for much
// longer than it took.
func TestUntilIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := clock.Setting{Base: start, Anchor: anchor, Mode: rapid.SampledFrom([]clock.Mode{clock.Real, clock.Scaled}).Draw(t, "mode")}
		if s.Mode == clock.Scaled {
			s.Scale = rapid.Float64Range(0.01, clock.MaxScale).Draw(t, "scale")
		}
		wall := anchor.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "elapsed")))
		at := s.Now(wall).Add(time.Duration(rapid.Int64Range(1, 365*24*3600*1e6).Draw(t, "ahead")) * time.Microsecond)
		left, runs := s.Until(at, wall)
		if !runs || left <= 0 {
			t.Fatalf("Until gives %s, %t", left, runs)
		}
		if now := s.Now(wall.Add(left)); now.Before(at) {
			t.Fatalf("after %s it is %s, and not yet %s", left, now, at)
		}
		slack := 5*time.Microsecond + left/1_000_000
		if early := s.Now(wall.Add(left - slack)); left > slack && !early.Before(at) {
			t.Fatalf("%s less would have been enough", slack)
		}
	})
}

// A clock that has counted as far as it can stands, and says so: a waiter that was told a time would spin.
func TestUntilKnowsTheEndOfCounting(t *testing.T) {
	s := clock.Setting{Base: start, Anchor: anchor, Mode: clock.Scaled, Scale: clock.MaxScale}
	wall := anchor.Add(24 * time.Hour)
	if left, runs := s.Until(s.Now(wall).Add(time.Microsecond), wall); runs {
		t.Errorf("it says %s", left)
	}
}

// TestNowNeverGoesBack: a later wall never shows an earlier time.
func TestNowNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := clock.Setting{Mode: clock.Scaled, Base: start, Anchor: anchor, Scale: rapid.Float64Range(1e-6, clock.MaxScale).Draw(t, "scale")}
		first := anchor.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "first")))
		second := first.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "second")))
		if s.Now(second).Before(s.Now(first)) {
			t.Fatalf("%s, then %s", s.Now(first), s.Now(second))
		}
	})
}

func TestAt(t *testing.T) {
	east := time.FixedZone("east", 3600)
	tests := map[string]clock.Setting{
		"the zero clock becomes real": {},
		"frozen":                      {Mode: clock.Frozen, Base: anchor},
		"scaled":                      {Mode: clock.Scaled, Base: anchor, Anchor: anchor, Scale: 60},
		"after a jump":                {Mode: clock.Real, Jump: anchor},
	}
	for name, before := range tests {
		t.Run(name, func(t *testing.T) {
			wall := anchor.Add(time.Hour)
			after := before.At(start.In(east), wall.In(east))
			if got := after.Now(wall); !got.Equal(start) {
				t.Errorf("it is %s, want %s", got, start)
			}
			if !after.Jump.IsZero() || after.Scale != before.Scale || after.Mode == "" || (before.Mode != "" && after.Mode != before.Mode) {
				t.Errorf("%+v became %+v", before, after)
			}
			if after.Base.Location() != time.UTC || after.Anchor.Location() != time.UTC {
				t.Error("its anchors are not in UTC")
			}
		})
	}
}

func TestParse(t *testing.T) {
	tests := map[string]clock.Setting{
		"real":                             {Mode: clock.Real},
		"real@2026-01-15T10:30:00Z":        {Mode: clock.Real, Base: start, Anchor: anchor},
		"frozen":                           {Mode: clock.Frozen, Base: anchor, Anchor: anchor},
		"frozen@2026-01-15T10:30:00Z":      {Mode: clock.Frozen, Base: start, Anchor: anchor},
		"frozen@2026-01-15T11:30:00+01:00": {Mode: clock.Frozen, Base: start, Anchor: anchor},
		"frozen@2026-01-15T10:30:00.5Z":    {Mode: clock.Frozen, Base: start.Add(time.Second / 2), Anchor: anchor},
		"frozen@9998-12-31T23:59:59Z":      {Mode: clock.Frozen, Base: clock.Latest, Anchor: anchor},
		"x60":                              {Mode: clock.Scaled, Scale: 60, Base: anchor, Anchor: anchor},
		"x0.5@2026-01-15T10:30:00Z":        {Mode: clock.Scaled, Scale: 0.5, Base: start, Anchor: anchor},
		"x1000000":                         {Mode: clock.Scaled, Scale: clock.MaxScale, Base: anchor, Anchor: anchor},
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			if got, err := clock.Parse(text, anchor); err != nil || got != want {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]string{ // text: what the error says
		"":                            "mode must be",
		"stopped":                     "mode must be",
		"Frozen":                      "mode must be",
		"frozen@":                     "RFC 3339",
		"frozen@tomorrow":             "RFC 3339",
		"frozen@2026-01-15":           "RFC 3339",
		"frozen@9999-01-01T00:00:00Z": "9998-12-31",
		"real@2026-01-15T10:30:00":    "RFC 3339",
		"x":                           "a rate",
		"xfast":                       "a rate",
		"x60s":                        "a rate",
		"x0":                          "above 0",
		"x-1":                         "above 0",
		"xNaN":                        "above 0",
		"x+Inf":                       "above 0",
		"x1000001":                    "above 0",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			got, err := clock.Parse(text, anchor)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "clock: ") {
				t.Errorf("got %+v, %v; want an error with %q", got, err, want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"real", "frozen@2026-01-15T10:30:00Z", "x60", "x1e3@2026-01-15T10:30:00Z", "x0x1p4", "@"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := clock.Parse(text, anchor)
		if err != nil {
			return
		}
		if err := s.Check(); err != nil {
			t.Errorf("Parse takes what Check refuses: %v", err)
		}
		if now := s.Now(anchor); now.After(clock.Latest) {
			t.Errorf("it begins at %s", now)
		}
	})
}

func TestSystemIsInUTC(t *testing.T) {
	if now := clock.System(); now.Location() != time.UTC || now.IsZero() {
		t.Errorf("the machine's time is %s", now)
	}
}
