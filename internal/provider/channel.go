package provider

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/fault"
	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/internal/webhook"
)

// Channel is a way to notify. An event may go to several targets, and a provider may have several channels.
type Channel struct {
	Name string
	// Targets are the URLs to which a notification about the subject goes; none means that nobody is told.
	Targets func(c *Call, s Subject, kind string) ([]string, error)
	// Body is the notification's body as a value. Its JSON is held against the schema webhook.<type> of the spec,
	// also where another encoding is sent.
	Body func(c *Call, s Subject, kind string) (any, error)
	// Encode makes the bytes of what Body returned, once for all attempts; nil: its JSON, member for member in its
	// order.
	Encode func(value any) ([]byte, error)
	Media  string // the Content-Type; empty: application/json
	// Headers is asked in the transaction that begins an attempt; what it returns signs outside of it, with the
	// key of then, and goes over the frame's own headers, User-Agent and Content-Type. spoil asks for a signature
	// that must not verify. nil: no headers but the frame's.
	Headers func(c *Call, n Notification, spoil Spoil) (func() (http.Header, error), error)
	// Verify does what a receiver would. recognised is false for a message that is not of this channel. nil: none is.
	Verify func(c *Call, header http.Header, body []byte) (recognised bool, err error)

	Accepted func(status int, body []byte) bool // which answer is success; nil: 2xx
	Receipt  string                             // what a receiver says that took it, and so our inbox; empty: anything
	Schedule []time.Duration                    // waits before the second and later attempts, in workspace time
	Timeout  time.Duration                      // of one attempt, in wall time; 0: 15 s
	Gone     GonePolicy                         // what a 410 ends; the zero value: the endpoint
}

// Spoil asks a channel for a signature that a receiver must refuse. GonePolicy says what a receiver's 410 ends.
type (
	Spoil      = webhook.Spoil
	GonePolicy = webhook.GonePolicy
)

// What a receiver's 410 ends.
const (
	GoneEndsEndpoint = webhook.GoneEndsEndpoint // every notification to it, until it is registered again
	GoneEndsDelivery = webhook.GoneEndsDelivery // the one notification
	GoneIsFailure    = webhook.GoneIsFailure    // nothing: it is tried again like after any other failure
)

// Notification is what a channel sends to one target.
type Notification struct {
	ID     string // a version 4 UUID, the same on every attempt and replay, and no other notification's
	Type   string
	Client string // whose entity it is about; empty where nobody's
	Target string
	Body   []byte // as encoded
}

// Subject is what a notification is about; Kind.Of gives it its type.
type Subject struct{ in *engine.Instance }

// Of gives a subject its type; nil when it is of another kind.
func (k Kind[T]) Of(s Subject) *Entity[T] {
	if s.in.Kind != string(k) {
		return nil
	}
	return typed[T](s.in)
}

// notify records the notifications that the machine asks for, in the transaction of the change.
func (r *Runtime) notify(owner any, in *engine.Instance, n machine.Notify, spoilt machine.DeliveryMishap) error {
	c, channel := owner.(*Call), r.channels[n.Channel]
	if channel == nil {
		return fmt.Errorf("provider: %s has no channel %q", r.ID, n.Channel)
	}
	subject := Subject{in}
	targets, err := channel.Targets(c, subject, n.Type)
	if err != nil || len(targets) == 0 {
		return err
	}
	body, err := r.bodyOf(c, channel, subject, n.Type)
	if err != nil {
		return err
	}
	mishap, err := r.deliveryMishap(c, in, spoilt)
	if err == nil && mishap == (webhook.Mishap{}) { // The story's own comes first.
		mishap, err = fault.OnNotification(c.tx, fault.Notification{Provider: r.ID, Channel: channel.Name, Type: n.Type, Client: in.Client})
	}
	if err != nil {
		return err
	}
	for _, target := range targets {
		err := webhook.Record(c.tx, &webhook.Delivery{
			Provider: r.ID, Channel: channel.Name, Type: n.Type, Entity: in.Ref, Version: in.Version, Client: in.Client, Target: target,
			ContentType: cmp.Or(channel.Media, mediaJSON), Body: body, InsecureTLS: c.tx.Workspace().WebhookInsecureTLS, Mishap: mishap,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// bodyOf makes the bytes that every attempt sends.
func (r *Runtime) bodyOf(c *Call, channel *Channel, s Subject, kind string) ([]byte, error) {
	value, err := channel.Body(c, s, kind)
	if err != nil {
		return nil, err
	}
	body, err := strictjson.Marshal(value)
	if err != nil {
		return nil, err
	}
	if err := r.checkWebhook(kind, body); err != nil || channel.Encode == nil {
		return body, err
	}
	return channel.Encode(value)
}

// checkWebhook holds a notification's JSON against its schema.
func (r *Runtime) checkWebhook(kind string, body []byte) error {
	decoded, err := strictjson.Decode(body)
	if err != nil {
		return err
	}
	if broken := r.Spec.Schema(webhookSchemas + kind).Check(decoded); len(broken) > 0 {
		return fmt.Errorf("provider: the %s webhook is not true to its schema: %s %s", kind, broken[0].Pointer, broken[0].Message)
	}
	return nil
}

func (r *Runtime) deliveryMishap(c *Call, in *engine.Instance, m machine.DeliveryMishap) (webhook.Mishap, error) {
	out := webhook.Mishap{
		Duplicate: m.Duplicate, Reorder: m.Reorder, Drop: m.Drop, BadSignature: m.BadSignature, UnknownKid: m.UnknownKid,
	}
	if m.Delay == nil {
		return out, nil
	}
	env, err := c.session.Env(in)
	if err != nil {
		return out, err
	}
	at, err := m.Delay.At(c.Now(), env)
	out.Delay = webhook.Span(at.Sub(c.Now()))
	return out, err
}

// Transports gives the provider's channels in the form in which deliveries use them.
func (r *Runtime) Transports() webhook.Channels {
	var all webhook.Channels
	for i := range r.Channels {
		all = append(all, r.transport(&r.Channels[i]))
	}
	return all
}

func (r *Runtime) transport(channel *Channel) *webhook.Channel {
	transport := &webhook.Channel{
		Provider: r.ID, Name: channel.Name, Schedule: channel.Schedule, Timeout: channel.Timeout, Accepted: channel.Accepted, Receipt: channel.Receipt, Gone: channel.Gone,
	}
	if channel.Headers != nil {
		transport.Prepare = func(tx *store.Tx, d *webhook.Delivery, spoil Spoil) (func() (http.Header, error), error) {
			return channel.Headers(r.inside(tx, ""), r.notification(tx, d), spoil)
		}
	}
	if channel.Verify != nil {
		transport.Verify = func(tx *store.Tx, header http.Header, body []byte) (bool, error) {
			return channel.Verify(r.inside(tx, ""), header, body)
		}
	}
	return transport
}

func (r *Runtime) notification(tx *store.Tx, d *webhook.Delivery) Notification {
	return Notification{
		ID:   uuid(tx.Workspace().Derive(r.ID+"/notification", d.Sequence)),
		Type: d.Type, Client: d.Client, Target: d.Target, Body: d.Body,
	}
}

// CheckTarget says what is wrong with an address to which notifications are to go. It is for the moment at which
// a client names one; where a name leads is looked at again when it is dialled.
func CheckTarget(url string) error { return webhook.CheckURL(url) }
