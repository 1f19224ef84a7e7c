package onelinkfintech

import "github.com/mockbank/mockbank/internal/provider"

// keys are the states of API keys. The key itself is the secret of the client of the same id; a client that has no
// entity beside it, because the control API registered it, counts as active.
const keys provider.Kind[Key] = "key"

// Key is what is stored of an API key besides its client.
type Key struct {
	Platform int `json:"platform"`
}

// The states of a key that code looks at, besides active.
const (
	rolling = "rolling"
	revoked = "revoked"
)

func keyKind() provider.KindDef { return keys.Define(provider.Def[Key]{}) }
