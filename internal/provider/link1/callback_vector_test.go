package link1

import "testing"

func TestTheSignatureOfTheDocument(t *testing.T) {
	const body = `{"event":"rtp.status","eventId":"evt-0001","rtpId":"RTP20260115000000000001","rtpStatus":"ACSC","stan":"123456","rrn":"601510123456","merchantID":"MOCKMERCHANT01","instructedAmount":"1500.00","occurredAt":"2026-01-15T10:30:00Z"}`
	if got := signCallback("mock-callback-secret-0001", "1768473000", []byte(body)); got != "c3f09fa44f754e53acd53a1b1ce1b7c7f5ec3de288621a0b1624a8ffaab66ab7" {
		t.Error(got)
	}
}
