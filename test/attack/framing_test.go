package attack

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// smuggled is a request that is hidden in another one. It would make a workspace.
func smuggled(d door) string {
	return "PUT " + control + "/workspaces/smuggled-" + d.name + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
}

// hidden wants that the smuggled request was not heard.
func hidden(t *testing.T, d door) {
	t.Helper()
	var listed struct {
		Items []struct {
			Name string `json:"name"`
		} `json:"items"`
	}
	if err := house.Call(t.Context(), http.MethodGet, control+"/workspaces?limit=500", nil, &listed); err != nil {
		t.Fatal(err)
	}
	for _, ws := range listed.Items {
		if ws.Name == "smuggled-"+d.name {
			t.Error("a hidden request was heard")
		}
	}
}

// head is the beginning of a request to the door's operation that takes JSON, up to lines of its own.
func (d door) head(lines ...string) string {
	return "POST " + d.mount + d.post + " HTTP/1.1\r\nHost: localhost\r\n" + strings.Join(d.lines(lines...), "\r\n") + "\r\n\r\n"
}

// TestA1LengthAndChunks: the chunks count, so what stands in one is not heard as a request, and what follows is.
func TestA1LengthAndChunks(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		inner := smuggled(d)
		for _, order := range [][]string{{"Content-Length: 4", "Transfer-Encoding: chunked"}, {"Transfer-Encoding: chunked", "Content-Length: 4"}} {
			raw := d.head(order...) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(inner), inner) + request("GET", control+"/health", nil)
			all := say(t, raw)
			if len(all) == 0 || len(all) > 2 || all[0].status/100 != 4 || len(all) == 2 && all[1].status != 200 {
				t.Errorf("%v: %v", order, all)
			}
		}
		hidden(t, d)
	})
}

func TestA2TwoLengths(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		refused(t, d.head("Content-Length: 2", "Content-Length: 300")+"{}"+smuggled(d), 400)
		refused(t, d.head("Content-Length: 2, 300")+"{}"+smuggled(d), 400)
		hidden(t, d)
	})
}

func TestA3LengthsThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, length := range []string{"-1", "+2", "0x2", "2 2", "2;", "99999999999999999999", "two"} {
			refused(t, d.head("Content-Length: "+length)+"{}"+smuggled(d), 400)
		}
		hidden(t, d)
	})
}

func TestA4UnknownEncodingsOfTransfer(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, encoding := range []string{"xchunked", "chunked, identity", "identity, chunked", "\x0bchunked", "chunked\x00", "gzip, chunked", ",chunked"} {
			refused(t, d.head("Transfer-Encoding: "+encoding)+"2\r\n{}\r\n0\r\n\r\n"+smuggled(d), 400, 501)
		}
		refused(t, d.head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")+"2\r\n{}\r\n0\r\n\r\n"+smuggled(d), 400, 501)
		hidden(t, d)
	})
}

func TestA5ChunksThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for name, chunks := range map[string]string{
			"no number": "zz\r\n{}\r\n0\r\n\r\n", "negative": "-2\r\n{}\r\n0\r\n\r\n", "too large": "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
			"longer than said": "2\r\n{}{}\r\n0\r\n\r\n", "an endless extension": "2;" + strings.Repeat("x", 1<<20) + "\r\n{}\r\n0\r\n\r\n",
			"no end of line": "2{}", "0x": "0x2\r\n{}\r\n0\r\n\r\n",
		} {
			t.Run(name, func(t *testing.T) {
				got := oneOf(t, chunks, mumble(t, d.head("Transfer-Encoding: chunked")+chunks), []int{400})
				d.hold(t, "POST", d.post, got)
			})
		}
	})
}

func TestA6HeadersThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, line := range []string{"X-A : 1", "X-A: a\x00b", "X-A: a\rb", "X A: 1", ": 1", "X-A\x0b: 1", "X-Ä: 1", "no colon"} {
			refused(t, request("GET", d.mount+d.get, nil, append(slices.Clone(d.caller), line)...), 400)
		}
	})
}

func TestA7Hosts(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		line := "GET " + d.mount + d.get + " HTTP/1.1\r\n"
		for _, hosts := range []string{"", "Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nHost: evil.example\r\n", "Host: a b\r\n", "Host: \"><script>\r\n"} {
			refused(t, line+hosts+"Connection: close\r\n\r\n", 400)
		}
	})
}

// TestA8OtherProtocols: what is no HTTP/1 is refused or ended. It is the same at every door, since it names none.
func TestA8OtherProtocols(t *testing.T) {
	for name, raw := range map[string]string{
		"HTTP/9.9": "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", "no version": "GET /\r\n\r\n", "HTTP/2 in clear": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
		"junk": "\x00\x01\xff\xfe\r\n\r\n", "junk without an end": strings.Repeat("\xff", 1000), "SSH": "SSH-2.0-OpenSSH_9.6\r\n", "nothing": "",
	} {
		t.Run(name, func(t *testing.T) { oneOf(t, raw, mumble(t, raw), []int{400, 505, 0}) })
	}
	t.Run("TLS", func(t *testing.T) {
		c := tls.Client(dial(t), &tls.Config{ServerName: "localhost"})
		defer c.Close()
		if err := c.HandshakeContext(t.Context()); err == nil {
			t.Error("the plain port speaks TLS")
		}
		served(t)
	})
}

// TestA9Methods: an unknown one is that of no route, and TRACE tells nobody what was sent.
func TestA9Methods(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, method := range []string{strings.Repeat("M", 10_000), "TRACE", "CONNECT", "PATCH", "get", "OPTIONS"} {
			raw := request(method, d.mount+d.post, nil, append(slices.Clone(d.caller), "X-Told: to-nobody")...)
			if got := refused(t, raw, 400, 404, 405, 501); strings.Contains(got.body, "to-nobody") {
				t.Errorf("%.10s tells what was sent: %s", method, got)
			}
		}
		refused(t, request("CONNECT", "169.254.169.254:80", nil), 400, 404, 405)
	})
	refused(t, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200, 400, 404, 405)
}

// TestA10NoProxy: an address of another host is looked for here, where it is not.
func TestA10NoProxy(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, host := range []string{"169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal", "user:secret@169.254.169.254"} {
			refused(t, request("GET", "http://"+host+"/latest/meta-data", nil), 400, 404)
			refused(t, request("GET", "http://"+host+d.mount+"/latest/meta-data", nil), 400, 403, 404)
		}
	})
}

func TestA11EndlessHeads(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		refused(t, request("GET", d.mount+"/"+strings.Repeat("a", 1<<20), nil), 414, 431)
		refused(t, request("GET", d.mount+d.get, nil, "X-Long: "+strings.Repeat("a", 2<<20)), 431)
		refused(t, request("GET", d.mount+d.get, nil, slices.Repeat([]string{"X-Many: a"}, 200_000)...), 431)
		refused(t, request("GET", d.mount+"/"+strings.Repeat("a", 30<<10), nil, d.caller...), 404)
	})
}

// TestA12Paths: none leads to a file, into another face, or away from the host.
func TestA12Paths(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		for _, path := range []string{
			"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/..\\..\\etc\\passwd", "/%5c..%5cetc", "/a%00b", "/%ff", "/.", "/..", "//", "//evil.example/x",
			"/%2f%2fevil.example", "/;/x", "/x/../" + strings.TrimPrefix(d.post, "/"), "/%zz", "/%", "/*", "/%0d%0aLocation:%20http://evil.example", "/\u202egnp",
		} {
			for _, target := range []string{d.mount + path, path} {
				got := refused(t, request("GET", target, nil, d.caller...), 400, 403, 404, 405)
				if away(got) || strings.Contains(got.body, "root:") {
					t.Errorf("%q leads to %s %s", target, got.header.Get("Location"), got)
				}
			}
		}
	})
}

// away tells whether an answer leads to another host.
func away(a answer) bool {
	to := a.header.Get("Location")
	if to == "" {
		return false
	}
	u, err := url.Parse(to)
	return err != nil || u.Host != "" && u.Hostname() != "localhost" || strings.HasPrefix(to, "//")
}

// TestA14Methods: an address that takes others says which, unless its provider knows no such answer.
func TestA14Methods(t *testing.T) {
	each(t, func(t *testing.T, d door) {
		got := d.ask(t, "DELETE", d.post, nil, d.caller...)
		if got.status != d.method || got.status == 405 && !strings.Contains(got.header.Get("Allow"), "POST") {
			t.Errorf("%s, Allow: %q", got, got.header.Get("Allow"))
		}
		if got := d.ask(t, "HEAD", d.get, nil, d.caller...); got.status != 200 || got.body != "" {
			t.Errorf("HEAD is answered %s", got)
		}
	})
}
