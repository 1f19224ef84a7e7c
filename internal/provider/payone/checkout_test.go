package payone

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

func deskOf(methods ...string) *checkout {
	return layOut(&Link{Terms: Terms{Currency: "EUR", MerchantID: "10001", Methods: methods, Language: "en_US"}}, "", "ID", "token")
}

// send fills in the form of a link with these methods.
func send(form map[string]string, methods ...string) (*checkout, order, bool) {
	d := deskOf(methods...)
	o, ok := d.read(func(name string) string { return form[name] }, today)
	return d, o, ok
}

func card(changes ...string) map[string]string {
	form := map[string]string{
		fieldMethod: "visa", fieldCardholder: "Jane Doe", fieldNumber: "4111 1111 1111 1111", fieldExpiry: "12/27", fieldCode: "123",
	}
	for i := 0; i+1 < len(changes); i += 2 {
		form[changes[i]] = changes[i+1]
	}
	return form
}

func debit(changes ...string) map[string]string {
	form := card(append([]string{fieldMethod, "sepa", fieldHolder, "Jane Doe", fieldIBAN, "DE89 3704 0044 0532 0130 00"}, changes...)...)
	return form
}

func TestOrders(t *testing.T) {
	for name, test := range map[string]struct {
		form map[string]string
		want order
	}{
		"a card":          {card(), order{Method: "visa", Input: cardNumber, Value: "4111111111111111", Last4: "1111"}},
		"with dashes":     {card(fieldNumber, " 4111-1111-1111-1111 "), order{Method: "visa", Input: cardNumber, Value: "4111111111111111", Last4: "1111"}},
		"a longer code":   {card(fieldMethod, "amex", fieldNumber, "370000000000002", fieldCode, "1234"), order{Method: "amex", Input: cardNumber, Value: "370000000000002", Last4: "0002"}},
		"a direct debit":  {debit(), order{Method: "sepa", Input: accountHolder, Value: "Jane Doe"}},
		"a bank":          {card(fieldMethod, "ideal", fieldBank, "ING"), order{Method: "ideal", Bank: "ING"}},
		"another bank":    {card(fieldMethod, "eps", fieldBank, "Oberbank"), order{Method: "eps", Bank: "Oberbank"}},
		"a wallet":        {map[string]string{fieldMethod: "paypal"}, order{Method: "paypal"}},
		"all of a wallet": {card(fieldMethod, "wechat", fieldNumber, "x"), order{Method: "wechat"}},
	} {
		d, got, ok := send(test.form, "visa", "amex", "sepa", "ideal", "eps", "paypal", "wechat")
		if !ok || got != test.want || d.Error != "" {
			t.Errorf("%s: %+v, %s", name, got, d.Error)
		}
	}
}

func TestWhatIsWrongStandsAtItsField(t *testing.T) {
	for _, test := range []struct {
		form  map[string]string
		field string
		want  string
	}{
		{card(fieldCardholder, "  "), fieldCardholder, english.NameNeeded},
		{card(fieldCardholder, string(make([]byte, 200))), fieldCardholder, "At most 100 characters, please."},
		{card(fieldNumber, ""), fieldNumber, english.BadNumber},
		{card(fieldNumber, "4111 1111 1111 1112"), fieldNumber, english.BadNumber},
		{card(fieldNumber, "5500000000000004"), fieldNumber, "This number is not one of Visa."},
		{card(fieldExpiry, "27-12"), fieldExpiry, english.BadExpiry},
		{card(fieldExpiry, "12/25"), fieldExpiry, english.CardExpired},
		{card(fieldCode, "1234"), fieldCode, "The security code has 3 digits."},
		{card(fieldMethod, "amex", fieldNumber, "370000000000002"), fieldCode, "The security code has 4 digits."},
		{debit(fieldHolder, ""), fieldHolder, english.NameNeeded},
		{debit(fieldIBAN, "DE89 3704 0044 0532 0130 01"), fieldIBAN, english.BadIBAN},
		{debit(fieldIBAN, ""), fieldIBAN, english.BadIBAN},
		{card(fieldMethod, "ideal"), fieldBank, english.ChooseBank},
		{card(fieldMethod, "eps", fieldBank, "ING"), fieldBank, english.ChooseBank},
	} {
		d, _, ok := send(test.form, "visa", "amex", "sepa", "ideal", "eps")
		wrong := wrongFields(d)
		if ok || d.Error != english.CheckForm || len(wrong) != 1 || wrong[test.field] != test.want {
			t.Errorf("%v: %v, %q", test.form, wrong, d.Error)
		}
	}
}

func wrongFields(d *checkout) map[string]string {
	wrong := map[string]string{}
	for _, g := range d.Groups {
		for _, f := range g.Fields {
			if f.Error != "" {
				wrong[f.Name] = f.Error
			}
		}
		if g.BanksErr != "" {
			wrong[fieldBank] = g.BanksErr
		}
	}
	return wrong
}

func TestOnlyAnOfferedMethodIsTaken(t *testing.T) {
	for _, method := range []string{"", "mastercard", "cash"} {
		d, _, ok := send(card(fieldMethod, method), "visa", "paypal")
		if ok || d.Error != english.ChooseMethod || len(wrongFields(d)) > 0 {
			t.Errorf("%q: %v, %s", method, ok, d.Error)
		}
	}
}

// A shopper need not type all again, but what is secret is shown to nobody.
func TestWhatAFormShowsAgain(t *testing.T) {
	d, _, _ := send(card(fieldExpiry, "12/20"), "paypal", "visa")
	var got []string
	for _, f := range d.Groups[1].Fields {
		got = append(got, f.Value)
	}
	if want := []string{"Jane Doe", "", "12/20", ""}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !d.Groups[1].Methods[0].Chosen || d.Groups[0].Methods[0].Chosen {
		t.Error("another method is chosen")
	}
	d, _, _ = send(debit(fieldIBAN, "DE00"), "sepa")
	if d.Groups[0].Fields[0].Value != "Jane Doe" || d.Groups[0].Fields[1].Value != "DE00" {
		t.Errorf("%+v", d.Groups[0].Fields)
	}
}

func TestMethodsOfOneFormStandTogether(t *testing.T) {
	var got [][]string
	for _, g := range deskOf("paypal", "visa", "alipay", "wechat", "mastercard", "ideal", "eps", "sepa", "sofort").Groups {
		var names []string
		for _, m := range g.Methods {
			names = append(names, m.Value)
		}
		got = append(got, names)
	}
	want := [][]string{{"paypal"}, {"visa", "mastercard"}, {"alipay", "wechat"}, {"ideal"}, {"eps"}, {"sepa"}, {"sofort"}}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("%v", got)
	}
}

// The page opens at the first mistake, wherever that is on a phone.
func TestAPageOpensAtTheFirstMistake(t *testing.T) {
	d, _, _ := send(card(fieldNumber, "1", fieldCode, "1"), "paypal", "visa")
	var at []string
	for _, f := range d.Groups[1].Fields {
		if f.Focus {
			at = append(at, f.Name)
		}
	}
	if !slices.Equal(at, []string{fieldNumber}) {
		t.Errorf("it opens at %v", at)
	}
}

// What a tester is told to type is taken, and is of a method that the link offers.
func TestSamplesAreTaken(t *testing.T) {
	for method := range brands {
		for _, s := range german.samples(method) {
			code := strings.Repeat("1", brands[method].code)
			if d, _, ok := send(card(fieldMethod, method, fieldNumber, s.Value, fieldCode, code), method); !ok {
				t.Errorf("%s: %s: %v", method, s.Value, wrongFields(d))
			}
		}
	}
	if got := deskOf("jcb", "paypal").Groups[0].Samples; len(got) != 1 {
		t.Errorf("JCB alone shows %v", got)
	}
}

func TestEveryMethodHasItsFace(t *testing.T) {
	if len(faces) != len(methods) {
		t.Errorf("%d faces of %d methods", len(faces), len(methods))
	}
	for method, how := range methods {
		f, ok := faces[method]
		if !ok || f.mark == "" || german.named(method) == "" {
			t.Errorf("%s has no face", method)
		}
		if asks := f.form == cardForm || f.form == debitForm; asks == how.redirect || (f.form == bankForm) != (len(f.at) > 0) {
			t.Errorf("%s asks for the wrong things", method)
		}
		if _, branded := brands[method]; branded != (f.form == cardForm) {
			t.Errorf("%s: its numbers are not known", method)
		}
	}
}
