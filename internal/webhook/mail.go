package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/mail"
	"github.com/mockbank/mockbank/internal/store"
)

// Relay takes letters for others: mail.Relay, whose Send says more.
type Relay interface {
	Send(ctx context.Context, from string, to []string, letter []byte) error
}

// taken is what a mail server answers that takes a letter (RFC 5321 section 4.2.3).
const taken = 250

// mail is an attempt at an address, as exchange is one at a receiver of HTTP.
func (s *Sender) mail(ctx context.Context, t *try, address string) result {
	t.sent = http.Header{}
	if s.cfg.Relay == nil {
		return result{status: taken}
	}
	letter, err := mail.Read(t.delivery.Body)
	if err != nil {
		return result{err: &Failure{ClassInternal, "What is kept of the letter can not be read"}}
	}
	return s.timed(t, func() result {
		return mailed(s.cfg.Relay.Send(ctx, letter.Sender(), []string{address}, t.delivery.Body))
	})
}

func mailed(err error) result {
	var refused *mail.RefusedError
	switch {
	case err == nil:
		return result{status: taken}
	case errors.As(err, &refused):
		return result{status: refused.Code, body: []byte(refused.Message)}
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err), lineFailure(err) != nil:
		return result{err: err}
	}
	return result{err: &Failure{ClassNotSMTP, fmt.Sprintf("The mail server's answer is no SMTP that can be read: %s", clean(err.Error()))}}
}

// Letter is a mail that was recorded.
type Letter struct {
	*Delivery
	mail.Letter
}

// Letters reads mails as List reads deliveries. to is an address to which they went; empty: any.
func Letters(tx *store.Tx, f Filter, to string, before uint64, limit int) (page []Letter, rest uint64, err error) {
	f.mail = true
	if to != "" {
		f.Target = MailTo(strings.TrimSpace(to))
	}
	found, rest, err := List(tx, f, before, limit)
	if err != nil {
		return nil, 0, err
	}
	for _, d := range found {
		letter, err := mail.Read(d.Body)
		if err != nil {
			return nil, 0, fmt.Errorf("webhook: delivery %d: %w", d.Sequence, err)
		}
		page = append(page, Letter{d, letter})
	}
	return page, rest, nil
}
