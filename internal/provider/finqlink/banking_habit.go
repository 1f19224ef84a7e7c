package finqlink

import (
	"fmt"

	"github.com/mockbank/mockbank/internal/fake"
)

// span is a range of sums of money, in the smallest units, both ends included.
type span struct{ low, high int64 }

// habit is how money comes into an account and goes out of it.
//
// Invariant: the least income exceeds the seven highest payments and the widest difference of two rests, so that there
// is always something to put aside at the end of a round.
type habit struct {
	rest    span // at the beginning of a round
	income  span
	payment span
	gift    span
	steady  bool // the income is always the same, from the same payer
	payer   string
	shop    func(fake.Source) string
}

// habits by who owns the account and its currency. The lowest rest of a private account in euro is small: it is
// overdrawn now and then, before the income comes.
var habits = map[[2]string]habit{
	{retail, "RON"}: {
		rest: span{6_500_00, 7_400_00}, income: span{5_200_00, 7_800_00}, payment: span{8_00, 450_00}, gift: span{50_00, 300_00},
		steady: true, payer: "Salariu %s", shop: fake.Source.Shop,
	},
	{retail, "EUR"}: {
		rest: span{30_00, 120_00}, income: span{900_00, 1_500_00}, payment: span{2_00, 80_00}, gift: span{10_00, 60_00},
		steady: true, payer: "Chirie %s", shop: fake.Source.FirmAbroad,
	},
	{corporate, "RON"}: {
		rest: span{25_000_00, 34_000_00}, income: span{40_000_00, 90_000_00}, payment: span{50_00, 4_000_00}, gift: span{100_00, 2_500_00},
		payer: "Incasare factura %s", shop: fake.Source.Firm,
	},
	{corporate, "EUR"}: {
		rest: span{3_000_00, 4_500_00}, income: span{9_000_00, 20_000_00}, payment: span{20_00, 900_00}, gift: span{20_00, 400_00},
		payer: "Incasare factura %s", shop: fake.Source.FirmAbroad,
	},
}

func (b book) habit() habit { return habits[[2]string{b.Owner, b.Currency}] }

// turn is what an entry is about, by its place in the round.
type turn struct {
	credit  bool
	span    func(habit) span
	details func(habit, fake.Source) string
}

func payment(h habit) span { return h.payment }

var (
	shopping    = turn{span: payment, details: func(h habit, s fake.Source) string { return h.shop(s) }}
	bill        = turn{span: payment, details: func(_ habit, s fake.Source) string { return "Factura " + s.Utility() }}
	cash        = turn{span: payment, details: func(_ habit, s fake.Source) string { return "Retragere numerar ATM " + s.Town() }}
	transferOut = turn{span: payment, details: func(_ habit, s fake.Source) string { return "Transfer catre " + s.Person() }}
	gift        = turn{credit: true, span: func(h habit) span { return h.gift }, details: func(_ habit, s fake.Source) string { return "Transfer de la " + s.Person() }}
	income      = turn{credit: true, span: func(h habit) span { return h.income }, details: func(h habit, s fake.Source) string { return fmt.Sprintf(h.payer, s.Firm()) }}
	aside       = turn{span: payment, details: func(habit, fake.Source) string { return "Transfer in contul de economii" }}
)

// turns are the places of a round.
var turns = [...]turn{shopping, bill, shopping, income, shopping, cash, gift, shopping, transferOut, aside}

// The places that the arithmetic knows.
const (
	incomeComes = 3
	putAside    = 9
)
