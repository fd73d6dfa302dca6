package contentline

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode"
)

// Lines that go on for ever take time that grows with their length. By the square
// of it each of these would take from a minute to half an hour.
func TestNoFileHoldsTheReaderUp(t *testing.T) {
	const lines = 400_000
	for name, c := range map[string]struct {
		head, more string
		want       int // bytes of the line
	}{
		"folded":                     {"X:", "\n a", 2 + lines},
		"with soft breaks":           {"X;ENCODING=QUOTED-PRINTABLE:=", "\na=", 28 + lines + 1},
		"folded, without a colon":    {"X;QUOTED-PRINTABLE", "\n =", 18 + lines},
		"one that begins with blank": {" X:", "\n a", 3 + lines},
		"a broken picture":           {"X;ENCODING=BASE64:", "\na", 18 + lines},
	} {
		got := Lines([]byte(c.head + strings.Repeat(c.more, lines)))
		if len(got) != 1 || len(got[0]) != c.want {
			t.Errorf("%s: %d lines, the first of %d bytes, want %d", name, len(got), len(got[0]), c.want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       Line
	}{
		{"old line ends", "A:1\rB:2", Line{Name: "A", Value: "1"}},
		{"UTF-16", "\xFF\xFEA\x00:\x00\xFC\x00", Line{Name: "A", Value: "ü"}},
		{"group", "item1.tel;type=cell,home:+1", Line{Group: "ITEM1", Name: "TEL", Params: []Param{{"TYPE", "cell"}, {"TYPE", "home"}}, Value: "+1"}},
		{"version 2.1", "N;HOME;QUOTED-PRINTABLE:a=3D=\r\nb=0D=0Ac", Line{Name: "N", Params: []Param{{"TYPE", "HOME"}, {"ENCODING", "QUOTED-PRINTABLE"}}, Value: `a=b\nc`}},
		{"quotes", `A;CN="Souza, ^'Ana^'":x`, Line{Name: "A", Params: []Param{{"CN", `Souza, "Ana"`}}, Value: "x"}},
		{"quotes closed late", `A;TZID="Tokyo:2026"`, Line{Name: "A", Params: []Param{{"TZID", "Tokyo"}}, Value: "2026"}},
		{"quotes never closed", `A;TYPE="home:+1`, Line{Name: "A", Params: []Param{{"TYPE", "home"}}, Value: "+1"}},
		{"Latin 1 that says nothing", "A;CN=M\xFCller:\xFC", Line{Name: "A", Params: []Param{{"CN", "Müller"}}, Value: "ü"}},
		{"a charset of ASCII bytes", "A;CHARSET=ISO-2022-JP:\x1b$B;3\x1b(B", Line{Name: "A", Params: []Param{{"CHARSET", "ISO-2022-JP"}}, Value: "山"}},
		{"a charset that is not so", "A;CHARSET=ISO-8859-1:ü", Line{Name: "A", Params: []Param{{"CHARSET", "ISO-8859-1"}}, Value: "ü"}},
	} {
		got, ok := Parse(Lines([]byte(c.file))[0])
		if !ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v %v, want %+v", c.name, got, ok, c.want)
		}
	}
	for _, bad := range []string{"", "A", ":x", ";:x", "A;B=c", `A;B="c`, "é:x"} {
		if got, ok := Parse(bad); ok {
			t.Errorf("%q is %+v", bad, got)
		}
	}
}

// What is written is read as it was, whatever it is.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{"", `a\nb\;c`, "ü,;:\"^'\n", "x=\r\n\ty", strings.Repeat("é", 80), "C:\\new"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, param, text string) {
		var b bytes.Buffer
		Fold(&b, "X-NAME;P="+QuoteParam(param)+":"+Escape(text))
		for line := range strings.SplitSeq(b.String(), "\r\n") {
			if len(line) > 75 {
				t.Errorf("a line of %d octets", len(line))
			}
		}
		lines := Lines(b.Bytes())
		if len(lines) != 1 {
			t.Fatalf("%q became %d lines", b.String(), len(lines))
		}
		got, ok := Parse(lines[0])
		// A line end is no blank: it is written as ^n.
		if want := strings.TrimFunc(Tidy(param), func(r rune) bool { return r != '\n' && unicode.IsSpace(r) }); !ok || got.Param("P") != want {
			t.Errorf("parameter %q, want %q", got.Param("P"), want)
		}
		if want := Tidy(text); Unescape(got.Value) != want {
			t.Errorf("text %q, want %q", Unescape(got.Value), want)
		}
	})
}

// Nothing that is read breaks the reader.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"A:1\r\n b", "N;QUOTED-PRINTABLE:a=\nb", `A;CN="x:y"`, "\xFF\xFEA\x00", "A;ENCODING=B:\nAAAA\n\nB:"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, raw := range Lines(file) {
			if l, ok := Parse(raw); ok && (l.Name == "" || strings.ContainsAny(l.Value, "\r\n")) {
				t.Errorf("%q is %+v", raw, l)
			}
		}
	})
}
