package provider

import (
	"encoding/json"

	"github.com/mockbank/mockbank/internal/oauth"
)

// Setting reads one of the provider's settings of this workspace, or its default. A setting that is of
// another type than T is the zero T.
func Setting[T any](c *Call, name string) T {
	v, _ := c.runtime.settings(c.tx.Workspace())[name].(T)
	return v
}

// ClientSetting reads one setting of the calling client, or its default.
func ClientSetting[T any](c *Call, name string) T {
	v, _ := c.Principal.Settings[name].(T)
	return v
}

// SettingsOf gives the settings of any client, with the defaults of those that it does not set.
func (c *Call) SettingsOf(client *oauth.Client) map[string]any {
	return c.runtime.ClientSettings(client)
}

// Whole reads a setting that is a whole number, as YAML, JSON or the spec wrote it; anything else is 0, which its
// schema has refused.
func Whole(v any) int {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Int64()
		return int(n)
	case float64:
		return int(v)
	case uint64:
		return int(v)
	case int:
		return v
	}
	return 0
}
