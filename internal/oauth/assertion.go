package oauth

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/problem"
)

// AssertionType is the only client_assertion_type (RFC 7523 section 2.2).
const AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

var assertionLimits = keys.Limits{Header: 4 << 10, Payload: 16 << 10}

const maxJTI = 256

// byAssertion checks form, signature and claims in this order, and uses the assertion up last.
func (e Endpoint) byAssertion(form Form, wall time.Time) (Client, error) {
	switch {
	case form["client_assertion_type"] != AssertionType:
		return Client{}, badRequest("client_assertion_type must be %s", AssertionType)
	case form["client_assertion"] == "":
		return Client{}, badRequest("client_assertion is missing")
	case form["client_id"] == "":
		return Client{}, badRequest("client_id is missing")
	}
	jws, err := keys.Parse(form["client_assertion"], assertionLimits)
	if err != nil {
		return Client{}, e.badAssertion(err)
	}
	client, err := e.signer(jws, form["client_id"])
	if err != nil {
		return Client{}, err
	}
	claims, err := jws.Claims("iss", "sub", "aud", "exp", "nbf", "iat", "jti")
	if err != nil {
		return Client{}, e.badAssertion(err)
	}
	if err := e.checkClaims(claims, client, wall); err != nil {
		return Client{}, err
	}
	if err := e.useOnce(claims, client); err != nil {
		return Client{}, err
	}
	return client, nil
}

func (e Endpoint) badAssertion(err error) *Error {
	return e.badClient("client_assertion: %s", problem.From(err).Message).because(err)
}

// signer finds the client whose registered key signed. An unknown client, an unknown key and a wrong
// signature look alike to the caller; the log has the difference.
func (e Endpoint) signer(jws *keys.JWS, id string) (Client, error) {
	unproven := func(cause error) error {
		return e.badClient("client_assertion is not signed with a registered key of the client; " +
			"check client_id, and kid and alg in the header").because(cause)
	}
	if len(id) > maxCredential {
		return Client{}, unproven(nil)
	}
	client, found, err := e.Clients.Client(id)
	if err != nil {
		return Client{}, fmt.Errorf("oauth: find the client: %w", err)
	}
	if !found {
		return Client{}, unproven(fmt.Errorf("there is no client of this id"))
	}
	if err := client.verify(jws); err != nil {
		return Client{}, unproven(err)
	}
	return client, nil
}

func (c Client) verify(jws *keys.JWS) error {
	all, err := c.Keys()
	if err != nil {
		return err
	}
	for _, key := range all {
		if key.Kid != jws.Kid() {
			continue
		}
		alg := c.algOf(key)
		if c.fapi2() && alg == keys.RS256 {
			return fmt.Errorf("the profile fapi2 does not take RS256")
		}
		return jws.Verify(key, alg)
	}
	return fmt.Errorf("none of the client's %d keys has this kid", len(all))
}

// checkClaims may speak plainly: the client has proven who it is.
func (e Endpoint) checkClaims(claims map[string]any, client Client, wall time.Time) error {
	for _, name := range []string{"iss", "sub"} {
		if claims[name] != client.ID {
			return e.badClient("client_assertion: %s must be the client_id", name)
		}
	}
	if err := e.checkAudience(claims["aud"], client); err != nil {
		return err
	}
	if err := e.checkTimes(claims, wall); err != nil {
		return err
	}
	if jti, ok := claims["jti"].(string); !ok || jti == "" || len(jti) > maxJTI {
		return e.badClient("client_assertion: jti must be a text of 1 to %d bytes, new in each assertion", maxJTI)
	}
	return nil
}

func (e Endpoint) checkAudience(claim any, client Client) error {
	audiences, ok := texts(claim)
	if client.fapi2() {
		if !ok || len(audiences) != 1 || !slices.Contains(e.Issuers, audiences[0]) {
			return e.badClient("client_assertion: aud must be the issuer alone, which is %s", first(e.Issuers))
		}
		return nil
	}
	ours := func(aud string) bool { return slices.Contains(e.Issuers, aud) || slices.Contains(e.TokenURLs, aud) }
	if !ok || !slices.ContainsFunc(audiences, ours) {
		return e.badClient("client_assertion: aud must be the token URL or the issuer, such as %s", first(e.TokenURLs))
	}
	return nil
}

// texts reads a text or an array of texts.
func texts(claim any) ([]string, bool) {
	if one, ok := claim.(string); ok {
		return []string{one}, true
	}
	list, ok := claim.([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		text, isText := item.(string)
		ok = ok && isText
		out = append(out, text)
	}
	return out, ok
}

func first(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return list[0]
}

// checkTimes names the server's time: a client whose clock is wrong can not guess it.
func (e Endpoint) checkTimes(claims map[string]any, wall time.Time) error {
	const clock = "the server judges assertions by the wall clock, which reads %s"
	now := wall.UTC().Format(time.RFC3339)
	exp, ok := instant(claims["exp"])
	switch {
	case !ok:
		return e.badClient("client_assertion: exp must be a number of seconds since 1970")
	case !exp.After(wall):
		return e.badClient("client_assertion: exp has passed; "+clock, now)
	case exp.Sub(wall) > MaxAssertionLife:
		return e.badClient("client_assertion: exp is more than %v ahead; "+clock, MaxAssertionLife, now)
	}
	for _, name := range []string{"nbf", "iat"} {
		claim, given := claims[name]
		at, ok := instant(claim)
		if given && !ok {
			return e.badClient("client_assertion: %s must be a number of seconds since 1970", name)
		}
		if given && at.Sub(wall) > MaxAhead {
			return e.badClient("client_assertion: %s is more than %v ahead; "+clock, name, MaxAhead, now)
		}
	}
	return nil
}

// instant reads a NumericDate (RFC 7519 section 2), fractions included, up to the year 9999.
func instant(claim any) (time.Time, bool) {
	number, ok := claim.(json.Number)
	if !ok {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseFloat(string(number), 64)
	if err != nil || seconds < 0 || seconds > 253402300799 {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), true
}

func (e Endpoint) useOnce(claims map[string]any, client Client) error {
	until, _ := instant(claims["exp"])
	fresh, err := e.Replay.UseOnce(client.ID, claims["jti"].(string), until)
	if err != nil {
		return fmt.Errorf("oauth: remember the assertion: %w", err)
	}
	if !fresh {
		return e.badClient("client_assertion: this jti was used before; make a new assertion for each request")
	}
	return nil
}
