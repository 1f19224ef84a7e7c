// Package mail is a leaf: letters as RFC 5322 writes them, and the server that takes them where one is configured.
//
// A letter is written once, where it comes to be; its bytes are what is kept, shown and sent. Nothing here knows who
// writes or keeps them.
package mail

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// Media is the type of a letter's bytes.
const Media = "message/rfc822"

// Letter is one mail of plain text.
type Letter struct {
	From    string    `json:"from"` // as in a From line: an address, or a name with one in <>
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"` // lines end with \n
	At      time.Time `json:"-"`    // when it was written
}

// Sender is the bare address of the sender.
func (l Letter) Sender() string {
	from, err := mail.ParseAddress(l.From)
	if err != nil {
		return l.From
	}
	return from.Address
}

// Bytes writes the letter (RFC 5322; the text in quoted-printable, RFC 2045). The same letter has the same bytes, its
// Message-ID included, which follows from the rest. An address that is none is an error.
func (l Letter) Bytes() ([]byte, error) {
	from, err := mail.ParseAddress(l.From)
	if err != nil {
		return nil, fmt.Errorf("mail: the sender %q: %w", l.From, err)
	}
	to, err := addresses(l.To)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	head := [][2]string{
		{"Date", l.At.UTC().Format(time.RFC1123Z)},
		{"From", from.String()},
		{"To", strings.Join(to, ",\r\n ")},
		{"Subject", mime.QEncoding.Encode("utf-8", l.Subject)},
	}
	sum := sha256.Sum256(fmt.Append(nil, head, l.At.UnixNano(), l.Text))
	var out bytes.Buffer
	for _, line := range append(head, [][2]string{
		{"Message-ID", fmt.Sprintf("<%x@%s>", sum[:16], domain)},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	}...) {
		fmt.Fprintf(&out, "%s: %s\r\n", line[0], line[1])
	}
	out.WriteString("\r\n")
	if err := writeText(&out, l.Text); err != nil {
		return nil, fmt.Errorf("mail: write a letter: %w", err)
	}
	return out.Bytes(), nil
}

func writeText(out io.Writer, text string) error {
	w := quotedprintable.NewWriter(out)
	if _, err := io.WriteString(w, text+"\n"); err != nil {
		return err
	}
	return w.Close()
}

func addresses(list []string) (written []string, err error) {
	for _, to := range list {
		address, err := mail.ParseAddress(to)
		if err != nil {
			return nil, fmt.Errorf("mail: the receiver %q: %w", to, err)
		}
		written = append(written, address.String())
	}
	return written, nil
}

// Read reads what Bytes wrote.
func Read(data []byte) (Letter, error) {
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return Letter{}, fmt.Errorf("mail: read a letter: %w", err)
	}
	l := Letter{From: m.Header.Get("From")}
	if l.At, err = m.Header.Date(); err != nil {
		return Letter{}, fmt.Errorf("mail: read a letter: %w", err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil {
		return Letter{}, fmt.Errorf("mail: read a letter: %w", err)
	}
	for _, address := range to {
		l.To = append(l.To, address.Address)
	}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return Letter{}, fmt.Errorf("mail: read a letter: %w", err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		return Letter{}, fmt.Errorf("mail: read a letter: %w", err)
	}
	l.Text = strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	return l, nil
}
