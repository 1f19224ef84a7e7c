package pages

import (
	"html/template"
	"regexp"
	"strings"
)

// Background is what stands behind a page: colours, gradients and pictures that a stranger chose. Only
// ReadBackground makes one, so nothing else of a stranger's reaches a style attribute. The zero value is none.
type Background struct {
	colour   string
	images   []string
	pictures []Picture
}

// longestBackground is in bytes.
const longestBackground = 8192

// ReadBackground reads layers as CSS writes them, with commas between: gradients, https pictures as url(), and last
// perhaps a colour. Anything else gives the zero Background, however much of it could be read. What comes out is
// written anew from what was understood.
func ReadBackground(value string) Background {
	if len(value) > longestBackground {
		return Background{}
	}
	p := layers{rest: value}
	for more := true; more; more = p.take(",") {
		if p.read.colour != "" || !p.layer() {
			return Background{}
		}
	}
	if p.rest != "" {
		return Background{}
	}
	return p.read
}

// Pictures are those that it shows.
func (b Background) Pictures() []Picture { return b.pictures }

// CSS are its declarations.
func (b Background) CSS() template.CSS {
	var declarations []string
	if b.colour != "" {
		declarations = append(declarations, "background-color:"+b.colour)
	}
	if len(b.images) > 0 {
		declarations = append(declarations, "background-image:"+strings.Join(b.images, ","))
	}
	return template.CSS(strings.Join(declarations, ";"))
}

// layers reads from the front of rest.
type layers struct {
	rest string
	read Background
}

func (p *layers) layer() bool {
	if picture, ok := p.url(); ok {
		p.read.images = append(p.read.images, `url("`+picture.address+`")`)
		p.read.pictures = append(p.read.pictures, picture)
		return true
	}
	if name, ok := p.function(gradients); ok {
		image, ok := p.arguments(name, p.stop)
		p.read.images = append(p.read.images, image)
		return ok
	}
	var ok bool
	p.read.colour, ok = p.readColour()
	return ok
}

// take goes past a text and the white space around it.
func (p *layers) take(text string) bool {
	p.rest = strings.TrimLeft(p.rest, cssSpace)
	rest, ok := strings.CutPrefix(p.rest, text)
	if ok {
		p.rest = strings.TrimLeft(rest, cssSpace)
	}
	return ok
}

const cssSpace = " \t\r\n\f"

// match goes past what a form, which begins with ^, finds; the text is in lower case.
func (p *layers) match(form *regexp.Regexp) (text string, ok bool) {
	p.rest = strings.TrimLeft(p.rest, cssSpace)
	found := form.FindString(p.rest)
	p.rest = p.rest[len(found):]
	return strings.ToLower(found), found != ""
}

var (
	urlForm    = regexp.MustCompile(`^(?i:url)\([ \t\r\n\f]*(?:"[^"'()\\\s<>]*"|'[^"'()\\\s<>]*'|[^"'()\\\s<>]*)[ \t\r\n\f]*\)`)
	hexForm    = regexp.MustCompile(`^#(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3,4})\b`)
	wordForm   = regexp.MustCompile(`^[A-Za-z]+(?:-[A-Za-z]+)*`)
	numberForm = regexp.MustCompile(`^[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:(?i:deg|grad|rad|turn|px|em|rem|vw|vh)\b|%)?`)
)

// url reads a picture; where there is none, or none that may be shown, nothing is read.
func (p *layers) url() (Picture, bool) {
	p.rest = strings.TrimLeft(p.rest, cssSpace)
	found := urlForm.FindString(p.rest)
	if found == "" {
		return Picture{}, false
	}
	picture := ReadPicture(strings.Trim(found[len("url("):len(found)-1], cssSpace+`"'`))
	if !strings.HasPrefix(picture.address, "https:") || strings.ContainsAny(picture.address, `"'()\`) {
		return Picture{}, false
	}
	p.rest = strings.TrimLeft(p.rest[len(found):], cssSpace)
	return picture, true
}

// function reads the name of one of the known functions, which a bracket follows; else nothing is read.
func (p *layers) function(known map[string]bool) (name string, ok bool) {
	before := p.rest
	name, _ = p.match(wordForm)
	if known[name] && strings.HasPrefix(p.rest, "(") {
		return name, true
	}
	p.rest = before
	return "", false
}

// arguments reads what stands in brackets: terms with white space between, and groups of them with commas.
func (p *layers) arguments(name string, term func() (string, bool)) (text string, ok bool) {
	p.take("(")
	text = name + "("
	for glue := ""; ; glue = " " {
		if p.take(")") {
			return text + ")", glue != ""
		}
		if p.take(",") {
			if glue == "" {
				return "", false
			}
			glue = ","
		}
		next, ok := term()
		if !ok {
			return "", false
		}
		text += glue + next
	}
}

// stop is one term of a gradient: a colour, a length or an angle, or a word of its shape.
func (p *layers) stop() (string, bool) {
	if number, ok := p.match(numberForm); ok {
		return number, true
	}
	before := p.rest
	if word, ok := p.match(wordForm); ok && shapes[word] {
		return word, true
	}
	p.rest = before
	return p.readColour()
}

// readColour reads a hexadecimal, a named or a computed colour.
func (p *layers) readColour() (string, bool) {
	if hex, ok := p.match(hexForm); ok {
		p.take("")
		return hex, true
	}
	if name, ok := p.function(colourFunctions); ok {
		return p.arguments(name, p.channel)
	}
	name, _ := p.match(wordForm)
	p.take("")
	return name, colours[name] && !strings.HasPrefix(p.rest, "(")
}

// channel is one term of a computed colour.
func (p *layers) channel() (string, bool) {
	if p.take("/") {
		return "/", true
	}
	return p.match(numberForm)
}

var (
	gradients = words(`linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient
		repeating-conic-gradient`)
	shapes = words(`to at from top bottom left right center circle ellipse closest-side closest-corner farthest-side
		farthest-corner`)
	colourFunctions = words(`rgb rgba hsl hsla`)
	// The named colours of CSS Color Module Level 4.
	colours = words(`transparent aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue
		blueviolet brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue
		darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid
		darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink
		deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold
		goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush
		lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey
		lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime
		limegreen linen magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen
		mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin
		navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise
		palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown royalblue
		saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow
		springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen`)
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}
