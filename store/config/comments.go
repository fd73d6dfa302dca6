package config

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// line is a table header or a key of a document, with where its line begins
// and the comments that belong to it.
type line struct {
	name  string // the same in two documents for the same thing
	start int
	above []string
	after string
}

// scan finds the lines of a document and the comments after the last of them.
func scan(doc []byte) (lines []line, end []string, err error) {
	p := unstable.Parser{KeepComments: true}
	p.Reset(doc)
	var above []string
	table, tables := "", map[string]int{}
	inArray := -1 // index of the header of the array table that is read
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind == unstable.Comment {
			above = append(above, string(e.Data))
			continue
		}
		key, start := keyOf(e)
		l := line{start: bytes.LastIndexByte(doc[:start], '\n') + 1, above: above}
		above = nil
		if c := e.Next(); c != nil && c.Kind == unstable.Comment {
			l.after = string(c.Data)
		}
		switch e.Kind {
		case unstable.ArrayTable:
			tables[key]++
			table, inArray = fmt.Sprintf("%s#%d", key, tables[key]), len(lines)
			l.name = table
		case unstable.Table:
			table, inArray = key, -1
			l.name = table
		default:
			l.name = strings.TrimPrefix(table+"."+key, ".")
			if inArray >= 0 && key == "id" {
				// An entry is known by its id, whatever its place.
				old := table
				table = strings.SplitN(table, "#", 2)[0] + "#" + string(e.Value().Data)
				for i := inArray; i < len(lines); i++ {
					lines[i].name = table + strings.TrimPrefix(lines[i].name, old)
				}
				l.name = table + "." + key
			}
		}
		lines = append(lines, l)
	}
	return lines, above, p.Error()
}

// keyOf is the dotted key of an expression and where it begins.
func keyOf(e *unstable.Node) (key string, start int) {
	var parts []string
	for it := e.Key(); it.Next(); {
		if len(parts) == 0 {
			start = int(it.Node().Raw.Offset)
		}
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, "."), start
}

// keepComments puts the comments of an old document into a new one, at the
// same keys. The new one has each key on a line of its own. A comment whose key
// is gone goes with it.
func keepComments(old, new []byte) ([]byte, error) {
	had, end, err := scan(old)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read, so it is not replaced: %w", err)
	}
	have, _, err := scan(new)
	if err != nil {
		return nil, err
	}
	by := make(map[string]line, len(had))
	for _, l := range had {
		by[l.name] = l
	}
	var out bytes.Buffer
	done := 0
	for _, l := range have {
		out.Write(new[done:l.start])
		done = l.start
		for _, c := range by[l.name].above {
			out.WriteString(c + "\n")
		}
		if c := by[l.name].after; c != "" {
			eol := l.start + bytes.IndexByte(new[l.start:], '\n')
			out.Write(new[l.start:eol])
			out.WriteString(" " + c)
			done = eol
		}
	}
	out.Write(new[done:])
	for _, c := range end {
		out.WriteString(c + "\n")
	}
	return out.Bytes(), nil
}
