package machine

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 1, 16, 12, 0, 0, 0, time.UTC) // a Friday

func TestDelayAt(t *testing.T) {
	monday := func(at time.Time) bool { return weekend(at) || at.Day() == 19 }
	never := func(time.Time) bool { return false }
	tests := []struct {
		text   string
		closed func(time.Time) bool
		want   time.Duration
	}{
		{"0s", nil, 0},
		{"500ms", nil, 500 * time.Millisecond},
		{"1h30m", nil, 90 * time.Minute},
		{"90d", nil, 90 * day},
		{"0bd", nil, 0},
		{"1bd", nil, 3 * day},
		{"1bd", monday, 4 * day},
		{"1bd", never, day},
		{"2bd", never, 2 * day},
		{"2bd", nil, 4 * day},
		{"5bd", nil, 7 * day},
		{"settings.calendar == 'us' ? 1bd : 24h", nil, 3 * day},
		{"settings.calendar == 'none' ? 1bd : 24h", nil, 24 * time.Hour},
		{"entity.expires_at - now", nil, 2 * time.Hour},
		{"now - entity.expires_at", nil, 0},
		{"duration(settings.calendar + '')", nil, -1},
		{"settings.free", nil, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			kind := load(t, "  x:\n    steps:\n      - {at: asked, after: \""+tt.text+"\", fire: grant}\n")
			env := Env{Now: noon, Closed: tt.closed,
				Settings: map[string]any{"calendar": "us", "free": "10s"},
				Entity:   map[string]any{"expires_at": "2026-01-16T14:00:00.000000Z"}}
			got, _, err := kind.Scenario("x").Steps["asked"][0].Due(env)
			if tt.want < 0 {
				if err == nil {
					t.Errorf("due at %s; want an error", got)
				}
				return
			}
			if err != nil || !got.Equal(noon.Add(tt.want)) {
				t.Errorf("got %s, %v; want %s", got, err, noon.Add(tt.want))
			}
		})
	}
}

func TestBusinessDaysEndOnBusinessDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := noon.Add(time.Duration(rapid.Int64Range(0, int64(2000*day)).Draw(t, "from")))
		days := rapid.IntRange(1, 300).Draw(t, "days")
		off := rapid.IntRange(1, 28).Draw(t, "day off")
		closed := func(at time.Time) bool { return weekend(at) || at.Day() == off }
		at := businessDays(from, days, closed)
		if closed(at) || at.Sub(from)%day != 0 {
			t.Fatalf("%d business days from %s end at %s", days, from, at)
		}
		worked := 0
		for d := from; d.Before(at); {
			d = d.Add(day)
			worked += differ(!closed(d))
		}
		if worked != days {
			t.Fatalf("%d business days lie between %s and %s, want %d", worked, from, at, days)
		}
	})
}

func TestACalendarWithoutWorkEnds(t *testing.T) {
	at := businessDays(noon, 1, func(time.Time) bool { return true })
	if at.Before(noon.Add(MaxSpan - day)) {
		t.Errorf("ends at %s", at)
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, text := range []string{"1s", "2bd", "1h30m", "-5s", "5", "99999999999999d", "1d1d", "0ms"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSpan(text)
		if err != nil {
			return
		}
		if s.Length < 0 || s.Length > MaxSpan || s.Days < 0 || s.Days > maxDays || s.Length > 0 && s.Days > 0 {
			t.Errorf("%q reads as %+v", text, s)
		}
	})
}
