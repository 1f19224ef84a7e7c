// Package scenarios holds the built-in scenario files, <provider>/<kind>.yaml: for each kind the law of its
// states and the stories told under it. What their form is, package machine says; its linter holds for these
// files as for a user's own.
package scenarios

import "embed"

// FS holds the files.
//
//go:embed */*.yaml
var FS embed.FS
