package webhook

import (
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// dnsReply answers a question for an A record; nil: it stays silent.
func dnsReply(query []byte, answers func(name string) (ip net.IP, silent bool)) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	ip, silent := answers(strings.TrimSuffix(q.Name.String(), "."))
	if silent {
		return nil
	}
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	switch {
	case ip == nil:
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
			Body:   &dnsmessage.AResource{A: [4]byte(ip.To4())},
		}}
	}
	reply, err := m.Pack()
	if err != nil {
		return nil
	}
	return reply
}
