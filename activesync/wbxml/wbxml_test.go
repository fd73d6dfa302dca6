package wbxml

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

type id string

type item struct {
	ServerID id     `wbxml:"AirSync:ServerId"`
	Data     Raw    `wbxml:"AirSync:ApplicationData"`
	Class    string `wbxml:"AirSync:Class,omitempty"`
}

type sample struct {
	_       Root    `wbxml:"AirSync:Sync"`
	Key     id      `wbxml:"AirSync:SyncKey"`
	Window  int     `wbxml:"AirSync:WindowSize,omitempty"`
	Changes *bool   `wbxml:"AirSync:GetChanges"`
	More    bool    `wbxml:"AirSync:MoreAvailable,empty"`
	Items   []item  `wbxml:"AirSync:Collections>AirSync:Collection"`
	Types   []uint8 `wbxml:"AirSyncBase:Type,opaque"`
	Body    *body   `wbxml:"AirSyncBase:Body"`
}

type body struct {
	Type uint8  `wbxml:"AirSyncBase:Type"`
	Data string `wbxml:"AirSyncBase:Data"`
}

func TestRoundTrip(t *testing.T) {
	yes := true
	inner, err := Marshal(&struct {
		_    Root `wbxml:"AirSync:Sync"`
		Item body `wbxml:"AirSync:ApplicationData"`
	}{Item: body{2, "<p>grüße</p>"}})
	if err != nil {
		t.Fatal(err)
	}
	var holder struct {
		_    Root `wbxml:"AirSync:Sync"`
		Item Raw  `wbxml:"AirSync:ApplicationData"`
	}
	if err := Unmarshal(inner, &holder); err != nil {
		t.Fatal(err)
	}
	in := sample{Key: "7", Window: 100, Changes: &yes, More: true, Types: []byte{0, 1, 2},
		Items: []item{{ServerID: "5:1", Data: holder.Item}, {ServerID: "5:2", Class: "Email"}}, Body: &body{1, "plain\nтекст"}}
	b, err := Marshal(&in)
	if err != nil {
		t.Fatal(err)
	}
	var out sample
	if err := Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(in, out) {
		t.Errorf("got %+v\nwant %+v", out, in)
	}
	var raw body
	if err := out.Items[0].Data.Unmarshal(&raw); err != nil || raw != (body{2, "<p>grüße</p>"}) {
		t.Errorf("raw = %+v, %v", raw, err)
	}
}

// The document of MS-ASWBXML 4 in spirit: FolderSync with key 0.
func TestKnownBytes(t *testing.T) {
	type folderSync struct {
		_   Root   `wbxml:"FolderHierarchy:FolderSync"`
		Key string `wbxml:"FolderHierarchy:SyncKey"`
	}
	b, err := Marshal(&folderSync{Key: "0"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := hex.EncodeToString(b), "03016a00000756520330000101"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCodePagesEqualTheNotes(t *testing.T) {
	f, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "protocol", "codepages.tsv"))
	if err != nil {
		t.Skip("the notes on the protocol are not present")
	}
	n := 0
	for line := range strings.Lines(string(f)) {
		c := strings.Split(strings.TrimSpace(line), "\t")
		if len(c) < 5 || strings.HasPrefix(c[0], "#") {
			continue
		}
		page, _ := strconv.Atoi(c[0])
		token, _ := strconv.ParseUint(strings.TrimPrefix(c[2], "0x"), 16, 8)
		if tag, ok := LookupTag(c[1] + ":" + c[3]); !ok || tag != MakeTag(byte(page), byte(token)) {
			t.Errorf("%s:%s is %v, want page %d token %s", c[1], c[3], tag, page, c[2])
		}
		n++
	}
	if n < 600 {
		t.Errorf("only %d elements compared", n)
	}
}

func TestGapsOfThePagesStayGaps(t *testing.T) {
	for _, tag := range []Tag{MakeTag(22, 0x14), MakeTag(8, 0x0F), MakeTag(18, 0x2A), MakeTag(21, 0x14)} {
		if tag.Known() {
			t.Errorf("%v is taken for an element", tag)
		}
	}
}

func TestUnknownElementsAreSkippedWithWhatIsInThem(t *testing.T) {
	n := &Node{Tag: MustTag("AirSync:Sync"), Children: []*Node{
		{Tag: MakeTag(99, 0x20), Children: []*Node{{Tag: MustTag("AirSync:SyncKey"), Text: []byte("wrong")}}},
		{Tag: MustTag("Email:Subject"), Text: []byte("not asked for")},
		{Tag: MustTag("AirSync:SyncKey"), Text: []byte("7"), Opaque: true},
	}}
	var out sample
	if err := Unmarshal(encode(t, n), &out); err != nil || out.Key != "7" {
		t.Errorf("key %q, %v", out.Key, err)
	}
}

func TestTruncatedDocumentsSaySo(t *testing.T) {
	b, err := Marshal(&sample{Key: "7", Body: &body{1, "text"}, Items: []item{{ServerID: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		var out sample
		if err := Unmarshal(b[:n], &out); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: %v, want an early end", n, err)
		}
	}
}

func TestLimits(t *testing.T) {
	n := &Node{Tag: MustTag("AirSync:Sync")}
	root := n
	for range 100 {
		c := &Node{Tag: MustTag("AirSync:Sync")}
		n.Children, n = []*Node{c}, c
	}
	if _, err := Parse(encode(t, root)); !errors.Is(err, ErrDepth) {
		t.Errorf("depth: %v", err)
	}
	if err := UnmarshalLimits(make([]byte, 100), &sample{}, Limits{Size: 99}); !errors.Is(err, ErrSize) {
		t.Errorf("size: %v", err)
	}
}

func TestForbiddenCharactersAreLeftOut(t *testing.T) {
	in := "a\x00b\x01c\td\ne\rf\x1fgrüße\x0b and a longer text to be safe\x02"
	b, err := Marshal(&struct {
		_ Root   `wbxml:"AirSync:Sync"`
		S string `wbxml:"AirSync:SyncKey"`
	}{S: in})
	if err != nil {
		t.Fatal(err)
	}
	n, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(n.Children[0].Text), "abc\td\ne\rfgrüße and a longer text to be safe"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStreamSeesWhatTheReaderSees(t *testing.T) {
	big := strings.Repeat("a long value ", 10_000)
	b, err := Marshal(&sample{Key: "7", Body: &body{1, big}, Types: bytes.Repeat([]byte{0}, 70_000), Items: []item{{ServerID: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := tokensOf(t, b)
	for name, r := range map[string]io.Reader{"whole": bytes.NewReader(b), "byte by byte": iotest.OneByteReader(bytes.NewReader(b))} {
		s := NewDecoder(r, Limits{})
		var got []Token
		for {
			tok, err := s.Next()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if tok.Kind == Text {
				if tok.Text, err = io.ReadAll(s.Value()); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			got = append(got, tok)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the tokens differ", name)
		}
	}
}

func tokensOf(t *testing.T, b []byte) []Token {
	t.Helper()
	r, err := NewReader(b)
	if err != nil {
		t.Fatal(err)
	}
	var out []Token
	for {
		tok, err := r.Next()
		if err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, tok)
	}
}

func TestStreamThatBreaksOff(t *testing.T) {
	b, err := Marshal(&sample{Key: "7", Body: &body{1, "some text"}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		s := NewDecoder(bytes.NewReader(b[:n]), Limits{})
		var err error
		for err == nil {
			_, err = s.Next()
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func TestWriterStreamsOpaqueData(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	w.Start(MustTag("ComposeMail:SendMail"))
	w.Empty(MustTag("ComposeMail:SaveInSentItems"))
	w.Start(MustTag("ComposeMail:Mime"))
	w.OpaqueFrom(strings.NewReader("From: a\r\n\r\nb"), 12)
	w.End()
	w.End()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	n, err := Parse(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got := string(n.Child(MustTag("ComposeMail:Mime")).Text); got != "From: a\r\n\r\nb" {
		t.Errorf("Mime = %q", got)
	}
}

func FuzzReader(f *testing.F) {
	b, _ := Marshal(&sample{Key: "7", Body: &body{1, "text"}, Types: []byte{1}, Items: []item{{ServerID: "1"}}})
	f.Add(b)
	f.Add([]byte{3, 1, 0x6A, 0, 0x45, 0xC3, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F})
	f.Fuzz(func(t *testing.T, b []byte) {
		var out sample
		_ = Unmarshal(b, &out)
		for _, it := range out.Items {
			var v body
			_ = it.Data.Unmarshal(&v)
			_, _ = it.Data.Node()
		}
		n, err := Parse(b)
		s := NewDecoder(bytes.NewReader(b), Limits{})
		var serr error
		for serr == nil {
			_, serr = s.Next()
		}
		if (err == nil) != (serr == io.EOF) {
			t.Fatalf("the reader says %v, the stream %v", err, serr)
		}
		if err != nil {
			return
		}
		again := encode(t, n)
		m, err := Parse(again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if twice := encode(t, m); !bytes.Equal(again, twice) {
			t.Fatal("writing twice differs")
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("7", "text", []byte{1, 2})
	f.Fuzz(func(t *testing.T, key, text string, data []byte) {
		in := sample{Key: id(key), Body: &body{1, text}, Types: data}
		b, err := Marshal(&in)
		if err != nil {
			t.Fatal(err)
		}
		var out, again sample
		if err := Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Types, data) && len(data) > 0 {
			t.Fatalf("opaque data %x became %x", data, out.Types)
		}
		b, err = Marshal(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := Unmarshal(b, &again); err != nil || again.Key != out.Key || *again.Body != *out.Body {
			t.Fatalf("second reading differs: %+v, %+v, %v", out, again, err)
		}
	})
}
