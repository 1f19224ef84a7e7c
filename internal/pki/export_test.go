package pki

// Parse reads the text of a key's file.
var Parse = parse

// Made is how many certificates are at hand.
func (s *Servers) Made() int { return len(s.made) }
