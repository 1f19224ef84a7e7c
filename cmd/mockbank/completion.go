package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCmd prints what has a shell complete command lines. The scripts know nothing: they ask completeCmd, so they
// stay right when commands change.
type completionCmd struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

var completionScripts = map[string]string{
	"bash": `_mockbank() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _mockbank mockbank
`,
	"zsh": `#compdef mockbank
_mockbank() {
  local -a found
  found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _mockbank mockbank
`,
	"fish": `function __mockbank
  set -l words (commandline -opc) (commandline -ct)
  $words[1] complete -- $words[2..] 2>/dev/null
end
complete -c mockbank -a '(__mockbank)'
`,
}

// Run prints a script for the shell to read.
func (cmd *completionCmd) Run(t *terminal) error {
	_, err := fmt.Fprint(t.out, completionScripts[cmd.Shell])
	return err
}

// completeCmd prints what the last word of a command line may become, one candidate on a line.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints nothing where any word will do, such as a file's name.
func (cmd *completeCmd) Run(app *kong.Kong, t *terminal) error {
	words := cmd.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	var text strings.Builder
	for _, candidate := range complete(app.Model.Node, words) {
		text.WriteString(candidate + "\n")
	}
	_, err := fmt.Fprint(t.out, text.String())
	return err
}

// complete gives what the last of the words may become, sorted.
func complete(app *kong.Node, words []string) []string {
	// bash takes --flag=value for three words.
	words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "=" })
	if len(words) == 0 {
		words = []string{""}
	}
	at := position{node: app}
	for _, word := range words[:len(words)-1] {
		at.pass(word)
	}
	return at.candidates(words[len(words)-1])
}

// position is where in a command line a word stands.
type position struct {
	node       *kong.Node
	flag       *kong.Flag // whose value the word is; nil: it is none's
	positional int        // how many arguments were before it
}

// pass goes on behind a word.
func (p *position) pass(word string) {
	switch {
	case p.flag != nil:
		p.flag = nil
	case strings.HasPrefix(word, "-"):
		if flag := p.find(word); flag != nil && !flag.IsBool() {
			p.flag = flag
		}
	default:
		if child := childOf(p.node, word); child != nil {
			p.node, p.positional = child, 0
			return
		}
		p.positional++
	}
}

func childOf(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

// flags are those that may stand here: of the command, of those above it, and of the command that it is by default.
func (p *position) flags() []*kong.Flag {
	var all []*kong.Flag
	for node := p.node; node != nil; node = node.Parent {
		all = append(all, node.Flags...)
	}
	if p.node.DefaultCmd != nil {
		all = append(all, p.node.DefaultCmd.Flags...)
	}
	return slices.DeleteFunc(all, func(flag *kong.Flag) bool { return flag.Hidden })
}

// find gives the flag whose value comes next; nil where the word brings its own.
func (p *position) find(word string) *kong.Flag {
	for _, flag := range p.flags() {
		if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
			return flag
		}
	}
	return nil
}

func (p *position) candidates(word string) []string {
	var all []string
	name, begun, valued := strings.Cut(word, "=")
	switch flag := p.find(name); {
	case p.flag != nil:
		all = p.flag.EnumSlice()
	case valued && flag != nil:
		return matching(flag.EnumSlice(), begun)
	case strings.HasPrefix(word, "-"):
		for _, flag := range p.flags() {
			all = append(all, "--"+flag.Name)
		}
	default:
		all = p.words()
	}
	return matching(all, word)
}

// words are commands, and the values of an argument that has a list of them.
func (p *position) words() []string {
	var all []string
	if p.positional == 0 {
		for _, child := range p.node.Children {
			if !child.Hidden {
				all = append(all, child.Name)
			}
		}
	}
	if arguments := p.node.Positional; p.positional < len(arguments) {
		all = append(all, arguments[p.positional].EnumSlice()...)
	}
	return all
}

func matching(all []string, beginning string) []string {
	var found []string
	for _, candidate := range all {
		if candidate != "" && strings.HasPrefix(candidate, beginning) {
			found = append(found, candidate)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
