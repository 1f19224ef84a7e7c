package payone

import (
	"net/http"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

func (p *payone) createLink(c *provider.Call) (provider.Reply, error) {
	terms, err := termsOf(c)
	if err != nil {
		return provider.Reply{}, err
	}
	name, err := links.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	made, err := links.Create(c, name, name.Text("id", idLength, idAlphabet), &Link{Terms: terms, Amount: terms.total(), ModifiedAt: c.Now()})
	if err != nil {
		return provider.Reply{}, err
	}
	view, err := viewOf(c, made)
	return provider.JSON(http.StatusCreated, view), err
}

// updateLink replaces all that the merchant said. Its reference may be another one then.
func (p *payone) updateLink(c *provider.Call) (provider.Reply, error) {
	link, err := linkOf(c)
	if err != nil {
		return provider.Reply{}, err
	}
	terms, err := termsOf(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if broken := link.Data.immutable(terms); broken != nil {
		return provider.Reply{}, broken
	}
	if link.Data.PaymentProcess != "" {
		return provider.Reply{}, problem.New(problem.Conflict, "link_executed", "Link already executed")
	}
	link.Data.Terms, link.Data.Amount, link.Data.ModifiedAt = terms, terms.total(), c.Now()
	links.Update(c, link)
	view, err := viewOf(c, link)
	return provider.Reply{Body: view}, err
}

// termsOf reads the body, with the defaults of what it leaves out.
func termsOf(c *provider.Call) (Terms, error) {
	var t Terms
	err := c.Bind(&t)
	if t.Intent == "" {
		t.Intent = authorization
	}
	if t.Active == nil {
		yes := true
		t.Active = &yes
	}
	return t, err
}

// total is the sum of the cart. The rules hold it within its bounds, and each line within those of 64 bits.
func (t Terms) total() int64 {
	var sum int64
	for _, line := range t.Cart {
		sum += line.Price * line.Quantity
	}
	return sum
}
