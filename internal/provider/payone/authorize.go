package payone

import (
	"fmt"
	"slices"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The operations, as the spec names them.
const (
	createOp = "createPaymentLink"
	listOp   = "getPaymentLinks"
	getOp    = "getPaymentLink"
	updateOp = "updatePaymentLink"
)

var (
	authorizeGuard = provider.Guard{Name: "authorization", Check: authorize}
	lookupGuard    = provider.Guard{Name: "lookup", Check: lookup}
)

// guards stand in the provider's order: who calls is known before the fields are looked at, and which link is
// meant before they are refused.
func guards(op *provider.Operation) []provider.Guard {
	all := []provider.Guard{provider.Size, provider.Media, provider.Syntax, authorizeGuard}
	if op.Name == getOp || op.Name == updateOp {
		all = append(all, lookupGuard)
	}
	return all
}

// authorize finds the portal that signed, and looks whether it may do this and how often it called.
func authorize(c *provider.Call) error {
	claimed, err := claimOf(c)
	if err != nil {
		return err
	}
	portal, err := signer(c, claimed)
	if err != nil {
		return err
	}
	c.Admit(portal, nil)
	used, err := count(c)
	if err != nil {
		return err
	}
	if err := permit(c, claimed); err != nil {
		return err
	}
	return used.refusal(c)
}

func claimOf(c *provider.Call) (claim, error) {
	switch c.Name() {
	case listOp:
		return claimOfQuery(c), nil
	case getOp:
		link, err := links.Get(c, c.Params["linkId"])
		if err != nil || link == nil {
			return claimOfLink(c.Params["linkId"], nil), err
		}
		return claimOfLink(link.ID(), link.Data), nil
	}
	body, err := c.Payload.Decode()
	return claimOfBody(body), err
}

// signer is the portal whose key made the token. Who asks for a link that there is not is any portal.
func signer(c *provider.Call, claimed claim) (*oauth.Client, error) {
	candidates, err := candidates(c, claimed)
	if err != nil {
		return nil, err
	}
	sent, ok := sentToken(c.Header.Values("Authorization"))
	var found *oauth.Client
	for _, portal := range candidates {
		if ok && (portal.AnySecret || claimed.signedBy(portal.Secret, sent)) {
			found = portal
		}
	}
	if found == nil {
		return nil, unauthorized(claimed, ok, len(candidates) > 0)
	}
	return found, nil
}

func candidates(c *provider.Call, claimed claim) ([]*oauth.Client, error) {
	if claimed.portal == "" && !claimed.signsMode {
		return c.Clients()
	}
	portal, err := c.Client(claimed.portal)
	if err != nil || portal == nil {
		return nil, err
	}
	return []*oauth.Client{portal}, nil
}

// longestShown bounds what the log repeats of a stranger's text.
const longestShown = 500

// unauthorized says the same to everyone. What an integrator needs to find the mistake is for the log.
func unauthorized(claimed claim, sent, known bool) error {
	message := claimed.message()
	if len(message) > longestShown {
		message = message[:longestShown]
	}
	cause := fmt.Errorf("the token is not that of the string to sign, %q", message)
	switch {
	case !known:
		cause = fmt.Errorf("there is no portal %.40q; the string to sign was %q", claimed.portal, message)
	case !sent:
		cause = fmt.Errorf("the Authorization header is not %s and a token in Base64; the string to sign was %q", scheme, message)
	}
	refusal := problem.Error{Kind: problem.Unauthenticated, Message: "Invalid authorization", Err: cause}
	return refusal.With("WWW-Authenticate", scheme)
}

// permit refuses what is another portal's. A field that is missing is the schema's to refuse, and so is a mode
// that is none.
func permit(c *provider.Call, claimed claim) error {
	merchant := provider.ClientSetting[string](c, "merchant_id")
	accounts := provider.ClientSetting[[]any](c, "account_ids")
	modes := provider.ClientSetting[[]any](c, "modes")
	switch {
	case merchant != "" && claimed.merchant != "" && claimed.merchant != merchant:
	case len(accounts) > 0 && claimed.account != "" && !slices.Contains(accounts, any(claimed.account)):
	case (claimed.mode == "test" || claimed.mode == "live") && !slices.Contains(modes, any(claimed.mode)):
	default:
		return nil
	}
	return problem.New(problem.Forbidden, "", "Portal not permitted for this merchant, account or mode")
}

// lookup refuses a link that there is not, or that is another portal's.
func lookup(c *provider.Call) error {
	_, err := linkOf(c)
	return err
}

// linkOf is the link that the path names.
func linkOf(c *provider.Call) (*provider.Entity[Link], error) {
	link, err := links.Get(c, c.Params["linkId"])
	if err != nil {
		return nil, err
	}
	if link == nil || link.Data.PortalID != c.Principal.Client {
		return nil, problem.New(problem.NotFound, "", "Payment link not found")
	}
	return link, nil
}
