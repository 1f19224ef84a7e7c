package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
)

// Default is the workspace of requests that name none. It always exists.
const Default = "default"

// Workspace describes a private world. It is kept as one row and read as a value: whoever holds one holds it
// as it was when a transaction began.
type Workspace struct {
	Name    string    `json:"name"`
	Created time.Time `json:"created"` // workspace time of the first committed write
	World   uint32    `json:"world"`   // epoch of what a reset drops: entities, jobs, deliveries
	Kept    uint32    `json:"kept"`    // epoch of what a reset keeps: clients, key rotations, spent assertions

	Clock              clock.Setting             `json:"clock"`
	Seed               uint64                    `json:"seed"`
	IDsAs              string                    `json:"ids_as,omitzero"`
	Settings           map[string]map[string]any `json:"settings,omitzero"`  // by provider
	Scenarios          map[string]string         `json:"scenarios,omitzero"` // by "provider/kind"
	WebhookURL         string                    `json:"webhook_url,omitzero"`
	WebhookInsecureTLS bool                      `json:"webhook_insecure_tls,omitzero"`
}

var workspaceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// CheckName says what is wrong with a workspace's name.
func CheckName(name string) error {
	if !workspaceName.MatchString(name) {
		return fmt.Errorf("a workspace's name is 1 to 40 characters of a-z, 0-9 and dash, and neither begins nor ends with a dash")
	}
	return nil
}

// Derive gives the bytes from which the n-th thing of a series gets its id and its chance. They depend on the
// seed, the workspace (or the one whose series it borrows), the series and n, and on nothing else: the same
// workspace makes the same ids everywhere, and two workspaces never make the same.
func (w *Workspace) Derive(series string, n uint64) [32]byte {
	name := w.Name
	if w.IDsAs != "" {
		name = w.IDsAs
	}
	b := make([]byte, 0, 64)
	b = binary.BigEndian.AppendUint64(b, w.Seed)
	b = Key(b).Text(name).Text(series).Number(n)
	return sha256.Sum256(b)
}

// clone copies the parts that a transaction may change.
func (w *Workspace) clone() *Workspace {
	c := *w
	c.Settings = make(map[string]map[string]any, len(w.Settings))
	for provider, values := range w.Settings {
		c.Settings[provider] = values
	}
	c.Scenarios = make(map[string]string, len(w.Scenarios))
	for kind, name := range w.Scenarios {
		c.Scenarios[kind] = name
	}
	return &c
}
