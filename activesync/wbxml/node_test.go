package wbxml

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestNode(t *testing.T) {
	n := group("AirSync:Sync", text("AirSync:SyncKey", "7"), group("AirSync:Collections", opaque("AirSyncBase:Data", "\x00")), text("AirSync:SyncKey", "8"))
	again, err := Parse(encode(t, n))
	if err != nil || !n.Equal(again) {
		t.Fatalf("%+v, %v", again, err)
	}
	if k := again.Child(MustTag("AirSync:SyncKey")); k == nil || string(k.Text) != "7" {
		t.Errorf("the first key is %+v", k)
	}
	if d := again.Child(MustTag("AirSync:Collections")).Child(MustTag("AirSyncBase:Data")); d == nil || !d.Opaque {
		t.Errorf("the data is %+v", d)
	}
	if d := again.Child(MustTag("AirSync:Wait")).Child(MustTag("AirSync:Limit")); d != nil {
		t.Errorf("what is not there is %+v", d)
	}
	again.Children[0].Text = []byte("9")
	if n.Equal(again) || n.Equal(&Node{Tag: n.Tag}) || n.Equal(&Node{Tag: 6, Children: n.Children}) {
		t.Error("different trees are equal")
	}
	if _, err := (&Node{Tag: 3}).Append(nil); !errors.Is(err, ErrToken) {
		t.Errorf("a tree with a global token: %v", err)
	}
}

func TestDump(t *testing.T) {
	b := encode(t, group("AirSync:Sync", text("AirSync:SyncKey", "7\x1B[31m\u202E"), group("AirSync:MoreAvailable"),
		group("AirSyncBase:Body", opaque("AirSyncBase:Data", strings.Repeat("x", 201))), &Node{Tag: MakeTag(22, 0x14)}))
	var out strings.Builder
	if err := Dump(&out, b); err != nil {
		t.Fatal(err)
	}
	want := `AirSync:Sync
  AirSync:SyncKey "7[31m\u202e"
  AirSync:MoreAvailable
  AirSyncBase:Body
    AirSyncBase:Data opaque "` + strings.Repeat("x", 200) + `" … 201 bytes
  22:0x14
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	if err := Dump(&out, b[:len(b)-3]); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken document: %v", err)
	}
	if !strings.HasPrefix(out.String(), "AirSync:Sync\n  AirSync:SyncKey") || !strings.HasSuffix(out.String(), "\n") {
		t.Errorf("of a broken document it shows %q", out.String())
	}
	lost := errors.New("disk is gone")
	if err := Dump(failing{lost}, b); !errors.Is(err, lost) {
		t.Errorf("a failing output: %v", err)
	}
	if err := Dump(io.Discard, []byte("<html>")); !errors.Is(err, ErrHeader) {
		t.Errorf("HTML: %v", err)
	}
}

// All readers must agree on every document, and what was read can be written
// and read again.
func FuzzReader(f *testing.F) {
	in := fullSample(f)
	f.Add(mustMarshal(f, &in))
	f.Add(mustMarshal(f, newMailSync(1)))
	f.Add([]byte{3, 1, 0x6A, 0, 0x45, 0xC3, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F})
	f.Add([]byte("\x03\x01\x6A\x00\x45\x5C\x4F\x5D\x00\x02\x4F\x03a\x00\x01\x01\x00\x00\x10\x01\x01\x01"))
	f.Add(mustMarshal(f, &plainSample{Grade: "-1"})) // what could not be written must not be read
	f.Fuzz(func(t *testing.T, b []byte) {
		var out sample
		if err := Unmarshal(b, &out); err == nil {
			var again sample
			if err := Unmarshal(mustMarshal(t, &out), &again); err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
		}
		for _, it := range out.Items {
			checkRaw(t, it.Data)
		}
		tokens, err := tokensOf(b)
		streamed, serr := streamedTokens(bytes.NewReader(b))
		n, perr := Parse(b)
		if (err == io.EOF) != (serr == io.EOF) || (err == io.EOF) != (perr == nil) {
			t.Fatalf("the reader says %v, the decoder %v, the tree %v", err, serr, perr)
		}
		if len(tokens) != len(streamed) && err == io.EOF {
			t.Fatalf("%d tokens, streamed %d", len(tokens), len(streamed))
		}
		for i := range min(len(tokens), len(streamed)) {
			if a, b := tokens[i], streamed[i]; a.Kind != b.Kind || a.Tag != b.Tag || a.Opaque != b.Opaque || !bytes.Equal(a.Text, b.Text) {
				t.Fatalf("token %d is %+v, streamed %+v", i, a, b)
			}
		}
		_ = Dump(io.Discard, b)
		if perr != nil {
			return
		}
		first := encode(t, n)
		m, err := Parse(first)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if twice := encode(t, m); !bytes.Equal(first, twice) {
			t.Fatalf("written twice: %x and %x", first, twice)
		}
		r, _ := NewReader(b)
		d := NewDecoder(bytes.NewReader(b), Limits{})
		_, _ = r.Next()
		_, _ = d.Next()
		x, err := r.Raw()
		y, derr := d.Raw()
		if err != nil || derr != nil {
			t.Fatalf("captured: %v, %v", err, derr)
		}
		checkRaw(t, x)
		checkRaw(t, y)
		xn, _ := x.Node()
		if yn, _ := y.Node(); !xn.Equal(yn) {
			t.Fatalf("captured %x and %x", x.data, y.data)
		}
	})
}

// checkRaw checks that a Raw can be read and written elsewhere.
func checkRaw(t *testing.T, r Raw) {
	t.Helper()
	a, err := r.Node()
	if err != nil {
		t.Fatalf("a Raw cannot be read: %v", err)
	}
	if _, err := r.Text(); err != nil {
		t.Fatalf("a Raw has no text: %v", err)
	}
	var out sample
	if err := r.Unmarshal(&out); err != nil && !errors.Is(err, ErrValue) {
		t.Fatalf("a Raw cannot be read as a struct: %v", err)
	}
	n, err := Parse(mustMarshal(t, holder{Lead: "x", Data: &r, Last: "y"}))
	if errors.Is(err, ErrDepth) {
		return
	}
	if err != nil {
		t.Fatalf("a Raw spoils its document: %v", err)
	}
	b := *n.Child(MustTag("AirSync:ApplicationData"))
	b.Tag = a.Tag
	if !a.Equal(&b) || len(n.Children) != 3 {
		t.Fatalf("a Raw %x changed on its way", r.data)
	}
}
