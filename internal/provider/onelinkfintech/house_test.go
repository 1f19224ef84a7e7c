package onelinkfintech_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/provider/onelinkfintech"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
)

type object = map[string]any

const (
	fullKey     = "sk_test_mock_0000000000000001"
	readOnlyKey = "rk_test_mock_0000000000000001"
	revokedKey  = "sk_test_mock_revoked000000001"
	otherKey    = "sk_test_mock_0000000000000002" // of the second platform

	v1         = "/onelinkfintech/v1"
	settlement = "acc_100000001" // of the first platform, in euro
)

func house(t testing.TB) *providertest.House {
	t.Helper()
	return providertest.New(t, onelinkfintech.New)
}

// as is the header of a caller, and pairs of others.
func as(key string, more ...string) []string {
	return append([]string{"Authorization", "Bearer " + key}, more...)
}

func post(h *providertest.House, path string, body any, header ...string) providertest.Answer {
	return h.Post(v1+path, body, as(fullKey, header...)...)
}

func get(h *providertest.House, path string) providertest.Answer { return getAs(h, fullKey, path) }

func getAs(h *providertest.House, key, path string) providertest.Answer {
	return h.Do("GET", v1+path, map[string][]string{"Authorization": {"Bearer " + key}}, nil)
}

// with changes members of a body; nil takes one out.
func with(body object, changes ...object) object {
	body = maps.Clone(body)
	for _, change := range changes {
		for name, value := range change {
			if body[name] = value; value == nil {
				delete(body, name)
			}
		}
	}
	return body
}

func payment(changes ...object) object {
	return with(object{"amount": 1000, "currency": "EUR", "recipient": "rec_test_123", "description": "Test Payment"}, changes...)
}

func account(changes ...object) object {
	return with(object{"currency": "EUR", "owner": object{"name": "John Doe", "email": "john@example.com"}}, changes...)
}

func recipient(changes ...object) object {
	return with(object{"name": "Jane Roe", "currency": "EUR", "iban": "DE62370400440532013001"}, changes...)
}

// setClient gives a shipped key settings besides its own.
func setClient(h *providertest.House, id string, settings object) {
	h.Update(func(tx *store.Tx) error {
		client, err := h.Runtime.Client(tx, id)
		if err != nil {
			return err
		}
		changed := *client
		changed.Settings = with(client.Settings, settings)
		return h.Runtime.PutClient(tx, &changed)
	})
}

// setClock has the house's clock stand at another instant.
func setClock(h *providertest.House, at time.Time) {
	h.Update(func(tx *store.Tx) error {
		tx.SetClock(clock.Setting{Mode: clock.Frozen, Base: at, Anchor: at})
		return nil
	})
}

// fire applies an event as the control API does. The error is the refusal.
func fire(h *providertest.House, kind, id, event string, set object) error {
	return h.Store.Update(context.Background(), store.Default, func(tx *store.Tx) error {
		_, err := h.Runtime.Fire(tx, kind, id, event, set)
		return err
	})
}

func balance(h *providertest.House, id string) (n int64) {
	h.Data("account", id, "balance", &n)
	return n
}
