package contacts

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/emersion/go-vcard"

	"eas.example/securemail/activesync/contentline"
)

// normalise turns vCards of any version, as programs write them, into lines that
// the decoder of go-vcard reads without loss: one card after the other, each
// line unfolded and in UTF-8, every parameter with a name and percent-encoded,
// quoted-printable undone, and each backslash of a value doubled, so that the
// decoder hands the value on as it stood. Cards inside cards (AGENT) come out
// of them.
func normalise(data []byte) []byte {
	var out bytes.Buffer
	inCard, agent := false, 0
	for _, raw := range contentline.Lines(data) {
		line, ok := contentline.Parse(raw)
		if !ok {
			continue
		}
		isCard := strings.EqualFold(strings.TrimSpace(line.Value), "VCARD")
		switch {
		case line.Name == "BEGIN" && isCard && inCard && agent > 0:
			agent++ // the card of the agent: passed over
		case line.Name == "END" && isCard && agent > 1:
			if agent--; agent == 1 {
				agent = 0
			}
		case agent > 1:
		case line.Name == "BEGIN" && isCard:
			if inCard { // its end is missing
				out.WriteString("END:VCARD\r\n")
			}
			out.WriteString("BEGIN:VCARD\r\n")
			inCard = true
		case !inCard:
		case line.Name == "END":
			if isCard {
				out.WriteString("END:VCARD\r\n")
				inCard = false
			}
		case line.Name == "AGENT":
			if strings.TrimSpace(line.Value) == "" {
				agent = 1
			}
		default:
			agent = 0
			write(&out, line)
		}
	}
	if inCard {
		out.WriteString("END:VCARD\r\n")
	}
	return out.Bytes()
}

// write puts a line into the form that normalise promises.
func write(out *bytes.Buffer, line contentline.Line) {
	if line.Group != "" {
		out.WriteString(line.Group + ".")
	}
	out.WriteString(line.Name)
	for _, p := range line.Params {
		if p.Name != "CHARSET" && !strings.EqualFold(p.Value, "QUOTED-PRINTABLE") {
			out.WriteString(";" + p.Name + "=" + url.QueryEscape(p.Value))
		}
	}
	out.WriteString(":" + strings.ReplaceAll(contentline.Tidy(line.Value), `\`, `\\`) + "\r\n")
}

// field is a property of a card that was read.
type field struct{ *vcard.Field }

// params are all values of a parameter.
func (f field) params(name string) []string {
	var out []string
	for _, v := range f.Params[name] {
		if s, err := url.QueryUnescape(v); err == nil && s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (f field) param(name string) string {
	if v := f.params(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// is reports whether one of the types is among those of the field.
func (f field) is(types ...string) bool {
	for _, t := range f.params("TYPE") {
		for _, want := range types {
			// Some put a list into quotes; X-Type is what others call Type.
			for part := range strings.SplitSeq(t, ",") {
				part = strings.ToLower(strings.TrimSpace(part))
				if part == want || part == "x-"+want {
					return true
				}
			}
		}
	}
	return false
}

func (f field) text() string { return contentline.Unescape(f.Value) }

// parts cuts the value at a separator that is not escaped.
func (f field) parts(sep byte) []string { return contentline.Split(f.Value, sep) }
