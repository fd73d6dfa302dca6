package sample

import (
	"fmt"
	"strings"
)

// block is a piece of a text file: fields, a blank line and text. Blocks are
// set apart by lines of "---".
type block struct {
	fields map[string]string
	text   string
}

// blocks takes a file of this package apart. What does not fit is a mistake in
// the file.
func blocks(file string) ([]block, error) {
	var out []block
	for s := range strings.SplitSeq(strings.TrimSpace(file), "\n---\n") {
		head, text, _ := strings.Cut(strings.TrimSpace(s), "\n\n")
		b := block{fields: map[string]string{}, text: strings.TrimSpace(text)}
		for line := range strings.SplitSeq(head, "\n") {
			name, value, ok := strings.Cut(line, ":")
			if !ok {
				return nil, fmt.Errorf("read the sample mail: %q is no field", line)
			}
			b.fields[name] = strings.TrimSpace(value)
		}
		out = append(out, b)
	}
	return out, nil
}

// list is a field with several values.
func (b block) list(name string) []string {
	var out []string
	for s := range strings.SplitSeq(b.fields[name], ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
