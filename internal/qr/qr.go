// Package qr draws a text, such as the address of a payment link, as a QR code (ISO/IEC 18004).
//
// New makes the matrix of modules once; SVG and PNG draw that same matrix with the quiet zone that the standard
// wants. What is drawn follows from the text alone: the same text gives the same bytes.
package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"
)

// Code is the matrix of a QR code.
type Code struct {
	size int    // modules at each side
	dark []bool // row by row
}

// New makes the code of a text, with a correction of 15 % so that a print may be soiled. Beyond some two thousand
// characters there is no such code.
func New(text string) (Code, error) {
	drawn, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return Code{}, fmt.Errorf("qr: encode %d bytes: %w", len(text), err)
	}
	c := Code{size: drawn.Bounds().Dx()}
	for y := range c.size {
		for x := range c.size {
			c.dark = append(c.dark, drawn.At(x, y) == color.Black)
		}
	}
	return c, nil
}

const (
	quiet = 4 // modules of quiet zone at each side
	scale = 8 // pixels at each side of a module
)

// SVG draws with one unit to a module, in whatever size it is shown.
func (c Code) SVG() []byte {
	side := c.size + 2*quiet
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`,
		side, side, side, side)
	for y := range c.size {
		for x := 0; x < c.size; {
			run := c.run(x, y)
			if run == 0 {
				x++
				continue
			}
			fmt.Fprintf(&out, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
			x += run
		}
	}
	out.WriteString(`"/></svg>`)
	return out.Bytes()
}

// run counts the dark modules that lie side by side from here on.
func (c Code) run(x, y int) int {
	n := 0
	for x+n < c.size && c.dark[y*c.size+x+n] {
		n++
	}
	return n
}

// PNG draws with eight pixels to a module, in two colours.
func (c Code) PNG() ([]byte, error) {
	side := (c.size + 2*quiet) * scale
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range c.size * scale {
		for x := range c.size * scale {
			if c.dark[y/scale*c.size+x/scale] {
				picture.SetColorIndex(x+quiet*scale, y+quiet*scale, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("qr: encode the picture: %w", err)
	}
	return out.Bytes(), nil
}
