package wbxml

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
)

func sendMail(w *Writer, mime func()) {
	w.Start(MustTag("ComposeMail:SendMail"))
	w.Start(MustTag("ComposeMail:ClientId"))
	w.Text("17")
	w.End()
	w.Empty(MustTag("ComposeMail:SaveInSentItems"))
	w.Start(MustTag("ComposeMail:Mime"))
	mime()
	w.End()
	w.End()
}

const mail12 = "From: a\r\n\r\nb"

func TestWaysToWriteAMail(t *testing.T) {
	want := encode(t, group("ComposeMail:SendMail", text("ComposeMail:ClientId", "17"), group("ComposeMail:SaveInSentItems"),
		opaque("ComposeMail:Mime", mail12)))
	check := func(name string, w *Writer, got func() string) {
		t.Helper()
		if err := w.Close(); err != nil || got() != string(want) {
			t.Errorf("%s: %q, %v", name, got(), err)
		}
	}
	var whole, copied, cut bytes.Buffer
	w := NewWriter(&whole)
	sendMail(w, func() { w.Opaque([]byte(mail12)) })
	check("in memory", w, whole.String)

	w = NewWriter(&copied)
	sendMail(w, func() { w.OpaqueFrom(&chunks{mail12 + " and what is not asked for"}, int64(len(mail12))) })
	check("copied", w, copied.String)

	// The document in two parts around the mail, which is not touched.
	w, at := NewWriter(&cut), 0
	sendMail(w, func() {
		w.OpaqueHead(int64(len(mail12)))
		at = cut.Len()
	})
	check("cut in two", w, func() string { return cut.String()[:at] + mail12 + cut.String()[at:] })

	// Flushed between an element and its first content.
	copied.Reset()
	w = NewWriter(&copied)
	w.Start(MustTag("AirSync:Sync"))
	w.Start(MustTag("AirSync:Class"))
	if err := w.Flush(); err != nil || copied.Len() != 0 {
		t.Errorf("%d bytes flushed, %v", copied.Len(), err)
	}
	w.Text("Email")
	w.End()
	w.End()
	want = encode(t, group("AirSync:Sync", text("AirSync:Class", "Email")))
	check("flushed", w, copied.String)

	whole.Reset()
	w = NewWriter(&whole)
	w.Start(MustTag("AirSync:Sync"))
	if err := errors.Join(w.Encode(&struct {
		_ Root `wbxml:"AirSync:Collections"`
		N int  `wbxml:"AirSync:WindowSize"`
	}{N: 5}), w.Flush()); err != nil {
		t.Fatal(err)
	}
	if whole.Len() == 0 {
		t.Error("Flush gave nothing away")
	}
	w.End()
	want = encode(t, group("AirSync:Sync", group("AirSync:Collections", text("AirSync:WindowSize", "5"))))
	check("a struct inside", w, whole.String)
}

// All texts of one document, whichever way they are written, and with buffers
// flushed at every point on the way.
func TestLongDocumentsAreHandedOverOnTheWay(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	w.Start(MustTag("AirSync:Sync"))
	tree := group("AirSync:Sync")
	for i := range 300 {
		s := strings.Repeat("0123456789", i*7%1000)
		if i%50 == 0 {
			s = strings.Repeat(s, 30)
		}
		name := []string{"AirSyncBase:Data", "Email:Subject"}[i%2]
		w.Start(MustTag(name))
		switch i % 4 {
		case 0:
			w.Text("\x00" + s)
		case 1:
			w.TextBytes([]byte(s + "\x01"))
		case 2:
			w.TextFrom(&chunks{"\x02" + s})
		case 3:
			w.OpaqueFrom(strings.NewReader(s), int64(len(s)))
		}
		w.End()
		w.Empty(MustTag("AirSync:Class"))
		if len(w.buf) > 2*flushSize {
			t.Fatalf("%d bytes are held", len(w.buf))
		}
		tree.Children = append(tree.Children, text(name, s), group("AirSync:Class"))
	}
	w.End()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	n, err := Parse(out.Bytes())
	if err != nil || !n.Equal(tree) {
		t.Errorf("%d bytes written, %v", out.Len(), err)
	}
}

func TestMisuseOfAWriter(t *testing.T) {
	sync := MustTag("AirSync:Sync")
	lost := errors.New("disk is gone")
	for name, c := range map[string]struct {
		write func(*Writer)
		want  error
	}{
		"nothing":              {func(*Writer) {}, ErrStructure},
		"an open element":      {func(w *Writer) { w.Start(sync) }, ErrStructure},
		"an End too many":      {func(w *Writer) { w.Empty(sync); w.End() }, ErrStructure},
		"two roots":            {func(w *Writer) { w.Empty(sync); w.Empty(sync) }, ErrStructure},
		"text beside the root": {func(w *Writer) { w.Text("a"); w.Empty(sync) }, ErrStructure},
		"a global token":       {func(w *Writer) { w.Empty(Tag(3)) }, ErrToken},
		"a token with content": {func(w *Writer) { w.Empty(Tag(0x45)) }, ErrToken},
		"too deep": {func(w *Writer) {
			for range defaultDepth + 1 {
				w.Start(sync)
			}
			for range defaultDepth + 1 {
				w.End()
			}
		}, ErrDepth},
		"less data than told": {func(w *Writer) { w.Start(sync); w.OpaqueFrom(strings.NewReader("abc"), 4); w.End() }, io.ErrUnexpectedEOF},
		"data that is lost":   {func(w *Writer) { w.Start(sync); w.OpaqueFrom(iotest.ErrReader(lost), 4); w.End() }, lost},
		"text that is lost":   {func(w *Writer) { w.Start(sync); w.TextFrom(iotest.ErrReader(lost)); w.End() }, lost},
		"too much data":       {func(w *Writer) { w.Start(sync); w.OpaqueFrom(letters{}, math.MaxInt32+1); w.End() }, ErrSize},
		"less than no data":   {func(w *Writer) { w.Start(sync); w.OpaqueHead(-1); w.End() }, ErrSize},
	} {
		for _, out := range []io.Writer{io.Discard, nil} {
			w := NewWriter(out)
			c.write(w)
			if err := w.Close(); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	}
	w := NewWriter(nil)
	w.Start(sync)
	w.OpaqueHead(3)
	w.End()
	if err := w.Close(); err == nil {
		t.Error("data was announced with nowhere to write to")
	}
	w = NewWriter(failing{lost})
	w.Empty(sync)
	if err := w.Close(); !errors.Is(err, lost) {
		t.Errorf("a failing output: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestNumbersOfSeveralBytes(t *testing.T) {
	for n, want := range map[uint32]string{0: "\x00", 127: "\x7F", 128: "\x81\x00", 0xA0: "\x81\x20", 1 << 14: "\x81\x80\x00", math.MaxInt32: "\x87\xFF\xFF\xFF\x7F"} {
		b := appendNumber(nil, n)
		if string(b) != want {
			t.Errorf("%d is %x, want %x", n, b, want)
		}
		r := Reader{data: b}
		if got, err := r.number(); err != nil || got != int(n) {
			t.Errorf("%x is %d, %v", b, got, err)
		}
	}
}
