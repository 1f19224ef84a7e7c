package finqlink

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

func (f *finqlink) jobKind() provider.KindDef {
	return jobs.Define(provider.Def[Job]{
		Parent: string(consents),
		Effects: map[string]func(*provider.Call, *provider.Entity[Job]) error{
			"load_accounts":      f.loadAccounts,
			"load_balances":      f.loadBalances,
			"fetch_transactions": f.fetchTransactions,
			"fail":               failJob,
		},
	})
}

// failJob notes the step that the bank did not answer.
func failJob(_ *provider.Call, e *provider.Entity[Job]) error {
	step := transactionsScope
	switch e.State() {
	case jobStarted:
		step = accountsScope
	case accountsReady:
		step = balancesScope
	}
	e.Data.Results.Errors = append(e.Data.Results.Errors, jobError{Step: step, Message: "The bank does not answer"})
	return nil
}

// startJob begins a refresh, of which url is told.
func startJob(c *provider.Call, consent *provider.Entity[Consent], url string) (*provider.Entity[Job], error) {
	name, err := jobs.Next(c)
	if err != nil {
		return nil, err
	}
	job := &Job{ConsentID: consent.ID(), CallbackURL: url, StartedAt: c.Now(), Results: results{Errors: []jobError{}}}
	consent.Data.LastJob, consent.Data.LastJobAt = name.UUID(), c.Now()
	consents.Update(c, consent)
	return jobs.Create(c, name, name.UUID(), job, provider.ChildOf(consent), provider.MadeBy(consent.Client()))
}

type jobCreated struct {
	RequestID string `json:"request_id"`
	ConsentID string `json:"consent_id"`
	JobID     string `json:"job_id"`
	Status    string `json:"status"`
	App       string `json:"api_client_app"`
}

func createJob(c *provider.Call) (provider.Reply, error) {
	var body struct {
		ConsentID   string `json:"consent_id"`
		CallbackURL string `json:"callback_url"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	consent, err := activeConsent(c, body.ConsentID)
	if err != nil {
		return provider.Reply{}, err
	}
	if err := checkCallback(body.CallbackURL, "/callback_url"); err != nil {
		return provider.Reply{}, err
	}
	if err := checkCooldown(c, consent); err != nil {
		return provider.Reply{}, err
	}
	job, err := startJob(c, consent, cmp.Or(body.CallbackURL, consent.Data.Options.CallbackURL))
	if err != nil {
		return provider.Reply{}, err
	}
	app, err := appOf(c)
	return provider.Reply{Body: jobCreated{RequestID: requestID(c), ConsentID: consent.ID(), JobID: job.ID(), Status: jobStarted, App: app}}, err
}

// checkCooldown refuses a refresh that comes too early after the last one, or while that one runs.
func checkCooldown(c *provider.Call, consent *provider.Entity[Consent]) error {
	last, err := jobs.Get(c, consent.Data.LastJob)
	if err != nil {
		return err
	}
	if last != nil && !jobOver(last.State()) {
		return problem.Newf(problem.Refused, "cooldown_failed", "The job %s of this consent still runs", last.ID())
	}
	if left := lengthOf(provider.Setting[string](c, "cooldown")) - c.Now().Sub(consent.Data.LastJobAt); left > 0 {
		return problem.Newf(problem.Refused, "cooldown_failed", "The data of this consent was refreshed just now; wait another %s", left)
	}
	return nil
}

// lengthOf reads a length of time as settings have it. What is too long to count is as good as for ever.
func lengthOf(text string) time.Duration {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		text = days + "h"
		return min(lengthOf(text), math.MaxInt64/24) * 24
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		return math.MaxInt64
	}
	return length
}

func jobOver(state string) bool {
	return slices.Contains([]string{jobDone, jobPartiallyDone, jobFailed}, state)
}

// jobView is a job as the API shows it.
type jobView struct {
	RequestID   string      `json:"request_id"`
	ConsentID   string      `json:"consent_id"`
	JobID       string      `json:"job_id"`
	Status      string      `json:"status"`
	App         string      `json:"api_client_app"`
	CallbackURL *string     `json:"callback_url"`
	Bank        *chosenBank `json:"service_provider"`
	Method      *aisView    `json:"ais_method"`
	Results     results     `json:"results"`
}

// getJob shows a job in every state of its consent.
func (f *finqlink) getJob(c *provider.Call) (provider.Reply, error) {
	var body struct {
		ConsentID string `json:"consent_id"`
		JobID     string `json:"job_id"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	consent, err := ownConsent(c, body.ConsentID)
	if err != nil {
		return provider.Reply{}, err
	}
	job, err := jobs.Get(c, body.JobID)
	if err == nil && (job == nil || job.Data.ConsentID != consent.ID()) {
		err = problem.New(problem.NotFound, "job_not_found", "This consent has no such job")
	}
	if err != nil {
		return provider.Reply{}, err
	}
	app, err := appOf(c)
	v := jobView{RequestID: requestID(c), ConsentID: consent.ID(), JobID: job.ID(), Status: job.State(), App: app, Results: job.Data.Results}
	if job.Data.CallbackURL != "" {
		v.CallbackURL = &job.Data.CallbackURL
	}
	v.Bank, v.Method = f.chosenAIS(consent.Data)
	return provider.Reply{Body: v}, err
}
