package spec

import "bytes"

// scanner reads a JSON document that is known to be well-formed and to give no name twice, without making
// values of it. Where it meets an escape it gives up, which says nothing about the document.
type scanner struct {
	data []byte
	at   int
}

// peek gives the first byte of what comes next, behind white space; 0 at the end.
func (in *scanner) peek() byte {
	for in.at < len(in.data) {
		switch c := in.data[in.at]; c {
		case ' ', '\t', '\n', '\r':
			in.at++
		default:
			return c
		}
	}
	return 0
}

// take reads one byte of punctuation.
func (in *scanner) take(c byte) bool {
	if in.peek() != c {
		return false
	}
	in.at++
	return true
}

func (in *scanner) word(text string) bool {
	in.peek()
	if !bytes.HasPrefix(in.data[in.at:], []byte(text)) {
		return false
	}
	in.at += len(text)
	return true
}

// text reads a text without escapes; the bytes are those of the document.
func (in *scanner) text() ([]byte, bool) {
	if !in.take('"') {
		return nil, false
	}
	start := in.at
	for ; in.at < len(in.data); in.at++ {
		switch in.data[in.at] {
		case '\\':
			return nil, false
		case '"':
			in.at++
			return in.data[start : in.at-1], true
		}
	}
	return nil, false
}

// number reads a number as it is written; empty where there is none.
func (in *scanner) number() string {
	in.peek()
	start := in.at
	for in.at < len(in.data) && bytes.IndexByte([]byte("+-.0123456789Ee"), in.data[in.at]) >= 0 {
		in.at++
	}
	return string(in.data[start:in.at])
}

// list reads an array and calls item where each of its items begins, until that is false.
func (in *scanner) list(item func() bool) bool {
	if !in.take('[') {
		return false
	}
	if in.take(']') {
		return true
	}
	for {
		in.peek()
		if !item() {
			return false
		}
		if !in.take(',') {
			return in.take(']')
		}
	}
}

// object reads an object and calls value where the value of each name begins, until that is false.
func (in *scanner) object(value func(name []byte) bool) bool {
	if !in.take('{') {
		return false
	}
	if in.take('}') {
		return true
	}
	for {
		name, ok := in.text()
		if !ok || !in.take(':') {
			return false
		}
		in.peek()
		if !value(name) {
			return false
		}
		if !in.take(',') {
			return in.take('}')
		}
	}
}

// skip reads any value.
func (in *scanner) skip() bool {
	switch in.peek() {
	case '{':
		return in.object(func([]byte) bool { return in.skip() })
	case '[':
		return in.list(in.skip)
	case '"':
		_, ok := in.text()
		return ok
	case 't':
		return in.word("true")
	case 'f':
		return in.word("false")
	case 'n':
		return in.word("null")
	}
	return in.number() != ""
}

// end tells whether all was read.
func (in *scanner) end() bool { return in.peek() == 0 && in.at == len(in.data) }
