package link1

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

// Who signs up at the portal, and what is theirs: applications, each with credential pairs and plans.
const (
	users         provider.Kind[User]         = "user"
	apps          provider.Kind[App]          = "app"
	credentials   provider.Kind[Credential]   = "credential"
	subscriptions provider.Kind[Subscription] = "subscription"
	tickets       provider.Kind[Ticket]       = "ticket"
	topics        provider.Kind[Topic]        = "topic"
)

// The two catalogs, as paths have them.
const (
	sandbox       = "sandbox"
	certification = "link-certification"
)

// User is a person with an account at the portal.
type User struct {
	Name          string   `json:"name"`
	Organisation  string   `json:"organisation"`
	Sort          string   `json:"sort"` // of the organisation: Fintech, PSO/PSP or Business
	Email         string   `json:"email"`
	Password      string   `json:"password"` // its digest
	Administrator bool     `json:"administrator,omitzero"`
	Terms         int      `json:"terms"`             // the version that was accepted
	Failures      int      `json:"failures,omitzero"` // wrong passwords in a row
	Activation    mailLink `json:"activation"`
	Reset         mailLink `json:"reset,omitzero"`
}

// mailLink is a link that was sent by mail. Its token derives from the entity and Count, and is stored nowhere.
type mailLink struct {
	Count int       `json:"count"`
	Until time.Time `json:"until"`
	Used  bool      `json:"used,omitzero"`
}

const (
	linkLife      = 24 * time.Hour
	linkAlphabet  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	linkLength    = 43
	activation    = "activation"
	passwordReset = "password-reset"
)

func link24(now time.Time, count int) mailLink {
	return mailLink{Count: count, Until: now.Add(linkLife)}
}

// linkToken is the token of a link of this purpose that was sent to a user, whose id it begins with.
func linkToken(c *provider.Call, e *provider.Entity[User], purpose string, link mailLink) string {
	return e.ID() + "." + users.NameOf(c, e).Text(fmt.Sprintf("%s/%d/%d", purpose, link.Count, link.Until.UnixMicro()), linkLength, linkAlphabet)
}

const byEmail = "email"

func emailKey(email string) provider.Key {
	return provider.Key{}.Text(strings.ToLower(strings.TrimSpace(email)))
}

func userKind() provider.KindDef {
	return users.Define(provider.Def[User]{
		Index: func(e *provider.Entity[User]) []provider.Index {
			return []provider.Index{{Name: byEmail, Key: emailKey(e.Data.Email), Unique: true}}
		},
	})
}

// passwordRounds make a guess cost a few milliseconds.
const passwordRounds = 10_000

// digestPassword is what is kept of a password. The salt is the user's id, so that the same run gives the same bytes.
func digestPassword(user, password string) string {
	key, err := pbkdf2.Key(sha256.New, password, []byte("mockbank 1link "+user), passwordRounds, sha256.Size)
	if err != nil {
		return "" // Which no password has: only a length that is out of bounds is refused.
	}
	return hex.EncodeToString(key)
}

// hasPassword compares in constant time.
func hasPassword(e *provider.Entity[User], password string) bool {
	got := digestPassword(e.ID(), password)
	return got != "" && subtle.ConstantTimeCompare([]byte(got), []byte(e.Data.Password)) == 1
}

// App is an application. Its callbacks and plans are those of all its pairs.
type App struct {
	Name           string `json:"name"`
	Description    string `json:"description,omitzero"`
	Catalog        string `json:"catalog"`
	Owner          string `json:"owner"`
	RedirectURL    string `json:"redirect_url,omitzero"`
	Certificate    string `json:"certificate,omitzero"`
	CallbackURL    string `json:"callback_url,omitzero"`
	CallbackSecret string `json:"callback_secret"`
	Exhausted      bool   `json:"exhausted,omitzero"` // its limits are always used up
}

const (
	byOwner = "owner"
	byName  = "name"
)

func appKind() provider.KindDef {
	return apps.Define(provider.Def[App]{
		Parent: string(users),
		Index: func(e *provider.Entity[App]) []provider.Index {
			return []provider.Index{{Name: byOwner, Key: provider.Key{}.Text(e.Data.Owner)}, {Name: byName, Key: provider.Key{}.Text(e.Data.Name)}}
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[App]) error{"revoke_tokens": revokeAppTokens},
	})
}

// appNamed finds the first application of a name; nil where there is none.
func appNamed(c *provider.Call, name string) (found *provider.Entity[App], err error) {
	err = apps.List(c, byName, provider.Range{Prefix: provider.Key{}.Text(name)}, func(e *provider.Entity[App]) (bool, error) {
		found = e
		return false, nil
	})
	return found, err
}

// Credential is a pair of client id, which is its own id, and secret, which the API client of that id has.
type Credential struct {
	App     string `json:"app"`
	Secrets int    `json:"secrets,omitzero"` // that were made by resetting
}

const byApp = "app"

func appKey(app string) provider.Key { return provider.Key{}.Text(app) }

func credentialKind() provider.KindDef {
	return credentials.Define(provider.Def[Credential]{
		Parent: string(apps),
		Index: func(e *provider.Entity[Credential]) []provider.Index {
			return []provider.Index{{Name: byApp, Key: appKey(e.Data.App)}}
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[Credential]) error{"revoke_tokens": revokeCredentialTokens},
	})
}

func addCredential(c *provider.Call, app *provider.Entity[App], client string, options ...provider.Option) error {
	name, err := credentials.Next(c)
	if err != nil {
		return err
	}
	_, err = credentials.Create(c, name, client, &Credential{App: app.ID()}, append(options, provider.ChildOf(app))...)
	return err
}

// Ticket is a question to support.
type Ticket struct {
	Owner string `json:"owner"`
	Email string `json:"email"`
	Topic string `json:"topic"` // Question, Suggestion or Business proposal
	Text  string `json:"text"`
	Reply string `json:"reply,omitzero"`
}

func ticketKind() provider.KindDef {
	return tickets.Define(provider.Def[Ticket]{
		Parent: string(users),
		Index: func(e *provider.Entity[Ticket]) []provider.Index {
			return []provider.Index{{Name: byOwner, Key: provider.Key{}.Text(e.Data.Owner)}, {Name: "all"}}
		},
	})
}

// Topic is a thread of the forum.
type Topic struct {
	Title string `json:"title"`
	Owner string `json:"owner"`
	Posts []Post `json:"posts"`
}

// Post is what somebody wrote in a topic.
type Post struct {
	By     string    `json:"by"`
	Expert bool      `json:"expert,omitzero"` // of 1LINK
	At     time.Time `json:"at"`
	Text   string    `json:"text"`
}

func topicKind() provider.KindDef {
	return topics.Define(provider.Def[Topic]{
		Parent: string(users),
		Index:  func(*provider.Entity[Topic]) []provider.Index { return []provider.Index{{Name: "all"}} },
		State:  func(*Topic, time.Time) string { return "open" },
	})
}
