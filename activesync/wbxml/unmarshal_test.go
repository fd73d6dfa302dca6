package wbxml

import (
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func text(name, s string) *Node   { return &Node{Tag: MustTag(name), Text: []byte(s)} }
func opaque(name, s string) *Node { return &Node{Tag: MustTag(name), Text: []byte(s), Opaque: true} }
func group(name string, children ...*Node) *Node {
	return &Node{Tag: MustTag(name), Children: children}
}

func TestElementsComeInAnyOrderAndForm(t *testing.T) {
	n := group("AirSync:Sync",
		group("AirSyncBase:Body", opaque("AirSyncBase:Data", "x\x00y"), text("AirSyncBase:Type", " 4\n")),
		&Node{Tag: MakeTag(99, 0x20), Children: []*Node{text("AirSync:SyncKey", "inside what is unknown")}},
		&Node{Tag: MakeTag(22, 0x14), Text: []byte("a gap of the page")},
		text("Email:Subject", "not asked for"),
		group("AirSync:Collections", group("AirSync:Collection", text("AirSync:ServerId", "1"))),
		group("AirSync:MoreAvailable"),
		opaque("AirSync:SyncKey", "7"),
		text("ComposeMail:Mime", "inline"),
		group("AirSync:Collections", text("AirSync:Class", "between"), group("AirSync:Collection", text("AirSync:ServerId", "2"))),
		text("AirSync:Partial", "false"), group("AirSync:GetChanges"), group("AirSync:WindowSize"),
	)
	var out sample
	if err := Unmarshal(encode(t, n), &out); err != nil {
		t.Fatal(err)
	}
	yes := true
	want := sample{Key: "7", More: true, Changes: &yes, Data: []byte("inline"), Body: &body{4, "x\x00y"},
		Items: []item{{ServerID: "1"}, {ServerID: "2"}}}
	if !reflect.DeepEqual(out, want) {
		t.Errorf("got  %+v\nwant %+v", out, want)
	}
}

// Content bit and END at once is an empty element, text may come in parts, and
// pages may be switched anywhere and twice.
func TestUnusualFormsThatSendersUse(t *testing.T) {
	doc := "\x03\x01\x6A\x00" + "\x00\x11\x00\x00\x45" + // to page 17 and back before Sync
		"\x54\x01" + // MoreAvailable, content bit and END
		"\x4B\x031\x00\xC3\x012\x00\x11\x033\x00\x01" + // SyncKey in three parts, one behind a switch
		"\x4A\x00\x00\x01" + // Body, and the switch back inside it
		"\x01"
	var out sample
	if err := Unmarshal([]byte(doc), &out); err != nil {
		t.Fatal(err)
	}
	if !out.More || out.Key != "123" || out.Body == nil {
		t.Errorf("got %+v", out)
	}
	// Version 1.1, another public id, a string table: nothing of it is used.
	if err := Unmarshal([]byte("\x01\x81\x00\x6A\x04abc\x00\x45\x01"), &out); err != nil {
		t.Errorf("another header: %v", err)
	}
	if err := Unmarshal([]byte("\x03\x01\x6A\x00\x05and more"), &out); err != nil {
		t.Errorf("bytes behind the root: %v", err)
	}
}

func TestNothingOfTheDocumentIsKept(t *testing.T) {
	in := fullSample(t)
	b := mustMarshal(t, &in)
	var out sample
	if err := Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	tree, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	same, err := Parse(append([]byte(nil), b...))
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] = 0xEE
	}
	if !reflect.DeepEqual(in, out) {
		t.Errorf("the struct changed with the document: %+v", out)
	}
	if !tree.Equal(same) {
		t.Error("the tree changed with the document")
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	n := group("AirSync:Sync", text("AirSync:WindowSize", "many"), text("AirSync:Partial", "perhaps"), text("AirSync:SyncKey", "7"),
		group("AirSyncBase:Body", text("AirSyncBase:Type", "256"), text("AirSyncBase:Data", "text")), text("Email:Importance", "grade A"))
	b := encode(t, n)
	var out sample
	err := Unmarshal(b, &out)
	var at *SyntaxError
	if !errors.Is(err, ErrValue) || !errors.As(err, &at) || !errors.Is(err, strconv.ErrSyntax) {
		t.Fatalf("error %v", err)
	}
	// Behind "many", its zero byte and the END: header 4, Sync 1, WindowSize 1, STR_I 1, text 4.
	if at.Offset != 13 {
		t.Errorf("offset %d", at.Offset)
	}
	if out.Key != "7" || out.Body == nil || out.Body.Data != "text" || out.Body.Type != 0 || out.Window != 0 {
		t.Errorf("the rest was not read: %+v", out)
	}
}

func TestTextThatIsNotUTF8(t *testing.T) {
	var out struct {
		Key  string `wbxml:"AirSync:SyncKey"`
		Data []byte `wbxml:"AirSyncBase:Data"`
	}
	b := encode(t, group("AirSync:Sync", text("AirSync:SyncKey", "gr\xF6\xDFer"), text("AirSyncBase:Data", "gr\xF6\xDFer")))
	if err := Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if out.Key != "gr\uFFFDer" || string(out.Data) != "gr\xF6\xDFer" {
		t.Errorf("got %q and %q", out.Key, out.Data)
	}
}

// A page that is not known is no other page, whatever its lower bits are.
func TestUnknownPages(t *testing.T) {
	for page := 26; page < 256; page++ {
		n := &Node{Tag: MakeTag(byte(page), 0x0B), Text: []byte("8")}
		b := encode(t, group("AirSync:Sync", n))
		var out sample
		if err := Unmarshal(b, &out); err != nil || out.Key != "" {
			t.Errorf("page %d: key %q, %v", page, out.Key, err)
		}
		if tree, err := Parse(b); err != nil || tree.Children[0].Tag != n.Tag {
			t.Errorf("page %d became %v, %v", page, tree, err)
		}
	}
}

func TestReadingIntoWhatWasUsedBefore(t *testing.T) {
	in := fullSample(t)
	out := sample{Items: []item{{ServerID: "old", Class: "old", Data: in.Items[0].Data}}[:0], Names: []string{"first"}, Window: 9, Body: &body{Type: 9}}
	n := group("AirSync:Sync", group("AirSync:Collections", group("AirSync:Collection", text("AirSync:ServerId", "1"))),
		group("Email:Categories", text("Email:Category", "second")), group("AirSyncBase:Body", text("AirSyncBase:Data", "new")), text("AirSync:MoreAvailable", "0"))
	if err := Unmarshal(encode(t, n), &out); err != nil {
		t.Fatal(err)
	}
	want := sample{Items: []item{{ServerID: "1"}}, Names: []string{"first", "second"}, Window: 9, Body: &body{9, "new"}, More: true}
	if !reflect.DeepEqual(out, want) {
		t.Errorf("got  %+v\nwant %+v", out, want)
	}
}

func TestAnotherRoot(t *testing.T) {
	b := encode(t, group("FolderHierarchy:FolderSync", text("FolderHierarchy:Status", "1")))
	if err := Unmarshal(b, &sample{}); !errors.Is(err, ErrRoot) {
		t.Errorf("error %v", err)
	}
	var any struct {
		Status int `wbxml:"FolderHierarchy:Status"`
	}
	if err := Unmarshal(b, &any); err != nil || any.Status != 1 {
		t.Errorf("status %d, %v", any.Status, err)
	}
}

func TestTargetsThatWillNotDo(t *testing.T) {
	b := encode(t, group("AirSync:Sync"))
	n := 0
	for _, v := range []any{nil, sample{}, (*sample)(nil), &n} {
		if err := Unmarshal(b, v); err == nil {
			t.Errorf("read into a %T", v)
		}
	}
}

func TestTruncatedDocumentsSaySo(t *testing.T) {
	in := fullSample(t)
	b := mustMarshal(t, &in)
	for n := range b {
		var out sample
		if err := Unmarshal(b[:n], &out); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: Unmarshal says %v", n, err)
		}
		if tree, err := Parse(b[:n]); !errors.Is(err, io.ErrUnexpectedEOF) || tree != nil {
			t.Errorf("cut at %d: Parse says %v", n, err)
		}
	}
}

func TestMalformedDocuments(t *testing.T) {
	for name, c := range map[string]struct {
		doc    string
		want   error
		offset int64
	}{
		"a page of HTML":          {"<!DOCTYPE html><html>", ErrHeader, 0},
		"a newer version":         {"\x04\x01\x6A\x00\x05", ErrHeader, 0},
		"END without an element":  {"\x03\x01\x6A\x00\x01", ErrStructure, 5},
		"text beside the root":    {"\x03\x01\x6A\x00\x03a\x00", ErrStructure, 5},
		"opaque beside the root":  {"\x03\x01\x6A\x00\xC3\x01a", ErrStructure, 5},
		"an attribute":            {"\x03\x01\x6A\x00\x45\x85\x01\x01", ErrToken, 6},
		"an entity":               {"\x03\x01\x6A\x00\x45\x02\x20\x01", ErrToken, 6},
		"a literal":               {"\x03\x01\x6A\x00\x45\x44\x00\x01\x01", ErrToken, 6},
		"a string table's string": {"\x03\x01\x6A\x00\x45\x83\x00\x01", ErrToken, 6},
		"a number without end":    {"\x03\x01\x6A\x00\x45\xC3\x80\x80\x80\x80\x80\x01", ErrToken, 11},
		"a length of 2 GiB":       {"\x03\x01\x6A\x00\x45\xC3\x88\x80\x80\x80\x00a", ErrSize, 11},
		"a length beyond the end": {"\x03\x01\x6A\x00\x45\xC3\x05abc", io.ErrUnexpectedEOF, 10},
		"a table beyond the end":  {"\x03\x01\x6A\x05abc", io.ErrUnexpectedEOF, 7},
		"nothing":                 {"", io.ErrUnexpectedEOF, 0},
	} {
		var at *SyntaxError
		err := Unmarshal([]byte(c.doc), &struct{}{})
		if !errors.Is(err, c.want) || !errors.As(err, &at) {
			t.Errorf("%s: %v", name, err)
		} else if at.Offset != c.offset {
			t.Errorf("%s: at byte %d, want %d", name, at.Offset, c.offset)
		}
		d := NewDecoder(&chunks{data: c.doc}, Limits{})
		for err = nil; err == nil; {
			_, err = d.Next()
		}
		if !errors.Is(err, c.want) || !errors.As(err, &at) {
			t.Errorf("%s: the decoder says %v", name, err)
		}
	}
}

func TestLimits(t *testing.T) {
	deep := []byte(string(header[:]) + strings.Repeat("\x45", 64) + "\x05" + strings.Repeat("\x01", 64))
	wide := mustMarshal(t, &sample{Names: make([]string, 100)}) // and Sync, SyncKey, Partial, Categories
	for name, c := range map[string]struct {
		doc  []byte
		l    Limits
		want error
	}{
		"too deep":          {deep, Limits{}, ErrDepth},
		"just deep enough":  {deep, Limits{Depth: 65}, nil},
		"too many":          {wide, Limits{Elements: 103}, ErrElements},
		"just few enough":   {wide, Limits{Elements: 104}, nil},
		"too large":         {wide, Limits{Size: len(wide) - 1}, ErrSize},
		"just small enough": {wide, Limits{Size: len(wide)}, nil},
	} {
		if err := UnmarshalLimits(c.doc, &sample{}, c.l); !errors.Is(err, c.want) {
			t.Errorf("%s: Unmarshal says %v", name, err)
		}
		if _, err := ParseLimits(c.doc, c.l); !errors.Is(err, c.want) {
			t.Errorf("%s: Parse says %v", name, err)
		}
		if err := NewDecoder(&chunks{data: string(c.doc)}, c.l).Decode(&sample{}); !errors.Is(err, c.want) {
			t.Errorf("%s: Decode says %v", name, err)
		}
		d := NewDecoder(&chunks{data: string(c.doc)}, c.l)
		_, err := d.Next()
		if err == nil {
			_, err = d.Raw()
		}
		if !errors.Is(err, c.want) && c.want != ErrSize { // of the content only, which is smaller
			t.Errorf("%s: Raw says %v", name, err)
		}
	}
}
