package wbxml

import (
	"bytes"
	"io"
	"testing"
)

type holder struct {
	_    Root   `wbxml:"AirSync:Sync"`
	Lead string `wbxml:"Email:Subject,omitempty"` // leaves another code page in force
	Data *Raw   `wbxml:"AirSync:ApplicationData"`
	Last string `wbxml:"AirSync:Class,omitempty"`
	Some []Raw  `wbxml:"Settings:Get"`
	Opt  Raw    `wbxml:"Settings:Set,omitempty"`
}

// A Raw carries its code pages: what comes before, in and behind it may be on
// others than where it came from.
func TestRawGoesFromDocumentToDocument(t *testing.T) {
	type plain struct {
		A string `wbxml:"AirSync:Class"`
		B string `wbxml:"Email2:UmCallerID"`
	}
	source := encode(t, group("AirSync:Sync", text("AirSyncBase:Data", "before"),
		group("AirSync:ApplicationData", text("AirSync:Class", "a"), text("Email2:UmCallerID", "b")),
		group("Settings:Get", text("Settings:Status", "1")), group("Settings:Get"), group("Settings:Set")))
	var in holder
	if err := Unmarshal(source, &in); err != nil {
		t.Fatal(err)
	}
	in.Lead, in.Last = "on page 2", "on page 0"
	b := mustMarshal(t, in)
	n, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	want := group("AirSync:Sync", text("Email:Subject", "on page 2"),
		group("AirSync:ApplicationData", text("AirSync:Class", "a"), text("Email2:UmCallerID", "b")), text("AirSync:Class", "on page 0"),
		group("Settings:Get", text("Settings:Status", "1")), group("Settings:Get"))
	if !n.Equal(want) {
		var dump bytes.Buffer
		_ = Dump(&dump, b)
		t.Errorf("got\n%s", dump.String())
	}
	var p plain
	if err := in.Data.Unmarshal(&p); err != nil || p != (plain{"a", "b"}) {
		t.Errorf("content %+v, %v", p, err)
	}
	tree, err := in.Data.Node()
	if err != nil || !tree.Equal(&Node{Children: want.Children[1].Children}) {
		t.Errorf("tree %+v, %v", tree, err)
	}
	if in.Data.Empty() || in.Data.Len() == 0 || !in.Some[1].Empty() || !in.Opt.Empty() {
		t.Error("what is empty and what is not was mixed up")
	}
}

func TestRawOnAnotherPageThanItsElement(t *testing.T) {
	b := mustMarshal(t, holder{Opt: mustRaw(t, struct {
		A string `wbxml:"AirSync:Class"`
	}{"a"}), Some: []Raw{mustRaw(t, body{1, "b"})}})
	n, err := Parse(b)
	want := group("AirSync:Sync", group("Settings:Get", text("AirSyncBase:Type", "1"), text("AirSyncBase:Data", "b")), group("Settings:Set", text("AirSync:Class", "a")))
	if err != nil || !n.Equal(want) {
		t.Errorf("got %x, %v", b, err)
	}
}

func TestRawOfText(t *testing.T) {
	for _, n := range []*Node{text("AirSync:ApplicationData", "words"), opaque("AirSync:ApplicationData", "words")} {
		var in holder
		if err := Unmarshal(encode(t, group("AirSync:Sync", n)), &in); err != nil {
			t.Fatal(err)
		}
		if b, err := in.Data.Text(); err != nil || string(b) != "words" {
			t.Errorf("text %q, %v", b, err)
		}
		if err := in.Data.Unmarshal(&holder{}); err != nil {
			t.Errorf("as a struct: %v", err)
		}
	}
	if b, err := (Raw{}).Text(); err != nil || len(b) != 0 {
		t.Errorf("nothing is %q, %v", b, err)
	}
}

func TestRawInsideRaw(t *testing.T) {
	in := mustRaw(t, holder{Data: ptr(mustRaw(t, holder{Data: ptr(mustRaw(t, body{2, "core"})), Lead: "page 2 at the end"}))})
	var a, b holder
	var c body
	if err := in.Unmarshal(&a); err != nil {
		t.Fatal(err)
	}
	if err := a.Data.Unmarshal(&b); err != nil || b.Lead == "" {
		t.Fatal(b, err)
	}
	if err := b.Data.Unmarshal(&c); err != nil || c.Data != "core" {
		t.Errorf("core %+v, %v", c, err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestReaderAndDecoderCaptureTheSame(t *testing.T) {
	source := encode(t, group("AirSync:Sync", text("AirSyncBase:Data", "before"),
		group("AirSync:ApplicationData", text("AirSync:Class", "a"), opaque("Email2:UmCallerID", "b\x00"), group("AirSync:Add")), text("AirSync:Class", "z")))
	r, err := NewReader(source)
	if err != nil {
		t.Fatal(err)
	}
	d := NewDecoder(&chunks{string(source)}, Limits{})
	for {
		a, err := r.Next()
		b, err2 := d.Next()
		if a.Tag != b.Tag || a.Kind != b.Kind || err != err2 {
			t.Fatalf("%+v, %v and %+v, %v", a, err, b, err2)
		}
		if err == io.EOF {
			return
		}
		if a.Kind == Start && a.Tag != MustTag("AirSync:Sync") {
			x, err := r.Raw()
			if err != nil {
				t.Fatal(err)
			}
			y, err := d.Raw()
			if err != nil {
				t.Fatal(err)
			}
			if !x.Equal(y) || x.to != y.to {
				t.Errorf("%v: %x and %x", a.Tag, x.data, y.data)
			}
		}
	}
}

func TestEqualRaws(t *testing.T) {
	a, b := mustRaw(t, body{1, "x"}), mustRaw(t, body{1, "x"})
	if !a.Equal(b) || a.Equal(mustRaw(t, body{2, "x"})) || a.Equal(Raw{}) || !(Raw{from: 1, to: 1}).Equal(Raw{}) {
		t.Error("Equal is wrong")
	}
}
