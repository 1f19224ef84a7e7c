package link1

import (
	"time"

	files "github.com/mockbank/mockbank/fixtures"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

// fixtures are what every workspace is born with, as the files have it.
type fixtures struct {
	Users     []userFixture    `yaml:"users"`
	Apps      []appFixture     `yaml:"apps"`
	Banks     []bankFixture    `yaml:"banks"`
	Accounts  []accountFixture `yaml:"accounts"`
	Companies []company        `yaml:"companies"`
	Consumers []string         `yaml:"consumers"`
}

type userFixture struct {
	ID            string `yaml:"id"`
	Name          string `yaml:"name"`
	Organisation  string `yaml:"organisation"`
	Sort          string `yaml:"kind"`
	Email         string `yaml:"email"`
	Password      string `yaml:"password"`
	Administrator bool   `yaml:"administrator"`
}

type appFixture struct {
	ID             string   `yaml:"id"`
	Name           string   `yaml:"name"`
	Owner          string   `yaml:"owner"`
	Client         string   `yaml:"client"`
	Secret         string   `yaml:"secret"`
	CallbackSecret string   `yaml:"callback_secret"`
	Subscriptions  []string `yaml:"subscriptions"`
	Exhausted      bool     `yaml:"exhausted"`
}

// bankFixture is a member bank.
type bankFixture struct {
	IMD    string `yaml:"imd"`
	Name   string `yaml:"name"`
	Branch string `yaml:"branch"`
	Down   bool   `yaml:"down"` // as its story tells
}

type accountFixture struct {
	IBAN     string `yaml:"iban"`
	Title    string `yaml:"title"`
	Bank     string `yaml:"bank"`
	Balance  int64  `yaml:"balance"` // in paisa
	Merchant string `yaml:"merchant"`
}

// company sends bills.
type company struct {
	Code  string `yaml:"code"`
	Name  string `yaml:"name"`
	Parts bool   `yaml:"parts"` // takes part payments
}

func (f *fixtures) read() error {
	for _, name := range []string{"apps", "bank"} {
		if err := readFile(name, f); err != nil {
			return err
		}
	}
	return nil
}

func readFile(name string, into any) error {
	path := ID + "/" + name + ".yaml"
	data, err := files.FS.ReadFile(path)
	if err != nil {
		return err
	}
	return strictyaml.Unmarshal("fixtures/"+path, data, into)
}

// bornAt is when the fixtures came to be, whenever a workspace is read.
var bornAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// clients are the credential pairs as API clients.
func (f *fixtures) clients() []oauth.Client {
	clients := make([]oauth.Client, len(f.Apps))
	for i, app := range f.Apps {
		clients[i] = oauth.Client{ID: app.Client, Name: app.Name, Secret: app.Secret, Settings: map[string]any{"callback_secret": app.CallbackSecret}}
	}
	return clients
}

// lay makes the entities of a new workspace.
func (l *link) lay(c *provider.Call) error {
	people := map[string]*provider.Entity[User]{}
	for _, from := range l.Users {
		made, err := layUser(c, from)
		if err != nil {
			return err
		}
		people[from.ID] = made
	}
	for _, from := range l.Apps {
		if err := l.layApp(c, from, people[from.Owner]); err != nil {
			return err
		}
	}
	for _, from := range l.Accounts {
		if err := layAccount(c, from); err != nil {
			return err
		}
	}
	return nil
}

func layUser(c *provider.Call, from userFixture) (*provider.Entity[User], error) {
	name, err := users.Next(c)
	if err != nil {
		return nil, err
	}
	data := &User{
		Name: from.Name, Organisation: from.Organisation, Sort: from.Sort, Email: from.Email,
		Password: digestPassword(from.ID, from.Password), Administrator: from.Administrator, Terms: 1, Activation: link24(bornAt, 1),
	}
	made, err := users.Create(c, name, from.ID, data, provider.At(bornAt))
	if err != nil {
		return nil, err
	}
	return made, users.Fire(c, made, "activate")
}

func (l *link) layApp(c *provider.Call, from appFixture, owner *provider.Entity[User]) error {
	name, err := apps.Next(c)
	if err != nil {
		return err
	}
	app, err := apps.Create(c, name, from.ID, &App{
		Name: from.Name, Catalog: sandbox, Owner: owner.ID(), CallbackSecret: from.CallbackSecret, Exhausted: from.Exhausted,
	}, provider.At(bornAt), provider.ChildOf(owner))
	if err != nil {
		return err
	}
	if err := addCredential(c, app, from.Client, provider.At(bornAt), provider.MadeBy(from.Client)); err != nil {
		return err
	}
	for _, text := range from.Subscriptions {
		if err := l.subscribe(c, app, text, provider.At(bornAt)); err != nil {
			return err
		}
	}
	return nil
}

func layAccount(c *provider.Call, from accountFixture) error {
	name, err := accounts.Next(c)
	if err != nil {
		return err
	}
	if _, err := accounts.Create(c, name, from.IBAN, &Account{Title: from.Title, Bank: from.Bank, Balance: from.Balance}, provider.At(bornAt)); err != nil {
		return err
	}
	if from.Merchant == "" {
		return nil
	}
	return addMerchant(c, &merchantDetails{ID: from.Merchant, Name: from.Title, DBA: "MOCK STORE", IBAN: from.IBAN, Category: "5411"}, provider.At(bornAt))
}
