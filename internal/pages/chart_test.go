package pages

import "testing"

func TestBars(t *testing.T) {
	for _, test := range []struct {
		bar   Bar
		width int
		says  string
		full  bool
	}{
		{Bar{Used: 0, Most: 100}, 0, "0 of 100", false},
		{Bar{Used: 1, Most: 1000}, 1, "1 of 1000", false},
		{Bar{Used: 50, Most: 100, Unit: "calls"}, 50, "50 of 100 calls", false},
		{Bar{Used: 7, Most: 5}, 100, "7 of 5", true},
		{Bar{Used: 7}, 0, "7", false},
	} {
		if b := test.bar; b.Width() != test.width || b.Says() != test.says || b.Full() != test.full {
			t.Errorf("%+v: %d %q %v", b, b.Width(), b.Says(), b.Full())
		}
	}
}
