package link1_test

import (
	nethttp "net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
)

func TestTokens(t *testing.T) {
	h := house(t)
	for form, want := range map[string]struct {
		status int
		code   string
	}{
		"client_id=" + first + "&client_secret=" + secret:                  {200, ""},
		"client_id=" + first + "&client_secret=wrong":                      {401, "invalid_client"},
		"client_id=nobody&client_secret=" + secret:                         {401, "invalid_client"},
		"client_id=" + first:                                               {400, "invalid_request"},
		"client_id=" + first + "&client_secret=" + secret + "&client_id=x": {400, "invalid_request"},
	} {
		a := token(h, form)
		if a.Status != want.status || a.Text("error") != want.code || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s, want %v", form, a, want)
		}
	}
	if a := h.Form(gw+"/oauth2/token", map[string][]string{"grant_type": {"password"}, "client_id": {first}, "client_secret": {secret}}); a.Text("error") != "unsupported_grant_type" {
		t.Errorf("%s", a)
	}
	if a := h.Form(gw+"/oauth2/token", map[string][]string{"grant_type": {"client_credentials"}, "scope": {"all"}, "client_id": {first}, "client_secret": {secret}}); a.Text("error") != "invalid_scope" {
		t.Errorf("%s", a)
	}
	basic := "Basic bW9jay1jbGllbnQtaWQtMDAwMDAwMDAwMDAwMDAwMTptb2NrLWNsaWVudC1zZWNyZXQtMDAwMDAwMDAwMDAx"
	if a := h.Form(gw+"/oauth2/token", map[string][]string{"grant_type": {"client_credentials"}}, "Authorization", basic); a.Status != 200 || a.Text("scope") != "1LinkApi" {
		t.Errorf("%s", a)
	}
	if a := h.Form(gw+"/oauth2/token", map[string][]string{"grant_type": {"client_credentials"}, "client_secret": {secret}}, "Authorization", basic); a.Text("error") != "invalid_request" {
		t.Errorf("%s", a)
	}
	if a := h.Form(gw+"/oauth2/token", map[string][]string{"grant_type": {"client_credentials"}}, "Authorization", basic, "X-IBM-Client-Id", second); a.Text("error") != "invalid_request" {
		t.Errorf("%s", a)
	}
}

func TestATokenLivesADay(t *testing.T) {
	c := signedIn(t, house(t))
	c.Advance(day - time.Second)
	wantCode(t, c.call("/path-1", title()), "00")
	c.Advance(time.Second)
	a := c.call("/path-1", title())
	if a.Status != 401 || a.Text("error") != "invalid_token" || a.Header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
		t.Errorf("%s %v", a, a.Header)
	}
}

func TestTheGatewayRefuses(t *testing.T) {
	h := house(t)
	c := signedIn(t, h)
	mine := []string{"X-IBM-Client-Id", first, "Authorization", "Bearer " + c.token}
	for name, test := range map[string]struct {
		path   string
		body   any
		header []string
		status int
		says   string
	}{
		"no client id":        {"/path-1", title(), []string{"Authorization", "Bearer " + c.token}, 401, "Invalid client id or secret."},
		"another client id":   {"/path-1", title(), []string{"X-IBM-Client-Id", "nobody"}, 401, "Invalid client id or secret."},
		"a wrong secret":      {"/path-1", title(), append(mine, "X-IBM-Client-Secret", "wrong"), 401, "Invalid client id or secret."},
		"the right secret":    {"/path-1", title(), append(mine, "X-IBM-Client-Secret", secret), 200, ""},
		"not subscribed":      {"/path-1", title(), []string{"X-IBM-Client-Id", second}, 401, "Invalid client id or secret."},
		"used up":             {"/path-1", title(), []string{"X-IBM-Client-Id", third}, 429, "Rate Limit exceeded"},
		"no token":            {"/path-1", title(), []string{"X-IBM-Client-Id", first}, 401, ""},
		"another path":        {"/path-2", title(), mine, 404, "No resources match requested URI"},
		"another catalog":     {"/../link-cert/path-1", title(), mine, 404, "No resources match requested URI"},
		"what nobody takes":   {"/path-1", title(), append(mine, "Accept", "text/html"), 406, "Not Acceptable"},
		"what is taken":       {"/path-1", title(), append(mine, "Accept", "text/html, application/*;q=0.8"), 200, ""},
		"no JSON":             {"/path-1", "{", mine, 400, "Invalid JSON in request body."},
		"an unknown scenario": {"/path-1", title(), append(mine, "Mockbank-Scenario", "nothing"), 400, ""},
	} {
		var a providertest.Answer
		if text, ok := test.body.(string); ok {
			a = h.Do("POST", gw+test.path, headerOf(test.header), []byte(text))
		} else {
			a = h.Post(gw+test.path, test.body, test.header...)
		}
		if a.Status != test.status || test.says != "" && a.Text("moreInformation") != test.says {
			t.Errorf("%s: %s, want %d %s", name, a, test.status, test.says)
		}
	}
	if a := h.Do("PUT", gw+"/path-1", headerOf(mine), nil); a.Status != 405 || a.Text("httpMessage") != "Method Not Allowed" {
		t.Errorf("%s", a)
	}
	certified := strings.Replace(gw, "sandbox", "link-certification", 1)
	if a := h.Post(certified+"/path-1", title(), mine...); a.Status != 401 {
		t.Errorf("an app of another catalog: %s", a)
	}
}

func headerOf(pairs []string) map[string][]string {
	h := map[string][]string{"Content-Type": {"application/json"}}
	for i := 0; i < len(pairs); i += 2 {
		h[nethttp.CanonicalHeaderKey(pairs[i])] = []string{pairs[i+1]}
	}
	return h
}

func TestRateLimitHeaders(t *testing.T) {
	c := signedIn(t, house(t))
	for i := range 12 {
		c.Advance(time.Second)
		a := c.call("/funds-transfer-rest-service/path-1", object{})
		if i < 10 != (a.Status == 200) {
			t.Errorf("call %d: %s", i+1, a)
		}
		if i == 10 && (a.Header.Get("X-RateLimit-Remaining") != "name=rate-limit,89; name=rate-limit-2,0" || a.Header.Get("X-RateLimit-Reset") != "name=rate-limit,3590; name=rate-limit-2,50" || a.Text("httpMessage") != "Too Many Requests" || a.Header.Get("Retry-After") != "") {
			t.Errorf("%s %v", a, a.Header)
		}
	}
	c.Advance(50 * time.Second)
	wantCode(t, c.call("/funds-transfer-rest-service/path-1", object{}), "80")
}

// No hour from a first call on lets through more than a plan says, whenever the calls come; and what is refused says so.
func TestRateLimitsHoldInEveryWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := signedIn(t, house(t))
		var opened time.Time
		taken := 0
		for range rapid.IntRange(1, 30).Draw(rt, "calls") {
			c.Advance(time.Duration(rapid.IntRange(1, 20).Draw(rt, "pause")) * time.Second)
			now := c.Now()
			if opened.IsZero() || !now.Before(opened.Add(time.Minute)) {
				opened, taken = now, 0
			}
			taken++
			a := c.call("/qr-rest-service/generate", object{})
			if (a.Status == 429) != (taken > 5) {
				rt.Fatalf("call %d of the minute of %s: %s", taken, opened, a)
			}
		}
	})
}

func TestOfflineAPIs(t *testing.T) {
	c := signedIn(t, house(t))
	c.Set("api_offline", []any{"title_fetch"})
	if a := c.call("/path-1", title()); a.Status != 503 || a.Text("moreInformation") != "The API is offline" || a.Header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("%s %v", a, a.Header)
	}
	wantCode(t, c.inquire(), "00")
}

func TestSecretsOpenNothingOnceTheAppIsGone(t *testing.T) {
	for _, event := range []string{"suspend", "delete"} {
		c := signedIn(t, house(t))
		if err := c.Fire("app", "1", event); err != nil {
			t.Fatal(err)
		}
		if a := c.call("/path-1", title()); a.Status != 401 {
			t.Errorf("%s: %s", event, a)
		}
		if a := token(c.House, "client_id="+first+"&client_secret="+secret); a.Status != 401 || a.Text("error") != "invalid_client" {
			t.Errorf("%s: %s", event, a)
		}
	}
}

func TestAPlanThatWaitsForItsApproval(t *testing.T) {
	h := house(t)
	h.Update(func(tx *store.Tx) error {
		client, err := h.Runtime.Client(tx, second)
		if err != nil {
			return err
		}
		changed := *client
		changed.Settings = object{"subscriptions": []any{"1BILL/Free"}}
		return h.Runtime.PutClient(tx, &changed)
	})
	c := as(t, h, second, "mock-client-secret-000000000002")
	wantCode(t, c.inquire(), "00")
	if a := c.call("/path-1", title()); a.Status != 401 {
		t.Errorf("%s", a)
	}
}
