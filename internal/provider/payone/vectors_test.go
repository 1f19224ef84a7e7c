package payone

import (
	"encoding/base64"
	"testing"

	"github.com/mockbank/mockbank/internal/strictjson"
)

const (
	exampleKey = "superSecret"
	demoKey    = "mockPortalKey0000000000000000000"
	demoLink   = "MB0C7K1N5R2W4X6Y8Z9ALBQC3EG5HJKM"
)

func TestTokensAreThoseOfTheDocument(t *testing.T) {
	for _, v := range []struct{ key, message, token string }{
		{exampleKey, "18333183342111222LIVEuniqueReference100EUR", "cBSvOHskJqf0Si/5ZP+mlM8lCm0zvT/YbH6MvvQWNBs="},
		{exampleKey, "18333183342111222testuniqueReference100EUR", "nc6qvpxZkB85WNwx2ERp7MPKvsPZouY/85gHVm2ydHQ="},
		{exampleKey, "18333183342111222liveuniqueReference100EUR", "5fHZDscrIqpffz3jA+eR1D9kj9/MfcfL3ubN9sFeHPI="},
		{exampleKey, "HUENJ5FY124QHUENJ5FY124QHUENJ5FY", "lwKnKozpXUsbZvi70IRvdI1vYXJJnGRbmkVpxG/xWyM="},
		{exampleKey, "18333183342111222test", "qBS8bNgS5WcP+Cmiopb53Pb7RljGk3gi1QAA7UxhfgI="},
		{demoKey, "10001200023000001testorder-10014998EUR", "IUQvVNtvs9lYTjuI3J9YEgunycbHXWOQwNX/UBPNzxM="},
		{demoKey, demoLink, "IwCl+ROqFvx1rpPzgb9fEgpYP7OllqWKqP517/YhVoY="},
		{demoKey, "10001200023000001test", "FMN9H3VZiWLB3knldekZ+aWnOl0B82lteRZOKFR7Dws="},
	} {
		if got := base64.StdEncoding.EncodeToString(digest(v.key, v.message)); got != v.token {
			t.Errorf("%s: %s, want %s", v.message, got, v.token)
		}
	}
}

func TestTheHashOfALink(t *testing.T) {
	if got := linkHash(demoKey, demoLink); got != "82322f9dec81ae799e19ff5b23c627d1" {
		t.Error(got)
	}
}

func TestAuthCodesAreThoseOfTheDocument(t *testing.T) {
	const example = `{"header":{"notificationType":{"type":"PAYONE_LINK_EXECUTION","version":"1.0"},"merchantId":"10001","accountId":"20002","portalId":"3000001","mode":"test"},"linkExecutionData":{"linkId":"MB0C7K1N5R2W4X6Y8Z9ALBQC3EG5HJKM","paymentProcess":"700000001","executionStatus":"APPROVED","paymentMethod":"visa","executionTime":"2026-01-15T10:30:00Z"}}`
	for _, v := range []struct{ key, id, body, code string }{
		{exampleKey, "67e96638-8295-41ad-894d-914900461f26", `{"a":1}`, "059540441b84ca28324f1bfeb153f27cd70ed23c63b940ae5b236b4f080b2bdd6a2f98273d636bbcea28ba413c3e9021471312bb70f62dfde1c30e1a3753427e"},
		{exampleKey, "67e96638-8295-41ad-894d-914900461f26", " {\"a\":1}\r\n", "059540441b84ca28324f1bfeb153f27cd70ed23c63b940ae5b236b4f080b2bdd6a2f98273d636bbcea28ba413c3e9021471312bb70f62dfde1c30e1a3753427e"},
		{demoKey, "11111111-2222-4333-8444-555555555555", example, "3a74186e39f2f49380a90407b0b44f9b839f5db34f859e1f96aaacc7d2ddc14e493e975b211e849f08c4f535534aedc75bc4387387ba9496883b4296d3975fe1"},
	} {
		if got := authCode(v.key, v.id, []byte(v.body)); got != v.code {
			t.Errorf("%s: %s, want %s", v.body, got, v.code)
		}
	}
}

func TestTheNameOfAKey(t *testing.T) {
	if got := keyName(demoKey); got != "4ae66e6dd81281c585e8e6fd2f6a3b48" {
		t.Error(got)
	}
}

func decoded(raw string) (any, bool) {
	v, err := strictjson.Decode([]byte(raw))
	return v, err == nil
}
