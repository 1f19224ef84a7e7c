package payone

import (
	"crypto/hmac"
	"encoding/base64"
	"math/big"
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

const scheme = "payone-hmac-sha256"

// claim is what a request says of who sends it, read before anything else is known of it: a field that is missing
// or can not be read counts as empty, so that a wrong token is refused as such whatever else is wrong.
type claim struct {
	portal, merchant, account, mode string
	// before and after are what is signed around the mode, and no more where the mode is not signed.
	before, after string
	signsMode     bool
}

// claimOfBody is that of create and update.
func claimOfBody(body any) claim {
	fields, _ := body.(map[string]any)
	k := claim{
		portal: idText(fields["portalId"]), merchant: idText(fields["merchantId"]), account: idText(fields["accountId"]), mode: text(fields["mode"]),
	}
	return k.signing(text(fields["reference"]) + cartTotal(fields["shoppingCart"]).String() + text(fields["currency"]))
}

// claimOfQuery is that of the list.
func claimOfQuery(c *provider.Call) claim {
	k := claim{portal: c.Query.Get("portalId"), merchant: c.Query.Get("merchantId"), account: c.Query.Get("accountId"), mode: c.Query.Get("mode")}
	return k.signing("")
}

func (k claim) signing(after string) claim {
	k.before, k.after, k.signsMode = k.merchant+k.account+k.portal, after, true
	return k
}

// claimOfLink is that of who reads one link.
func claimOfLink(id string, l *Link) claim {
	if l == nil {
		return claim{before: id}
	}
	return claim{portal: l.PortalID, merchant: l.MerchantID, account: l.AccountID, mode: l.Mode, before: id}
}

// message is the string to sign, with the mode as it was sent.
func (k claim) message() string {
	if !k.signsMode {
		return k.before
	}
	return k.before + k.mode + k.after
}

// signedBy compares in constant time. The token that was made with the mode in capitals is as good, since the
// provider's own example is one.
func (k claim) signedBy(portalKey string, sent []byte) bool {
	capitals := k
	capitals.mode = strings.ToUpper(k.mode)
	asSent := hmac.Equal(digest(portalKey, k.message()), sent)
	inCapitals := hmac.Equal(digest(portalKey, capitals.message()), sent)
	return portalKey != "" && (asSent || inCapitals)
}

// sentToken reads the Authorization header; false where it holds no token of this scheme.
func sentToken(values []string) ([]byte, bool) {
	if len(values) != 1 {
		return nil, false
	}
	name, sent, ok := strings.Cut(values[0], " ")
	if !ok || !strings.EqualFold(name, scheme) {
		return nil, false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(sent))
	return raw, err == nil
}

// cartTotal is the sum of the cart as a client computed it, whatever its size.
func cartTotal(cart any) *big.Int {
	total := new(big.Int)
	lines, _ := cart.([]any)
	for _, line := range lines {
		members, _ := line.(map[string]any)
		price, priced := integer(members["price"])
		quantity, counted := integer(members["quantity"])
		if priced && counted {
			total.Add(total, new(big.Int).Mul(big.NewInt(price), big.NewInt(quantity)))
		}
	}
	return total
}
