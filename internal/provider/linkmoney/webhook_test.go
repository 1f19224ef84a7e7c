package linkmoney

import "testing"

// The vector of the document: these 240 bytes under this key.
func TestSignatureVector(t *testing.T) {
	const body = `{"id":"evt-0001","creationTime":"2025-03-05T07:54:52.123Z","eventType":"payment.failed","clientReferenceId":"TXN-1234","resourceId":"5914646d1-7ab5-9553-8389-db80c5c5dda","resourceType":"Payment","paymentType":"Debit","achReturnCode":"R01"}`
	const want = "7b52307d001893d148cee51d6e1a53c486236e72e2ba6d5cd9aace95bab81f2c"
	if len(body) != 240 {
		t.Errorf("%d bytes", len(body))
	}
	if got := sign(signHMAC, "example-webhook-key", []byte(body)); got != want {
		t.Errorf("%s", got)
	}
	if got := sign(signVerbatim, "example-webhook-key", []byte(body)); got != "example-webhook-key" {
		t.Errorf("%s", got)
	}
}
