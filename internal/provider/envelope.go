package provider

// Envelope is another form in which operations are called, such as SOAP: the body of one operation of the spec names
// another one and holds that one's body. From there on the call goes the way of the other one: its guards, its schema,
// its handler, its stories; only the bytes of request and reply are the envelope's. An operation with an envelope has
// no handler.
type Envelope struct {
	// Open reads what is called, and its body as the JSON of a call by its own path would decode. An error is reported
	// where the operation's guards have Syntax.
	Open func(r *Request) (operation string, body any, err error)
	// Seal writes a reply or a refusal: status and body, which is JSON, are those that a call by its own path would be
	// answered with. operation is empty where the envelope could not be opened.
	Seal func(operation string, status int, body []byte) (Sealed, error)
}

// Sealed is a reply in the bytes of an envelope.
type Sealed struct {
	Status int
	Media  string
	Bytes  []byte
}

// Open has the payload hold what its envelope held.
func (p *Payload) Open(body any, err error) {
	p.decoded, p.changed = true, true
	p.value, p.err = body, err
	if err == nil {
		p.Media = mediaJSON
	}
}
