package qr

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// decode reads a picture with a decoder that knows nothing of how it was made.
func decode(t testing.TB, picture image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}

var (
	box  = regexp.MustCompile(`viewBox="0 0 ([0-9]+) ([0-9]+)"`)
	line = regexp.MustCompile(`M([0-9]+) ([0-9]+)h([0-9]+)v1h-[0-9]+z`)
)

// paint follows the path of an SVG, four pixels to a unit.
func paint(t testing.TB, svg []byte) image.Image {
	t.Helper()
	number := func(text []byte) int {
		n, err := strconv.Atoi(string(text))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	side := number(box.FindSubmatch(svg)[1]) * 4
	picture := image.NewGray(image.Rect(0, 0, side, side))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for _, run := range line.FindAllSubmatch(svg, -1) {
		x, y, width := number(run[1])*4, number(run[2])*4, number(run[3])*4
		for dy := range 4 {
			for dx := range width {
				picture.SetGray(x+dx, y+dy, color.Gray{})
			}
		}
	}
	return picture
}

func TestBothDrawingsReadAsTheText(t *testing.T) {
	for _, text := range []string{
		"x", "7", "http://127.0.0.1:6265/finqlink/web/k7Q2mX9pLr4Tz8Wd", "HTTPS://PAY.EXAMPLE/W/A/FINQLINK/WEB/K7Q2",
		"https://pay.example/w/" + strings.Repeat("long-", 30) + "/finqlink/web/k7Q2mX9pLr4Tz8Wd?lang=ro&x=%C8%99", "https://pay.example/plată/" + strings.Repeat("ș", 300),
	} {
		code, err := New(text)
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := code.PNG()
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(drawn))
		if err != nil {
			t.Fatal(err)
		}
		if got := decode(t, picture); got != text {
			t.Errorf("the PNG of %q reads %q", text, got)
		}
		if got := decode(t, paint(t, code.SVG())); got != text {
			t.Errorf("the SVG of %q reads %q", text, got)
		}
	}
}

func TestAnSVGIsWellFormed(t *testing.T) {
	code, err := New("https://shop.example/?a=1&b=<2>")
	if err != nil {
		t.Fatal(err)
	}
	var drawing struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		Paths   []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(code.SVG(), &drawing); err != nil || len(drawing.Paths) != 2 {
		t.Errorf("%v: %d paths", err, len(drawing.Paths))
	}
}

func TestATextMayBeTooLong(t *testing.T) {
	if _, err := New(strings.Repeat("x", 3000)); err == nil || !strings.Contains(err.Error(), "3000 bytes") {
		t.Errorf("%v", err)
	}
}
