package scripttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var paymentWords = words{
	"order":   word("order [ITEM...]", 0, -1, order),
	"payment": word("payment ITEM...", 1, -1, payment),
	"fire": word("fire EVENT", 1, 1, func(ts *testscript.TestScript, args []string) error {
		return move(ts, "event="+args[0])
	}),
	"act": word("act approve|cancel|decline", 1, 1, func(ts *testscript.TestScript, args []string) error {
		return move(ts, "act="+args[0])
	}),
	"advance": word("advance DURATION", 1, 1, func(ts *testscript.TestScript, args []string) error {
		return advance(ts, args[0])
	}),
	"story":  word("story [-opens|-leaves] SCENARIO END ITEM...", 3, -1, story),
	"orders": word("orders COUNT FILE", 2, 2, orders),
	"got":    word("got INBOX STATUS...", 1, -1, got),
	"signed": word("signed INBOX current|previous|unknown", 2, 2, signed),
}

// anOrder is a payment that every bank takes; items change it.
var anOrder = []string{
	"single_transfer.amount=125.50", "single_transfer.currency=RON",
	"single_transfer.creditor_name=Magazin Exemplu SRL", "single_transfer.creditor_iban=RO10RZBR0000069999999970",
}

func order(ts *testscript.TestScript, items []string) error {
	if err := finqlink(ts, "200", "/v2/links/create", append(slices.Clone(anOrder), items...)); err != nil {
		return err
	}
	return keep(ts, []string{"LINK", "link_id"})
}

// orders creates payment links and writes a line for each: its status and its ids, or that there is no whole answer.
func orders(ts *testscript.TestScript, args []string) error {
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	var lines strings.Builder
	for range count {
		request, err := orderRequest(ts)
		if err != nil {
			return err
		}
		got, err := exchange(request)
		if err != nil {
			fmt.Fprintln(&lines, got.status, "broken")
			continue
		}
		fmt.Fprintln(&lines, got.status, look(got.body, "link_id"), look(got.body, "error_id"))
	}
	return os.WriteFile(ts.MkAbs(args[1]), []byte(lines.String()), 0o600)
}

func orderRequest(ts *testscript.TestScript) (*http.Request, error) {
	headers, body, err := message(append(slices.Clone(demo), anOrder...))
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, ts.Getenv("API")+"/v2/links/create", bytes.NewReader(body))
	if err == nil {
		request.Header = headers
	}
	return request, err
}

func payment(ts *testscript.TestScript, items []string) error {
	if err := finqlink(ts, "200", "/v2/links/get", []string{"link_id=" + ts.Getenv("LINK")}); err != nil {
		return err
	}
	var wrong []error
	for _, item := range items {
		member, want, _ := strings.Cut(item, "=")
		wrong = append(wrong, wants(ts, []string{member, want}))
	}
	return errors.Join(wrong...)
}

// move fires an event, or does what the payer has to do.
func move(ts *testscript.TestScript, item string) error {
	path := "/entities/finqlink/link/" + ts.Getenv("LINK") + "/events"
	return call(ts, "200", http.MethodPost, ts.Getenv("CONTROL")+path, []string{item})
}

func advance(ts *testscript.TestScript, by string) error {
	return call(ts, "200", http.MethodPost, ts.Getenv("CONTROL")+"/clock/advance", []string{"by=" + by})
}

// story tells an order from its creation to what is left of it two hours later. Its payer goes to the bank's
// page, looks at it for two seconds, and approves if the bank still asks.
func story(ts *testscript.TestScript, args []string) error {
	stops := ""
	if strings.HasPrefix(args[0], "-") {
		stops, args = args[0], args[1:]
	}
	scenario, end := args[0], args[1]
	if err := order(ts, args[2:]); err != nil {
		return err
	}
	if err := header(ts, []string{"Mockbank-Scenario", scenario}); err != nil {
		return err
	}
	if err := payer(ts, stops); err != nil {
		return err
	}
	if err := advance(ts, "2h"); err != nil {
		return err
	}
	return payment(ts, []string{"status=" + end})
}

func payer(ts *testscript.TestScript, stops string) error {
	if err := move(ts, "event=open"); err != nil || stops == "-opens" {
		return err
	}
	if err := move(ts, "event=pay"); err != nil {
		return err
	}
	for state := "requested"; state == "requested"; state = look(taleOf(ts).reply.body, "status") {
		if err := errors.Join(advance(ts, "1s"), payment(ts, nil)); err != nil {
			return err
		}
	}
	if look(taleOf(ts).reply.body, "status") != "intent_accepted" {
		return nil
	}
	if err := errors.Join(move(ts, "event=redirect"), advance(ts, "2s"), payment(ts, nil)); err != nil {
		return err
	}
	if look(taleOf(ts).reply.body, "status") != "awaiting_authz" || stops == "-leaves" {
		return nil
	}
	return move(ts, "event=approve")
}

func got(ts *testscript.TestScript, args []string) error {
	messages, err := inbox(ts, args[0])
	if err != nil {
		return err
	}
	statuses := make([]string, 0, len(messages))
	for _, m := range messages {
		statuses = append(statuses, m.status)
	}
	if !slices.Equal(statuses, args[1:]) {
		return fmt.Errorf("the inbox %s has got %q, want %q", args[0], statuses, args[1:])
	}
	return nil
}
