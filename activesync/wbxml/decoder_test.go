package wbxml

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// chunks gives its data a few bytes at a time.
type chunks struct{ data string }

func (c *chunks) Read(p []byte) (int, error) {
	if c.data == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), 7)], c.data)
	c.data = c.data[n:]
	return n, nil
}

func tokensOf(b []byte) (out []Token, err error) {
	r, err := NewReader(b)
	for err == nil {
		var tok Token
		if tok, err = r.Next(); err == nil {
			out = append(out, tok)
		}
	}
	return out, err
}

func streamedTokens(r io.Reader) (out []Token, err error) {
	d := NewDecoder(r, Limits{})
	for {
		tok, err := d.Next()
		if err != nil {
			return out, err
		}
		if tok.Kind == Text {
			if tok.Text, err = io.ReadAll(d.Value()); err != nil {
				return out, err
			}
		}
		out = append(out, tok)
	}
}

func TestDecoderSeesWhatTheReaderSees(t *testing.T) {
	in := fullSample(t)
	in.Body.Data, in.Data = strings.Repeat("a long value ", 10_000), bytes.Repeat([]byte{0}, 70_000)
	b := mustMarshal(t, &in)
	want, err := tokensOf(b)
	if err != io.EOF {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{"whole": bytes.NewReader(b), "byte by byte": iotest.OneByteReader(bytes.NewReader(b)),
		"in chunks": &chunks{string(b)}, "the end with the data": iotest.DataErrReader(bytes.NewReader(b))} {
		if got, err := streamedTokens(r); err != io.EOF || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the tokens differ, %v", name, err)
		}
	}
}

func TestStreamThatBreaksOff(t *testing.T) {
	in := fullSample(t)
	b := mustMarshal(t, &in)
	lost := errors.New("connection lost")
	for n := range b {
		for name, read := range map[string]func(io.Reader) error{
			"tokens": func(r io.Reader) error { _, err := streamedTokens(r); return err },
			"skip":   func(r io.Reader) error { d := NewDecoder(r, Limits{}); return errors.Join(first(d.Next()), d.Skip()) },
			"raw": func(r io.Reader) error {
				d := NewDecoder(r, Limits{})
				return errors.Join(first(d.Next()), first(d.Raw()))
			},
			"text": func(r io.Reader) error {
				d := NewDecoder(r, Limits{})
				return errors.Join(first(d.Next()), first(d.Text()))
			},
			"decode": func(r io.Reader) error { return NewDecoder(r, Limits{}).Decode(&sample{}) },
		} {
			for _, end := range []error{nil, io.ErrUnexpectedEOF} {
				r := io.Reader(bytes.NewReader(b[:n]))
				if end != nil {
					r = io.MultiReader(r, iotest.ErrReader(end))
				}
				var at *SyntaxError
				if err := read(r); !errors.Is(err, io.ErrUnexpectedEOF) || !errors.As(err, &at) {
					t.Errorf("%s cut at %d: %v", name, n, err)
				}
			}
			var at *SyntaxError
			if err := read(io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(lost))); !errors.Is(err, lost) || errors.As(err, &at) {
				t.Errorf("%s lost at %d: %v", name, n, err)
			}
		}
	}
}

func first[T any](_ T, err error) error { return err }

// A fetched file: small values before a large one that is copied away.
func TestLargeValuesPassThrough(t *testing.T) {
	const size = 64 << 20
	for name, write := range map[string]func(*Writer){
		"opaque": func(w *Writer) { w.OpaqueFrom(io.LimitReader(letters{}, size), size) },
		"inline": func(w *Writer) { w.TextFrom(io.LimitReader(letters{}, size)) },
	} {
		in, out := io.Pipe()
		go func() {
			w := NewWriter(out)
			w.Start(MustTag("ItemOperations:ItemOperations"))
			w.Start(MustTag("ItemOperations:Status"))
			w.Text("1")
			w.End()
			w.Start(MustTag("ItemOperations:Data"))
			write(w)
			w.End()
			w.Empty(MustTag("ItemOperations:Total"))
			w.End()
			out.CloseWithError(w.Close())
		}()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d := NewDecoder(in, Limits{Size: 1 << 10})
		var names []string
		var copied int64
		for {
			tok, err := d.Next()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(name, err)
			}
			switch {
			case tok.Kind == Start:
				names = append(names, tok.Tag.Name())
			case tok.Kind == Text && d.Depth() == 2 && names[len(names)-1] == "Data":
				if tok.Opaque != (name == "opaque") {
					t.Errorf("%s: opaque is %v", name, tok.Opaque)
				}
				n, err := io.Copy(letters{}, d.Value())
				if err != nil {
					t.Fatal(name, err)
				}
				copied = n
			}
		}
		runtime.ReadMemStats(&after)
		if want := "ItemOperations Status Data Total"; copied != size || strings.Join(names, " ") != want {
			t.Errorf("%s: %d bytes, elements %v", name, copied, names)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: %d bytes were allocated for a value of %d", name, used, size)
		}
	}
}

// letters is an endless text; written to it, text must be the same.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func (letters) Write(p []byte) (int, error) {
	if bytes.Count(p, []byte("x")) != len(p) {
		return 0, errors.New("other text arrived")
	}
	return len(p), nil
}

func TestDecoderReadsPartsIntoStructs(t *testing.T) {
	in := fullSample(t)
	d := NewDecoder(&chunks{string(mustMarshal(t, &in))}, Limits{})
	var got []item
	var key []byte
	for {
		tok, err := d.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if tok.Kind != Start {
			continue
		}
		switch tok.Tag.String() {
		case "AirSync:Sync", "AirSync:Collections":
		case "AirSync:Collection":
			var it item
			if err := d.Decode(&it); err != nil {
				t.Fatal(err)
			}
			got = append(got, it)
		case "AirSync:SyncKey":
			if key, err = d.Text(); err != nil {
				t.Fatal(err)
			}
		default:
			if err := d.Skip(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(got) != 2 || string(key) != "7" || got[1].ServerID != "5:2" || got[1].Class != "Email" || !got[1].Data.Empty() {
		t.Errorf("key %q, items %+v", key, got)
	}
	var b body
	if err := got[0].Data.Unmarshal(&b); err != nil || b != (body{2, "<p>grüße</p>"}) {
		t.Errorf("the item's data: %+v, %v", b, err)
	}
}

func TestValuesLeftUnread(t *testing.T) {
	d := NewDecoder(bytes.NewReader(encode(t, group("AirSync:Sync", text("AirSync:SyncKey", "a long key"), text("AirSync:Class", "Email")))), Limits{})
	var old io.Reader
	for {
		tok, err := d.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if old != nil {
			if n, err := old.Read(make([]byte, 9)); n != 0 || err != io.EOF {
				t.Errorf("the value before gives %d bytes, %v", n, err)
			}
		}
		if old = nil; tok.Kind == Text {
			old = d.Value()
			if _, err := io.ReadFull(old, make([]byte, 3)); err != nil {
				t.Fatal(err)
			}
		} else if n, _ := d.Value().Read(make([]byte, 1)); n != 0 {
			t.Error("a value without a Text token")
		}
	}
}

func TestPartsThatAreTooLarge(t *testing.T) {
	long := strings.Repeat("x", 100)
	for name, n := range map[string]*Node{"inline": text("AirSync:Class", long), "opaque": opaque("AirSync:Class", long)} {
		for _, read := range []func(*Decoder) error{
			func(d *Decoder) error { return first(d.Text()) },
			func(d *Decoder) error { return first(d.Raw()) },
			func(d *Decoder) error { return d.Decode(&sample{}) },
		} {
			d := NewDecoder(bytes.NewReader(encode(t, group("AirSync:Sync", n))), Limits{Size: 99})
			for range 2 {
				if _, err := d.Next(); err != nil {
					t.Fatal(err)
				}
			}
			if err := read(d); !errors.Is(err, ErrSize) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := d.Next(); !errors.Is(err, ErrSize) {
				t.Errorf("%s: afterwards %v", name, err)
			}
		}
	}
}
