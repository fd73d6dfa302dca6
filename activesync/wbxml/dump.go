package wbxml

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// dumpText is how many bytes of a value Dump shows.
const dumpText = 200

// Dump writes a document so that a person can read it: an element a line,
// indented, its text behind it, quoted so that it does no harm to a terminal
// and cut where it is long. Of a document that is wrong it writes what comes
// before, and returns what is wrong.
func Dump(out io.Writer, data []byte) error {
	w := bufio.NewWriter(out)
	bad := dump(w, data)
	if err := w.Flush(); err != nil {
		return err
	}
	return bad
}

func dump(w *bufio.Writer, data []byte) error {
	r, err := NewReader(data)
	if err != nil {
		return err
	}
	defer w.WriteByte('\n') //nolint:errcheck // Flush tells
	line := ""
	for {
		t, err := r.Next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		switch t.Kind {
		case Start:
			fmt.Fprintf(w, "%s%s%v", line, strings.Repeat("  ", r.Depth()-1), t.Tag)
			line = "\n"
		case Text:
			kind := ""
			if t.Opaque {
				kind = "opaque "
			}
			fmt.Fprintf(w, " %s%q", kind, t.Text[:min(len(t.Text), dumpText)])
			if len(t.Text) > dumpText {
				fmt.Fprintf(w, " … %d bytes", len(t.Text))
			}
		}
	}
}
