package docs

import (
	"os"
	"strings"
	"testing"
)

const fence = "```"

// block is a fenced piece of a page.
type block struct {
	language string
	text     string // with its last line feed
	line     int    // of the fence
	end      int    // the line after the closing fence
}

// page is a Markdown file, as its lines.
type page struct {
	file   string
	lines  []string
	blocks []block
}

func read(t *testing.T, file string) page {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := page{file: file, lines: strings.Split(string(text), "\n")}
	for i := 0; i < len(p.lines); i++ {
		language, opens := strings.CutPrefix(p.lines[i], fence)
		if !opens {
			continue
		}
		b := block{language: language, line: i}
		for i++; i < len(p.lines) && p.lines[i] != fence; i++ {
			b.text += p.lines[i] + "\n"
		}
		b.end = i + 1
		p.blocks = append(p.blocks, b)
	}
	return p
}

// recipe is a piece of shell with what the page says that it prints.
type recipe struct {
	block
	prints  string
	printed *block // absent: it prints nothing
}

// recipes are the page's pieces of shell, each with the text that follows it.
func (p page) recipes() []recipe {
	var all []recipe
	for i, b := range p.blocks {
		if b.language != "sh" {
			continue
		}
		r := recipe{block: b}
		if i+1 < len(p.blocks) && p.blocks[i+1].language == "text" {
			r.printed = &p.blocks[i+1]
			r.prints = r.printed.text
		}
		all = append(all, r)
	}
	return all
}

// update writes the page anew, with what its recipes printed.
func (p page) update(t *testing.T, recipes []recipe, printed []string) {
	t.Helper()
	var out []string
	next := 0
	for i, r := range recipes {
		out = append(out, p.lines[next:r.end]...)
		next = r.end
		if r.printed != nil {
			next = r.printed.end
		}
		if printed[i] != "" {
			if r.printed == nil {
				out = append(out, "")
			} else {
				out = append(out, p.lines[r.end:r.printed.line]...)
			}
			out = append(out, fence+"text", strings.TrimSuffix(printed[i], "\n"), fence)
		}
	}
	out = append(out, p.lines[next:]...)
	if err := os.WriteFile(p.file, []byte(strings.Join(out, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}
