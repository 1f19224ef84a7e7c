package keys

import (
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/mockbank/mockbank/internal/problem"
)

// Limits bounds the decoded parts of a JWS, in bytes.
type Limits struct{ Header, Payload int }

// maxSignature is that of the longest RSA key that ParsePublic takes.
const maxSignature = maxRSABits / 8

// JWS is a compact JWS whose form was checked and whose signature was not: until Verify returns nil, all of
// it is the sender's claim.
type JWS struct {
	Header  map[string]any
	Payload []byte

	input     string
	signature []byte
}

// Parse reads the compact form: exactly three segments of strict base64url, the first of them a JSON object
// with a textual alg. It refuses what would change the meaning of the rest, which is crit and b64. Its errors are
// Malformed or TooLarge problems.
func Parse(compact string, limits Limits) (*JWS, error) {
	segments := strings.SplitN(compact, ".", 4)
	if len(segments) != 3 {
		return nil, malformed("a compact JWS has three segments divided by dots, not %d", strings.Count(compact, ".")+1)
	}
	parts := [3][]byte{}
	for i, bound := range []int{limits.Header, limits.Payload, maxSignature} {
		part, err := segment(i, segments[i], bound)
		if err != nil {
			return nil, err
		}
		parts[i] = part
	}
	header, err := object("the JWS header", parts[0], "alg", "kid", "crit", "b64")
	if err != nil {
		return nil, err
	}
	if err := checkHeader(header); err != nil {
		return nil, err
	}
	input := compact[:strings.LastIndexByte(compact, '.')]
	return &JWS{Header: header, Payload: parts[1], input: input, signature: parts[2]}, nil
}

func segment(i int, text string, bound int) ([]byte, error) {
	name := [...]string{"header", "payload", "signature"}[i]
	if text == "" {
		return nil, malformed("the JWS has no %s", name)
	}
	if len(text) > (bound*8+5)/6 {
		return nil, problem.Newf(problem.TooLarge, "", "the JWS %s is longer than %d bytes", name, bound)
	}
	part, ok := unb64(text)
	if !ok {
		return nil, malformed("the JWS %s is not base64url without padding and line breaks", name)
	}
	return part, nil
}

func checkHeader(header map[string]any) error {
	for _, name := range []string{"crit", "b64"} {
		if _, ok := header[name]; ok {
			return malformed("the JWS header has %q, which is not supported; leave it out", name)
		}
	}
	if alg, ok := header["alg"].(string); !ok || alg == "" {
		return malformed("the JWS header needs alg, a text")
	}
	if kid, ok := header["kid"]; ok {
		if _, ok := kid.(string); !ok {
			return malformed("kid in the JWS header must be a text")
		}
	}
	return nil
}

// Kid is what the header says of the key; empty when it says nothing.
func (j *JWS) Kid() string {
	kid, _ := j.Header["kid"].(string)
	return kid
}

// Claims reads the payload as a JSON object, as strictly as the header. The known names must be written
// exactly so.
func (j *JWS) Claims(known ...string) (map[string]any, error) {
	return object("the JWT payload", j.Payload, known...)
}

// Verify checks the signature by this key and this algorithm. A JWS that names another algorithm, a key of
// another type and a wrong signature are Unauthenticated problems.
func (j *JWS) Verify(key PublicKey, alg Alg) error {
	if !alg.named(j.Header["alg"]) {
		return problem.Newf(problem.Unauthenticated, "", "the JWS must be signed with %s", alg)
	}
	if !alg.Fits(key) {
		return problem.Newf(problem.Unauthenticated, "", "the registered key can not be used with %s", alg)
	}
	verifier, err := jws.NewVerifier(jwa.SignatureAlgorithm(alg))
	if err == nil {
		err = verifier.Verify([]byte(j.input), j.signature, key.Key)
	}
	if err != nil {
		return &problem.Error{Kind: problem.Unauthenticated, Message: "the signature is wrong for the registered key", Err: err}
	}
	return nil
}

func malformed(format string, args ...any) *problem.Error {
	return problem.Newf(problem.Malformed, "", format, args...)
}
