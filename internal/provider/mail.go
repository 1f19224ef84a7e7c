package provider

import (
	"fmt"

	"github.com/mockbank/mockbank/internal/mail"
	"github.com/mockbank/mockbank/internal/webhook"
)

// Letter is a mail to people: From and To are addresses, and the Text is plain. Its JSON is held against the schema
// webhook.<type>; when it was written is the frame's to say.
type Letter = mail.Letter

// MailChannel is a channel by which people are written to. One letter goes to all whom it names in To; none, or nil,
// is written where there is nobody. It can be read with the control API, whether a mail server takes it or not.
func MailChannel(name string, write func(c *Call, s Subject, kind string) (*Letter, error)) Channel {
	return Channel{
		Name: name, Media: mail.Media,
		Targets: func(c *Call, s Subject, kind string) (targets []string, err error) {
			letter, err := write(c, s, kind)
			if err != nil || letter == nil {
				return nil, err
			}
			for _, to := range letter.To {
				targets = append(targets, webhook.MailTo(to))
			}
			return targets, nil
		},
		Body: func(c *Call, s Subject, kind string) (any, error) {
			letter, err := write(c, s, kind)
			if err == nil {
				letter.At = c.Now()
			}
			return letter, err
		},
		Encode: func(value any) ([]byte, error) {
			letter, ok := value.(*Letter)
			if !ok {
				return nil, fmt.Errorf("provider: the letter is a %T", value)
			}
			return letter.Bytes()
		},
	}
}
