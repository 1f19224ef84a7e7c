package linkmoney

import (
	"encoding/json"
	"strings"

	"github.com/mockbank/mockbank/internal/money"
)

const dollars = "USD"

// amount is money as bodies have it: the value is a JSON number that keeps its text.
type amount struct {
	Value    json.Number `json:"value"`
	Currency string      `json:"currency"`
}

// written is the amount with both decimals: 25 and 25.0 are 25.00.
func (a amount) written() amount {
	whole, fraction, _ := strings.Cut(a.Value.String(), ".")
	a.Value = json.Number(whole + "." + fraction + strings.Repeat("0", 2-len(fraction)))
	return a
}

// cents counts the amount, which the schema has bounded.
func (a amount) cents() (int64, error) { return money.ParseMinor(a.Value.String(), dollars) }
