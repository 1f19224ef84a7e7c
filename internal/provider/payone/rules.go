package payone

import (
	"fmt"
	"math/big"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// greatest bounds what a cart may cost, in minor units, and mostLines its lines.
const (
	greatest  = 1_999_999_999
	mostLines = 400
)

// The rules that no schema can say, as violations name them.
const (
	ruleTotal     = "total"
	ruleImmutable = "immutable"
)

// rules finds what no schema can say of a body: the total of the cart, the order of two dates, and an address to
// which nothing is ever sent. What is broken already in a field is the schema's to tell.
func rules(_ *provider.Operation, body any) []problem.Violation {
	link, _ := body.(map[string]any)
	var broken []problem.Violation
	if flaw := provider.CheckTarget(text(link["notifyUrl"])); link["notifyUrl"] != nil && flaw != nil {
		broken = append(broken, problem.Violation{Pointer: "/notifyUrl", Rule: "format", Message: problem.From(flaw).Message})
	}
	lines, _ := link["shoppingCart"].([]any)
	if len(lines) == 0 || len(lines) > mostLines {
		return broken
	}
	for i, line := range lines {
		members, _ := line.(map[string]any)
		if start, end := text(members["deliveryDateStart"]), text(members["deliveryDateEnd"]); end != "" && end < start {
			at := fmt.Sprintf("/shoppingCart/%d/deliveryDateEnd", i)
			broken = append(broken, problem.Violation{Pointer: at, Rule: "minimum", Message: "must not be before deliveryDateStart"})
		}
	}
	if total := cartTotal(lines); countable(lines) && (total.Sign() <= 0 || total.Cmp(big.NewInt(greatest)) > 0) {
		broken = append(broken, problem.Violation{Pointer: "/shoppingCart", Rule: ruleTotal, Message: fmt.Sprintf("the total must be between 1 and %d", greatest)})
	}
	return broken
}

// countable tells whether every line has a price and a quantity that are numbers, so that there is a total at all.
func countable(lines []any) bool {
	for _, line := range lines {
		members, _ := line.(map[string]any)
		_, priced := integer(members["price"])
		_, counted := integer(members["quantity"])
		if !priced || !counted {
			return false
		}
	}
	return true
}

// immutable finds the fields in which an update would change whose link it is.
func (l *Link) immutable(asked Terms) *problem.Error {
	var broken []problem.Violation
	for _, field := range []struct{ name, is, asked string }{
		{"accountId", l.AccountID, asked.AccountID}, {"merchantId", l.MerchantID, asked.MerchantID}, {"mode", l.Mode, asked.Mode},
	} {
		if field.is != field.asked {
			broken = append(broken, problem.Violation{Pointer: "/" + field.name, Rule: ruleImmutable, Message: "can not be changed once the link is made"})
		}
	}
	return problem.Violated(broken)
}
