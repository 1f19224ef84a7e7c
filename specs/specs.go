// Package specs holds the OpenAPI document of each provider. Package spec reads them; nothing else gives
// them a meaning.
package specs

import "embed"

// FS holds <provider>.yaml.
//
//go:embed *.yaml
var FS embed.FS
