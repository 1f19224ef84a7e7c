package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// json masks members by their names, wherever they stand, and keeps all else as it was written. What comes after a
// fault of syntax is not shown.
func (k *masking) json(data []byte) (text, note string) {
	w := jsonMask{masking: k, data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	w.dec.UseNumber()
	for w.dec.More() || w.last < len(data) {
		if err := w.value(false); err != nil {
			break
		}
	}
	w.copyTo(w.last)
	if rest := len(bytes.TrimSpace(data[w.last:])); rest > 0 {
		note = fmt.Sprintf("the last %d bytes are not shown, since they are not well-formed JSON", rest)
	}
	return strings.ToValidUTF8(w.out.String(), "\uFFFD"), note
}

// jsonMask copies a document while it reads it. What it has not read it does not copy.
type jsonMask struct {
	*masking
	data   []byte
	dec    *json.Decoder
	out    strings.Builder
	copied int // bytes of data that are dealt with
	last   int // the end of the last token
}

func (w *jsonMask) token() (json.Token, error) {
	t, err := w.dec.Token()
	if err == nil {
		w.last = int(w.dec.InputOffset())
	}
	return t, err
}

func (w *jsonMask) copyTo(end int) {
	w.out.Write(w.data[w.copied:end])
	w.copied = end
}

// value reads one value. A secret one is replaced, whatever it holds.
func (w *jsonMask) value(secret bool) error {
	start := w.last
	t, err := w.token()
	if err != nil {
		return err
	}
	switch v := t.(type) {
	case json.Delim:
		return w.inside(v, secret)
	case string:
		w.replace(start, v, secret, w.text(v))
	case json.Number:
		w.replace(start, v.String(), secret, v.String())
	}
	return nil
}

func (w *jsonMask) inside(open json.Delim, secret bool) error {
	for w.dec.More() {
		hide := secret
		if open == '{' {
			name, err := w.token()
			if err != nil {
				return err
			}
			text, _ := name.(string)
			hide = secret || w.secret(text)
		}
		if err := w.value(hide); err != nil {
			return err
		}
	}
	_, err := w.token()
	return err
}

// replace writes a scalar as it is to be shown, and the spaces and punctuation before it as they are.
func (w *jsonMask) replace(start int, was string, secret bool, shown string) {
	if secret {
		shown = w.hide(was)
	}
	if shown == was {
		return
	}
	for start < w.last && strings.IndexByte(" \t\r\n:,", w.data[start]) >= 0 {
		start++
	}
	w.copyTo(start)
	w.out.WriteString(`"` + quoted(shown) + `"`)
	w.copied = w.last
}
