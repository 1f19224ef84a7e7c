package scripttest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// notification is a message in an inbox, as its receiver would read it.
type notification struct {
	status    string // of the payment
	body      string
	signature string
	kid       string
}

// inbox reads what an inbox got of the present link, oldest first.
func inbox(ts *testscript.TestScript, name string) ([]notification, error) {
	if err := call(ts, "200", http.MethodGet, ts.Getenv("CONTROL")+"/inbox/"+name+"?limit=500", nil); err != nil {
		return nil, err
	}
	var page struct {
		Items []struct {
			Headers http.Header
			Body    string
		}
	}
	if err := json.Unmarshal([]byte(taleOf(ts).reply.text), &page); err != nil {
		return nil, err
	}
	var found []notification
	for _, item := range page.Items {
		var about struct {
			LinkID string `json:"link_id"`
			Status string
		}
		if err := json.Unmarshal([]byte(item.Body), &about); err != nil {
			return nil, err
		}
		if about.LinkID == ts.Getenv("LINK") {
			found = append(found, notification{about.Status, item.Body, item.Headers.Get("X-Signature"), item.Headers.Get("X-Signature-Kid")})
		}
	}
	return found, nil
}

type publicKey struct{ Kid, N, E string }

// published are the provider's keys, newest first.
func published(ts *testscript.TestScript) ([]publicKey, error) {
	if err := call(ts, "200", http.MethodGet, ts.Getenv("API")+"/.well-known/jwks.json", nil); err != nil {
		return nil, err
	}
	var set struct{ Keys []publicKey }
	err := json.Unmarshal([]byte(taleOf(ts).reply.text), &set)
	if err == nil && len(set.Keys) != 2 {
		err = fmt.Errorf("%d keys are published, want two", len(set.Keys))
	}
	return set.Keys, err
}

// signed tells by which of the published keys the last notification is signed, and verifies it with that key.
func signed(ts *testscript.TestScript, args []string) error {
	messages, err := inbox(ts, args[0])
	if err != nil || len(messages) == 0 {
		return errors.Join(err, fmt.Errorf("the inbox %s has %d messages about this payment", args[0], len(messages)))
	}
	keys, err := published(ts)
	if err != nil {
		return err
	}
	last, found := messages[len(messages)-1], "unknown"
	for i, name := range []string{"current", "previous"} {
		if keys[i].Kid == last.kid {
			found = name
			if err := last.verify(keys[i]); err != nil {
				return err
			}
		}
	}
	if found != args[1] {
		return fmt.Errorf("the key of the last message is %s, want %s", found, args[1])
	}
	return nil
}

// verify does what the provider asks of receivers: the payload of the JWS is the body, and the signature is the
// key's. It uses nothing but the standard library, so that no mistake is shared with the signer.
func (n notification) verify(key publicKey) error {
	part := strings.Split(n.signature, ".")
	if len(part) != 3 {
		return fmt.Errorf("the signature is no compact JWS: %q", n.signature)
	}
	var wrong error
	decode := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		wrong = errors.Join(wrong, err)
		return b
	}
	var header struct{ Alg, Kid string }
	wrong = errors.Join(json.Unmarshal(decode(part[0]), &header), wrong)
	payload, signature := decode(part[1]), decode(part[2])
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(decode(key.N)), E: int(new(big.Int).SetBytes(decode(key.E)).Int64())}
	switch {
	case wrong != nil:
		return wrong
	case header.Alg != "RS256" || header.Kid != n.kid:
		return fmt.Errorf("the protected header is %+v beside the kid %s", header, n.kid)
	case !bytes.Equal(payload, []byte(n.body)):
		return fmt.Errorf("the payload is not the body: %q and %q", payload, n.body)
	}
	digest := sha256.Sum256([]byte(part[0] + "." + part[1]))
	return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature)
}
