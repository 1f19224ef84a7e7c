package payone

import (
	"fmt"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
)

// orderView is the shopper's order as the page shows it.
type orderView struct {
	Merchant, Description, Total string
	Items                        []itemView
	Short                        bool // enough to show at once on a phone
	Addresses                    []addressView
	Facts                        []pages.Line
}

type itemView struct {
	Name, Quantity, Price, Sum string
	Notes                      []string // number, VAT, delivery
}

type addressView struct {
	Title string
	Lines []string
}

// shortCart is the longest cart that stands open.
const shortCart = 3

func (t *texts) order(l *Link) orderView {
	view := orderView{
		Merchant: t.merchant(l), Total: t.Numbers.money(l.Amount, l.Currency), Short: len(l.Cart) <= shortCart,
		Facts: []pages.Line{{Name: t.Reference, Value: l.Reference}},
	}
	if l.Description != nil {
		view.Description = *l.Description
	}
	for i := range l.Cart {
		view.Items = append(view.Items, t.item(&l.Cart[i], l.Currency))
	}
	for _, a := range []struct {
		title string
		of    *Address
	}{{t.Billing, l.Billing}, {t.Shipping, l.Shipping}} {
		if lines := a.of.lines(); len(lines) > 0 {
			view.Addresses = append(view.Addresses, addressView{a.title, lines})
		}
	}
	if l.Expiration != "" {
		view.Facts = append(view.Facts, pages.Line{Name: t.ValidUntil, Value: t.Numbers.date(l.Expiration)})
	}
	return view
}

func (t *texts) merchant(l *Link) string { return fmt.Sprintf(t.Merchant, l.MerchantID) }

func (t *texts) item(i *Item, currency string) itemView {
	name := i.Description
	if name == "" {
		name = map[string]string{"goods": t.Goods, "shipment": t.Shipment, "handling": t.Handling, "voucher": t.Voucher}[i.Type]
	}
	view := itemView{
		Name: name, Quantity: fmt.Sprint(i.Quantity), Price: t.Numbers.money(i.Price, currency), Sum: t.Numbers.money(i.Price*i.Quantity, currency),
		Notes: []string{fmt.Sprintf(t.Article, i.Number)},
	}
	if i.VATRate != nil {
		view.Notes = append(view.Notes, fmt.Sprintf(t.VAT, t.Numbers.share(*i.VATRate)))
	}
	if delivery := t.delivery(i.DeliveryStart, i.DeliveryEnd); delivery != "" {
		view.Notes = append(view.Notes, delivery)
	}
	return view
}

func (t *texts) delivery(start, end string) string {
	from, until := t.Numbers.date(start), t.Numbers.date(end)
	switch {
	case start != "" && end != "":
		return fmt.Sprintf(t.DeliveredIn, from, until)
	case start != "":
		return fmt.Sprintf(t.DeliveryFrom, from)
	case end != "":
		return fmt.Sprintf(t.DeliveryUntil, until)
	}
	return ""
}

// lines are the address as an envelope has it.
func (a *Address) lines() []string {
	if a == nil {
		return nil
	}
	var lines []string
	for _, words := range [][]string{
		{a.Company}, {a.FirstName, a.LastName}, {a.Street}, {a.Addition}, {a.Zip, a.City}, {a.State, a.Country},
	} {
		if line := strings.TrimSpace(strings.Join(words, " ")); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
