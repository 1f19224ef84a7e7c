package onelinkfintech

import (
	"cmp"
	"maps"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The webhook settings of a platform are written on one of its keys and hold for all. The page shows what holds, and
// leaves them on the first key by id.

const longestSecret = 256

func openWebhook(v *visit) (provider.Reply, error) {
	all, err := v.platformClients()
	if err != nil {
		return provider.Reply{}, err
	}
	var url, secret pages.Field
	for _, client := range all {
		url.Value = cmp.Or(url.Value, said(client, "webhook_url"), client.WebhookURL)
		secret.Value = cmp.Or(secret.Value, said(client, "webhook_secret"))
	}
	return v.showWebhook(http.StatusOK, url, secret)
}

func said(client *oauth.Client, setting string) string {
	text, _ := client.Settings[setting].(string)
	return text
}

// showWebhook shows the form with what was sent, and what is wrong with it.
func (v *visit) showWebhook(status int, url, secret pages.Field) (provider.Reply, error) {
	url.Name, url.Label, url.Type, url.Optional, url.Example = "url", "URL", "url", true, "https://shop.example/webhooks"
	url.Hint = "Events are sent here. Without one none are sent."
	if usual := v.WebhookURL(); usual != "" {
		url.Hint = "Events are sent here. Without one they go to the workspace's webhook_url, " + usual
	}
	secret.Name, secret.Label, secret.Optional, secret.Longest = "secret", "Secret", true, longestSecret
	usual, _ := v.SettingsOf(&oauth.Client{})["webhook_secret"].(string)
	secret.Hint = "The key of " + signatureHeader + ". Without one it is " + usual
	form := v.form(webhookPath, pages.Form{Fields: []pages.Field{url, secret}, Button: "Save"})
	return v.page(status, deskData{
		Title: "Webhook", State: pages.Cell{Text: "extension of mockbank", Tone: plainTone}, Done: v.done(), Form: &form,
		Lead: "OneLinkFintech offers no webhooks. This page, the events and their signature are mockbank's own.",
	})
}

func setWebhook(v *visit) (provider.Reply, error) {
	url, secret := pages.Field{Value: strings.TrimSpace(v.FormValue("url"))}, pages.Field{Value: v.FormValue("secret")}
	if url.Value != "" {
		if err := provider.CheckTarget(url.Value); err != nil {
			url.Error = problem.From(err).Message + "."
		}
	}
	if utf8.RuneCountInString(secret.Value) > longestSecret {
		secret.Error = "A secret has at most 256 characters."
	}
	if url.Error+secret.Error != "" {
		return v.showWebhook(http.StatusBadRequest, url, secret)
	}
	return goTo(v.Call, webhookPath+query("done", "webhook")), v.storeWebhook(url.Value, secret.Value)
}

// storeWebhook writes both on the platform's first key, and takes them from all others, whose word would hold too.
func (v *visit) storeWebhook(url, secret string) error {
	all, err := v.platformClients()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return problem.New(problem.Conflict, "", "The platform has no key to which the settings could belong: create one first.")
	}
	for i, client := range all {
		wanted := map[string]string{"webhook_url": url, "webhook_secret": secret}
		if i > 0 {
			clear(wanted)
		}
		if changed := withWebhook(client, wanted); changed != nil {
			if err := v.PutClient(changed); err != nil {
				return err
			}
		}
	}
	return nil
}

// withWebhook is the client with these webhook settings and no others; nil where it has them already.
func withWebhook(client *oauth.Client, wanted map[string]string) *oauth.Client {
	changed := *client
	changed.WebhookURL = ""
	changed.Settings = maps.Clone(client.Settings)
	if changed.Settings == nil {
		changed.Settings = map[string]any{}
	}
	same := client.WebhookURL == ""
	for _, name := range []string{"webhook_url", "webhook_secret"} {
		same = same && said(client, name) == wanted[name]
		if delete(changed.Settings, name); wanted[name] != "" {
			changed.Settings[name] = wanted[name]
		}
	}
	if same {
		return nil
	}
	return &changed
}
