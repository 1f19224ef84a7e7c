package payone

// face is how a method is shown.
type face struct {
	name string
	mark string   // the few letters of its sign
	form string   // what it asks for: one of the forms below; empty: nothing
	at   []string // banks to choose from
}

// The forms. Methods of one form that needs the same input are shown together.
const (
	cardForm  = "card"
	debitForm = "debit"
	bankForm  = "bank"
)

// faces has all methods of the provider's document. The banks are its country's best known, and all are the
// simulator.
var faces = map[string]face{
	"visa":             {name: "Visa", mark: "VISA", form: cardForm},
	"mastercard":       {name: "Mastercard", mark: "MC", form: cardForm},
	"amex":             {name: "American Express", mark: "AMEX", form: cardForm},
	"jcb":              {name: "JCB", mark: "JCB", form: cardForm},
	"sepa":             {mark: "SEPA", form: debitForm},
	"paypal":           {name: "PayPal", mark: "PayPal"},
	"alipay":           {name: "Alipay", mark: "Alipay"},
	"wechat":           {name: "WeChat Pay", mark: "WeChat"},
	"paydirekt":        {name: "paydirekt", mark: "pd"},
	"sofort":           {name: "Sofort", mark: "Sofort"},
	"giropay":          {name: "giropay", mark: "giro"},
	"ideal":            {name: "iDEAL", mark: "iDEAL", form: bankForm, at: []string{"ABN AMRO", "ASN Bank", "bunq", "ING", "Knab", "Rabobank", "SNS", "Triodos Bank"}},
	"eps":              {name: "eps", mark: "eps", form: bankForm, at: []string{"Bank Austria", "BAWAG", "Erste Bank und Sparkassen", "Oberbank", "Raiffeisen", "Volksbank"}},
	"przelewy24":       {name: "Przelewy24", mark: "P24"},
	"bancontact":       {name: "Bancontact", mark: "BC"},
	"postfinance-e":    {name: "PostFinance E‑Finance", mark: "PF"},
	"postfinance-card": {name: "PostFinance Card", mark: "PF"},
}

// named is the name of a method in a language.
func (t *texts) named(method string) string {
	if method == "sepa" {
		return t.Debit
	}
	return faces[method].name
}

// sample is what a tester can type, and what comes of it.
type sample struct{ Value, About string }

// samples are those of a method. The numbers of Visa tell the stories of all cards.
func (t *texts) samples(method string) []sample {
	name := t.named(method) + ": "
	switch method {
	case "visa":
		return []sample{
			{"4111 1111 1111 1111", name + t.Succeeds}, {"4000 0000 0000 3220", name + t.AsksAtBank},
			{"4000 0000 0000 0002", name + t.DeclinedOnce}, {"4000 0000 0000 0119", name + t.Fails},
		}
	case "mastercard":
		return []sample{{"5500 0000 0000 0004", name + t.Succeeds}}
	case "amex":
		return []sample{{"3700 000000 00002", name + t.Succeeds}}
	case "jcb":
		return []sample{{"3530 1113 3330 0000", name + t.Succeeds}}
	case "sepa":
		return []sample{{"DE89 3704 0044 0532 0130 00", t.AnyIBAN}, {"Return Mock", t.ReturnedLater}}
	}
	return nil
}
