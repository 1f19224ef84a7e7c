package linkmoney

import (
	"slices"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const subscriptions provider.Kind[Subscription] = "subscription"

// The statuses of a subscription.
const (
	subscribed   = "SUBSCRIBED"
	unsubscribed = "UNSUBSCRIBED"
)

// Subscription says where a merchant's notifications go. One that was ended is kept: what is still on its way to it is
// signed with its key.
type Subscription struct {
	Merchant   string   `json:"merchant"`
	URL        string   `json:"url"`
	SecretKey  string   `json:"secretKey"`
	EventTypes []string `json:"eventTypes"`
	Ended      bool     `json:"ended"`
}

// The indexes: one that finds a merchant's subscription by its address, and one that lists a merchant's.
const (
	byURL      = "url"
	byMerchant = "merchant"
)

func subscriptionKind() provider.KindDef {
	return subscriptions.Define(provider.Def[Subscription]{
		State: func(s *Subscription, _ time.Time) string { return s.status() },
		Index: func(e *provider.Entity[Subscription]) []provider.Index {
			return []provider.Index{
				{Name: byURL, Unique: true, Key: provider.Key{}.Text(e.Data.Merchant).Text(e.Data.URL)},
				{Name: byMerchant, Key: provider.Key{}.Text(e.Data.Merchant).Time(e.Created()).Text(e.ID())},
			}
		},
	})
}

func (s *Subscription) status() string {
	if s.Ended {
		return unsubscribed
	}
	return subscribed
}

// eventTypes are all that can be subscribed to.
var eventTypes = []string{
	"customer.created", "customer.activated", "customer.account.linked", "customer.account.deactivated", "customer.deactivated",
	"payment.created", "payment.pending", "payment.authorized", "payment.scheduled", "payment.initiated", "payment.succeeded",
	"payment.disbursed", "payment.canceled", "payment.failed",
}

type subscriptionReply struct {
	ID         string   `json:"subscriptionId"`
	URL        string   `json:"url"`
	EventTypes []string `json:"eventTypes"`
	Status     string   `json:"status"`
}

func viewSubscription(e *provider.Entity[Subscription]) provider.Reply {
	return provider.Reply{Body: subscriptionReply{ID: e.ID(), URL: e.Data.URL, EventTypes: e.Data.EventTypes, Status: e.Data.status()}}
}

// subscribe has notifications go to an address, with what it says now in place of what it said before.
func subscribe(c *provider.Call) (provider.Reply, error) {
	var body struct {
		URL        string   `json:"url"`
		SecretKey  string   `json:"secretKey"`
		EventTypes []string `json:"eventTypes"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	if err := provider.CheckTarget(body.URL); err != nil {
		return provider.Reply{}, problem.From(err).At("/url")
	}
	data := Subscription{Merchant: merchant(c), URL: body.URL, SecretKey: body.SecretKey, EventTypes: body.EventTypes}
	if data.EventTypes == nil {
		data.EventTypes = slices.Clone(eventTypes)
	}
	known, err := subscriptionAt(c, data.Merchant, data.URL)
	if err != nil {
		return provider.Reply{}, err
	}
	if known != nil {
		*known.Data = data
		subscriptions.Update(c, known)
		return viewSubscription(known), nil
	}
	name, err := subscriptions.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	made, err := subscriptions.Create(c, name, name.UUID(), &data)
	if err != nil {
		return provider.Reply{}, err
	}
	return viewSubscription(made), nil
}

// unsubscribe ends a subscription by its address.
func unsubscribe(c *provider.Call) (provider.Reply, error) {
	var body struct {
		URL string `json:"url"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	e, err := subscriptionAt(c, merchant(c), body.URL)
	if err != nil {
		return provider.Reply{}, err
	}
	if e == nil || e.Data.Ended {
		return provider.Reply{}, problem.New(problem.NotFound, "", "There is no subscription with this url")
	}
	e.Data.Ended = true
	subscriptions.Update(c, e)
	return viewSubscription(e), nil
}

func subscriptionAt(c *provider.Call, merchant, url string) (*provider.Entity[Subscription], error) {
	return subscriptions.Find(c, byURL, provider.Key{}.Text(merchant).Text(url))
}

// subscriptionsOf lists a merchant's subscriptions, the oldest first; those of all merchants where none is named.
func subscriptionsOf(c *provider.Call, merchant string) ([]*provider.Entity[Subscription], error) {
	within := provider.Range{}
	if merchant != "" {
		within.Prefix = provider.Key{}.Text(merchant)
	}
	var all []*provider.Entity[Subscription]
	err := subscriptions.List(c, byMerchant, within, func(e *provider.Entity[Subscription]) (bool, error) {
		all = append(all, e)
		return true, nil
	})
	return all, err
}
