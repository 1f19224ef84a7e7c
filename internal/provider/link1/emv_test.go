package link1

import (
	"strings"
	"testing"
)

func TestTheTextOfADynamicCode(t *testing.T) {
	q := qrPayment{IBAN: "PK13MOCK0000001000000001", Category: "5411", Name: "MOCK STORE", Town: "KARACHI", Paisa: 150000, RTP: "RTP20260115000000000001"}
	const want = "00020101021226420010MOCK.RAAST0124PK13MOCK000000100000000152045411530358654071500.005802PK5910MOCK STORE6007KARACHI62270523RTP202601150000000000016304C23C"
	if got := q.text(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheTextOfAStaticCode(t *testing.T) {
	got := qrPayment{IBAN: "PK13MOCK0000001000000001", Category: "5411", Name: "A name that is longer than the form has room for", Town: "Łódź"}.text()
	for _, part := range []string{"010211", "5925A name that is longer tha", "6004??d?", "53035865802PK"} {
		if !strings.Contains(got, part) {
			t.Errorf("%s lacks %s", got, part)
		}
	}
	if strings.Contains(got, "5404") || len(got) < 8 || got[len(got)-8:len(got)-4] != "6304" {
		t.Errorf("%s has an amount, or no checksum", got)
	}
}

func TestCRC(t *testing.T) {
	if got := crc("123456789"); got != 0x29b1 { // The check value of CRC-16/IBM-3740.
		t.Errorf("%04X", got)
	}
}
