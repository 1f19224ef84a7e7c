package pages

import "strconv"

// Chart shows how much of several things is used. Its template is "chart".
type Chart struct {
	Title string
	Bars  []Bar
}

// Bar is one thing of a chart.
type Bar struct {
	Label string
	Used  int
	Most  int // 0: without limit
	Unit  string
	Note  string // is said beneath
}

// Says tells the bar in words.
func (b Bar) Says() string {
	text := strconv.Itoa(b.Used)
	if b.Most > 0 {
		text += " of " + strconv.Itoa(b.Most)
	}
	if b.Unit != "" {
		text += " " + b.Unit
	}
	return text
}

// Full tells whether nothing is left.
func (b Bar) Full() bool { return b.Most > 0 && b.Used >= b.Most }

// Width is how much of the bar is filled, in hundredths; what is used at all is seen.
func (b Bar) Width() int {
	switch {
	case b.Used <= 0, b.Most <= 0:
		return 0
	case b.Used >= b.Most:
		return 100
	}
	return max(1, 100*b.Used/b.Most)
}
