package finqlink_test

import (
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// dataPaths are where the two forms of the data half are.
var dataPaths = []struct{ consents, ais string }{
	{"/finqlink/v2/ais/consents", "/finqlink/v2/ais"}, {"/finqlink/test/consents", "/finqlink/test/ais"},
}

// consent is a request to make a consent; changes are as those of order.
func consent(changes ...object) object {
	body := object{
		"client_id": id, "client_secret": secret,
		"ais_method": object{"provider_id": "rzb_ro"},
		"options":    object{"callback_url": providertest.InboxURL("shop"), "redirect_url": "http://shop.example/given?order=7"},
	}
	for _, change := range changes {
		merge(body, change)
	}
	return body
}

// endConsent uses a consent that begin made: has it approved, refreshes and reads it, and revokes it at last.
func endConsent(h *providertest.House, made providertest.Exchange) {
	consents, _ := strings.CutSuffix(made.Target, "/create")
	data := dataPaths[0]
	if consents != data.consents {
		data = dataPaths[1]
	}
	one := func(more ...string) object {
		body := signedIn(object{"consent_id": made.Answer.Text("consent_id")})
		for i := 0; i+1 < len(more); i += 2 {
			body[more[i]] = more[i+1]
		}
		return body
	}
	if page := made.Answer.Text("web_url"); strings.Contains(page, "/bank/") {
		query := approveAtBank(h, page)
		h.Post(consents+"/redirect", signedIn(object{"query_string": query}))
		h.Post(consents+"/redirect", signedIn(object{"query_string": query}))
		h.Post(consents+"/redirect", signedIn(object{"query_string": query, "sync": true}))
	} else {
		_ = h.Act("consent", made.Answer.Text("consent_id"), "approve")
	}
	h.Advance(6 * time.Second)
	job := h.Post(data.ais+"/jobs/create", one()).Text("job_id")
	h.Advance(6 * time.Second)
	h.Post(data.ais+"/jobs/get", one("job_id", job))
	for _, list := range []string{"accounts", "balances", "transactions"} {
		h.Post(data.ais+"/"+list+"/list", one())
	}
	h.Post(consents+"/get", one())
	h.Post(consents+"/revoke", one())
}

// playConsent makes a consent, and so a job, that follows a scenario. Its user approves where the story leaves that to a
// user.
func playConsent(h *providertest.House, kind, scenario string) {
	for _, flow := range []string{"link", "direct_sca", "wrapped_sca"} {
		options := object{"type": flow, "expires_in": 3600}
		if kind == "job" && flow == "wrapped_sca" {
			options["scope"] = []string{"accounts", "balances"}
		}
		made := h.Post("/finqlink/v2/ais/consents/create", consent(object{"options": options}), "Mockbank-Scenario", scenario).Text("consent_id")
		_ = h.Fire("consent", made, "open")
		h.Advance(2 * time.Second)
		if kind == "consent" && scenario == "manual" {
			continue // nobody comes, and it expires
		}
		_ = h.Act("consent", made, "approve") // a story that needs no user, or ended before one came, refuses
		_ = h.Fire("consent", made, "activate")
	}
}
