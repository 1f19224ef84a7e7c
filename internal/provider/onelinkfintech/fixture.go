package onelinkfintech

import (
	"time"

	files "github.com/mockbank/mockbank/fixtures"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

// fixtures are what every workspace is born with, as the files have it.
type fixtures struct {
	Keys       []keyFixture       `yaml:"keys"`
	OpenedAt   time.Time          `yaml:"opened_at"`
	Accounts   []accountFixture   `yaml:"accounts"`
	Recipients []recipientFixture `yaml:"recipients"`
}

type keyFixture struct {
	ID       string `yaml:"id"`
	Name     string `yaml:"name"`
	Secret   string `yaml:"secret"`
	Revoked  bool   `yaml:"revoked"`
	Settings struct {
		Platform int    `yaml:"platform"`
		Kind     string `yaml:"key_kind"`
	} `yaml:"settings"`
}

type accountFixture struct {
	ID       string `yaml:"id"`
	Platform int    `yaml:"platform"`
	Owner    string `yaml:"owner"`
	Email    string `yaml:"email"`
	Currency string `yaml:"currency"`
	Balance  int64  `yaml:"balance"`
}

type recipientFixture struct {
	ID     string `yaml:"id"`
	Holder string `yaml:"holder"`
}

func readFixtures() (fixtures, error) {
	var all fixtures
	for _, name := range []string{"keys", "accounts", "recipients"} {
		path := ID + "/" + name + ".yaml"
		data, err := files.FS.ReadFile(path)
		if err != nil {
			return all, err
		}
		if err := strictyaml.Unmarshal("fixtures/"+path, data, &all); err != nil {
			return all, err
		}
	}
	return all, nil
}

// clients are the keys as API clients, with settings as JSON would have them.
func (f *fixtures) clients() []oauth.Client {
	clients := make([]oauth.Client, len(f.Keys))
	for i, key := range f.Keys {
		clients[i] = oauth.Client{
			ID: key.ID, Name: key.Name, Secret: key.Secret,
			Settings: map[string]any{"platform": float64(key.Settings.Platform), "key_kind": key.Settings.Kind},
		}
	}
	return clients
}

// lay makes the entities of a new workspace.
func (f *fixtures) lay(c *provider.Call) error {
	for i, account := range f.Accounts {
		if err := f.layAccount(c, account, i); err != nil {
			return err
		}
	}
	for _, key := range f.Keys {
		if err := f.layKey(c, key); err != nil {
			return err
		}
	}
	return nil
}

func (f *fixtures) layAccount(c *provider.Call, from accountFixture, place int) error {
	name, err := accounts.kind.Next(c)
	if err != nil {
		return err
	}
	_, err = accounts.kind.Create(c, name, from.ID, &Account{
		Origin:   Origin{Platform: from.Platform, Number: name.Number},
		Currency: from.Currency, Balance: from.Balance, Owner: owner{Name: from.Owner, Email: from.Email},
		IBAN: iban(firstSettlement, place), Settlement: true,
	}, provider.At(f.OpenedAt))
	return err
}

func (f *fixtures) layKey(c *provider.Call, from keyFixture) error {
	name, err := keys.Next(c)
	if err != nil {
		return err
	}
	made, err := keys.Create(c, name, from.ID, &Key{Platform: from.Settings.Platform}, provider.At(f.OpenedAt), provider.MadeBy(from.ID))
	if err != nil || !from.Revoked {
		return err
	}
	return keys.Fire(c, made, "revoke")
}
