package calendar

import (
	"strings"

	"eas.example/securemail/activesync/contentline"
)

// property is one content line.
type property struct{ contentline.Line }

func (p property) text() string { return contentline.Unescape(p.Value) }

// list are the values between commas, as text.
func (p property) list() []string {
	var out []string
	for _, s := range contentline.Split(p.Value, ',') {
		if s = strings.TrimSpace(contentline.Unescape(s)); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// component is a BEGIN with what stands before its END.
type component struct {
	name     string
	props    []property
	children []*component
}

func (c *component) get(name string) (property, bool) {
	for _, p := range c.props {
		if p.Name == name {
			return p, true
		}
	}
	return property{}, false
}

func (c *component) all(name string) []property {
	var out []property
	for _, p := range c.props {
		if p.Name == name {
			out = append(out, p)
		}
	}
	return out
}

func (c *component) text(name string) string {
	p, _ := c.get(name)
	return p.text()
}

// maxDepth is how deep components are nested at most; what lies deeper is taken
// as part of the last one.
const maxDepth = 6

// parseComponents reads all components. An END that nothing began is passed
// over, a missing one is thought of.
func parseComponents(data []byte) *component {
	root := &component{}
	stack := []*component{root}
	for _, raw := range contentline.Lines(data) {
		line, ok := contentline.Parse(raw)
		if !ok {
			continue
		}
		top := stack[len(stack)-1]
		switch line.Name {
		case "BEGIN":
			c := &component{name: strings.ToUpper(strings.TrimSpace(line.Value))}
			if len(stack) > maxDepth {
				continue
			}
			top.children = append(top.children, c)
			stack = append(stack, c)
		case "END":
			name := strings.ToUpper(strings.TrimSpace(line.Value))
			for i := len(stack) - 1; i > 0; i-- {
				if stack[i].name == name {
					stack = stack[:i]
					break
				}
			}
		default:
			top.props = append(top.props, property{line})
		}
	}
	return root
}
