package finqlink

import (
	"github.com/mockbank/mockbank/internal/provider"
)

// The effects of a job: what it brings to its consent at each of its steps.

// loadAccounts brings the customer's accounts. Those that an earlier job brought are read again.
func (f *finqlink) loadAccounts(c *provider.Call, job *provider.Entity[Job]) error {
	known, err := accountsOf(c, job.Data.ConsentID)
	if err != nil {
		return err
	}
	for _, e := range known {
		e.Data.LoadedAt = c.Now()
		accounts.Update(c, e)
	}
	job.Data.Results.Accounts = len(known)
	if len(known) > 0 {
		return nil
	}
	return f.openAccounts(c, job)
}

// openAccounts gives a consent the accounts of the customer who gave it.
func (f *finqlink) openAccounts(c *provider.Call, job *provider.Entity[Job]) error {
	consent, err := consents.Get(c, job.Data.ConsentID)
	if err != nil {
		return err
	}
	held, err := f.holdings(c, consent.Data, ratePer180Days(c, job.Data))
	if err != nil {
		return err
	}
	for i, h := range held {
		name, err := accounts.Next(c)
		if err != nil {
			return err
		}
		_, err = accounts.Create(c, name, name.UUID(), &Account{
			ConsentID: consent.ID(), Place: i + 1, BankID: consent.Data.Payer.ID, IBAN: h.IBAN, Name: h.Name, Book: h.book,
			Since: c.Now().Add(-history), LoadedAt: c.Now(),
		}, provider.ChildOf(consent), provider.MadeBy(consent.Client()))
		if err != nil {
			return err
		}
		consent.Data.Accounts = append(consent.Data.Accounts, consentAccount{ID: name.UUID(), IBAN: h.IBAN, Currency: h.Currency, Name: h.Name})
	}
	job.Data.Results.Accounts = len(held)
	consents.Update(c, consent)
	return nil
}

// ratePer180Days is how much happens on the accounts: what the workspace says, and nothing in a story without
// transactions.
func ratePer180Days(c *provider.Call, j *Job) int {
	if j.Empty {
		return 0
	}
	return provider.Whole(provider.Setting[any](c, "transactions_per_account"))
}

// loadBalances brings the balances of all accounts as they are now. A failing account fails here where there is no later
// step for it to fail at.
func (f *finqlink) loadBalances(c *provider.Call, job *provider.Entity[Job]) error {
	consent, err := consents.Get(c, job.Data.ConsentID)
	if err != nil {
		return err
	}
	return eachAccount(c, job, balancesScope, !consent.Data.opens(transactionsScope), func(e *provider.Entity[Account]) error {
		e.Data.Balanced = c.Now()
		count, err := keepBalances(c, e, job.Data.Results.Balances)
		job.Data.Results.Balances += count
		return err
	})
}

// fetchTransactions brings what happened on the accounts since the last job.
func (f *finqlink) fetchTransactions(c *provider.Call, job *provider.Entity[Job]) error {
	moved := &job.Data.Results.Transactions
	return eachAccount(c, job, transactionsScope, true, func(e *provider.Entity[Account]) error {
		fresh, updated := e.Data.fetch(c.Now())
		moved.New, moved.Updated = moved.New+fresh, moved.Updated+updated
		return nil
	})
}

// eachAccount does one step of a job for the accounts of its consent, but for the one that its story has fail, where this
// is the step at which it does.
func eachAccount(c *provider.Call, job *provider.Entity[Job], step string, fails bool, do func(*provider.Entity[Account]) error) error {
	all, err := accountsOf(c, job.Data.ConsentID)
	if err != nil {
		return err
	}
	for _, e := range all {
		if fails && e.Data.Place == job.Data.FailingAccount {
			job.Data.Results.Errors = append(job.Data.Results.Errors, jobError{AccountID: e.ID(), Step: step, Message: "The bank did not answer for this account"})
			continue
		}
		if err := do(e); err != nil {
			return err
		}
		accounts.Update(c, e)
	}
	return nil
}
