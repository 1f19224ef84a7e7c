package link1

import (
	"fmt"
	"strings"
)

// qrPayment is what a QR code tells the app that scans it, as a text of fields (EMV QRCPS, merchant-presented mode):
// two digits of name, two of length, and the value.
type qrPayment struct {
	IBAN     string
	Category string // merchant category code
	Name     string // under which the merchant does business
	Town     string
	Paisa    int64  // 0: whatever the payer types
	RTP      string // the one payment that it is for; empty: any
}

const (
	mostName      = 25 // characters of a merchant's name, and
	mostTown      = 15 // of a town, that the form has room for
	rupeeCurrency = "586"
	raastNetwork  = "MOCK.RAAST"
)

// text writes the fields and their checksum.
func (q qrPayment) text() string {
	dynamic := q.RTP != ""
	var out strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&out, "%s%02d%s", name, len(value), value)
		}
	}
	field("00", "01")
	field("01", map[bool]string{false: "11", true: "12"}[dynamic])
	field("26", within("00", raastNetwork)+within("01", q.IBAN))
	field("52", q.Category)
	field("53", rupeeCurrency)
	if dynamic {
		field("54", fmt.Sprintf("%d.%02d", q.Paisa/100, q.Paisa%100))
	}
	field("58", "PK")
	field("59", plain(q.Name, mostName))
	field("60", plain(q.Town, mostTown))
	if dynamic {
		field("62", within("05", q.RTP))
	}
	out.WriteString("6304")
	return out.String() + fmt.Sprintf("%04X", crc(out.String()))
}

func within(name, value string) string { return fmt.Sprintf("%s%02d%s", name, len(value), value) }

// plain keeps to what a field of the form can hold: printable ASCII, so long.
func plain(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}

// crc is the CRC-16 of ISO/IEC 13239 with polynomial 1021 and start FFFF.
func crc(s string) uint16 {
	sum := uint16(0xffff)
	for i := range len(s) {
		sum ^= uint16(s[i]) << 8
		for range 8 {
			carry := sum & 0x8000
			sum <<= 1
			if carry != 0 {
				sum ^= 0x1021
			}
		}
	}
	return sum
}
