package attack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const inDefault = control + "/workspaces/default"

// enterAll lets the doors in that need what only the running program can give.
func enterAll() error {
	var all error
	for i := range doors {
		if d := &doors[i]; d.enter != nil {
			all = errors.Join(all, d.enter(d))
		}
	}
	return all
}

// accessToken gets a token by the client credentials grant.
func accessToken(path string, form url.Values) (string, error) {
	form.Set("grant_type", "client_credentials")
	reply, err := http.Post(house.Base+path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&token); err != nil || token.Access == "" {
		return "", fmt.Errorf("%s gives no token: %s, %w", path, reply.Status, err)
	}
	return token.Access, nil
}

// enterLinkMoney has a token, with which sessions may be asked for, and a customer to look at.
func enterLinkMoney(d *door) error {
	token, err := accessToken("/linkmoney/v1/tokens", url.Values{"client_id": {"linkmoney-demo"}, "client_secret": {"linkmoney-demo-secret"}, "scope": {"Link-Core"}})
	if err != nil {
		return err
	}
	d.caller = []string{"Authorization: Bearer " + token}
	ctx := context.Background()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, house.Base+d.mount+d.post, strings.NewReader(string(d.good())))
	if err != nil {
		return err
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	var made struct {
		Key string `json:"sessionKey"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&made); err != nil {
		return err
	}
	session := inDefault + "/entities/linkmoney/session/" + made.Key
	var entity struct {
		Data struct {
			Customer string `json:"customerId"`
		} `json:"data"`
	}
	if err := house.Call(ctx, http.MethodPost, session+"/events", object{"act": "approve"}, &entity); err != nil {
		return err
	}
	d.get = "/v1/customers/" + entity.Data.Customer
	return nil
}

// oneLinkCatalog is that of the one plan without limits.
const oneLinkCatalog = "/uat-1link/link-certification"

// enterOneLink has a client with that plan, and a token.
func enterOneLink(d *door) error {
	client := object{"secret": "attack-secret", "settings": object{"subscriptions": []string{"Certification/Certification"}}}
	if err := house.Call(context.Background(), http.MethodPut, inDefault+"/clients/1link/attack", client, nil); err != nil {
		return err
	}
	token, err := accessToken(d.mount+oneLinkCatalog+"/oauth2/token", url.Values{"client_id": {"attack"}, "client_secret": {"attack-secret"}})
	d.caller = []string{"X-IBM-Client-Id: attack", "X-IBM-Client-Secret: attack-secret", "Authorization: Bearer " + token}
	return err
}
