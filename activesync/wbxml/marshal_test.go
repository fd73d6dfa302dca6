package wbxml

import (
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
)

type id string

// grade is written by methods, one of them on the pointer.
type grade int

func (g grade) MarshalText() ([]byte, error) {
	if g < 0 {
		return nil, errNoGrade
	}
	return []byte("grade " + strconv.Itoa(int(g))), nil
}

func (g *grade) UnmarshalText(b []byte) error {
	n, err := strconv.Atoi(strings.TrimPrefix(string(b), "grade "))
	if err == nil && n < 0 {
		err = errNoGrade
	}
	*g = grade(n)
	return err
}

var errNoGrade = errors.New("no grade")

type body struct {
	Type uint8  `wbxml:"AirSyncBase:Type"`
	Data string `wbxml:"AirSyncBase:Data"`
}

type item struct {
	ServerID id     `wbxml:"AirSync:ServerId"`
	Data     Raw    `wbxml:"AirSync:ApplicationData"`
	Class    string `wbxml:"AirSync:Class,omitempty"`
}

type sample struct {
	_        Root     `wbxml:"AirSync:Sync"`
	Key      id       `wbxml:"AirSync:SyncKey"`
	Window   int      `wbxml:"AirSync:WindowSize,omitempty"`
	Changes  *bool    `wbxml:"AirSync:GetChanges"`
	More     bool     `wbxml:"AirSync:MoreAvailable,empty"`
	Partial  bool     `wbxml:"AirSync:Partial"`
	Items    []item   `wbxml:"AirSync:Collections>AirSync:Collection"`
	Data     []byte   `wbxml:"ComposeMail:Mime,opaque,omitempty"`
	Body     *body    `wbxml:"AirSyncBase:Body"`
	Grade    grade    `wbxml:"Email:Importance,omitempty"`
	Names    []string `wbxml:"Email:Categories>Email:Category"`
	Flag     *int64   `wbxml:"Email:Flag>Email:Status"`
	Subject  *string  `wbxml:"Email:Flag>Tasks:Subject"`
	Pointers []*body  `wbxml:"AirSyncBase:BodyPart"`
	Deep     []uint16 `wbxml:"Settings:Get>Settings:Accounts>Settings:Account"`
	Child    *sample  `wbxml:"AirSync:Responses"`
	Left     int      // no tag: not part of the document
	Out      int      `wbxml:"-"`
}

// plainSample writes a grade as it is given.
type plainSample struct {
	_     Root   `wbxml:"AirSync:Sync"`
	Grade string `wbxml:"Email:Importance"`
}

func mustMarshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustRaw(t testing.TB, v any) Raw {
	t.Helper()
	r, err := MakeRaw(v)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fullSample(t testing.TB) sample {
	yes, minus, subject := true, int64(-5), "Fällig"
	return sample{
		Key: "7", Window: 100, Changes: &yes, More: true, Partial: true, Data: []byte{0, 1, 2},
		Items: []item{{ServerID: "5:1", Data: mustRaw(t, body{2, "<p>grüße</p>"})}, {ServerID: "5:2", Class: "Email"}},
		Body:  &body{1, "plain\nтекст"}, Grade: 3, Names: []string{"red", "", "blue"}, Flag: &minus, Subject: &subject,
		Pointers: []*body{{1, "a"}, {2, "b"}}, Deep: []uint16{0, 65535}, Child: &sample{Key: "inner"},
	}
}

func TestRoundTrip(t *testing.T) {
	in := fullSample(t)
	b := mustMarshal(t, &in)
	var out sample
	if err := Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(in, out) {
		t.Errorf("got %+v\nwant %+v", out, in)
	}
	if again := mustMarshal(t, out); string(again) != string(b) {
		t.Errorf("written again: %x\nwant %x", again, b)
	}
}

// FolderSync with key 0, as every client sends it first.
func TestKnownBytes(t *testing.T) {
	type folderSync struct {
		_   Root   `wbxml:"FolderHierarchy:FolderSync"`
		Key string `wbxml:"FolderHierarchy:SyncKey"`
	}
	type sync struct {
		_    Root   `wbxml:"AirSync:Sync"`
		Body *body  `wbxml:"AirSyncBase:Body"`
		Mime []byte `wbxml:"ComposeMail:Mime,opaque"`
		Key  string `wbxml:"AirSync:SyncKey"`
		More bool   `wbxml:"AirSync:MoreAvailable,empty"`
	}
	for want, v := range map[string]any{
		"03016a00" + "0007" + "56" + "52" + "033000" + "01" + "01": folderSync{Key: "0"},
		"03016a00" + "45" +
			"0011" + "4a" + "46" + "033200" + "01" + "0b" + "01" + // page 17, Body, Type 2, Data empty
			"0015" + "50" + "c302" + "00ff" + "01" + // page 21, opaque
			"0000" + "0b" + "14" + "01": &sync{Body: &body{2, ""}, Mime: []byte{0, 0xFF}, More: true},
		"03016a00" + "45" + "0015" + "50" + "c38100" + strings.Repeat("61", 128) + "01" + "0000" + "0b" + "01": &sync{Mime: []byte(strings.Repeat("a", 128))},
	} {
		if got := hex.EncodeToString(mustMarshal(t, v)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAppendMarshalKeepsWhatIsThere(t *testing.T) {
	b, err := AppendMarshal([]byte("before"), &sample{Key: "1"})
	if err != nil || string(b[:6]) != "before" {
		t.Fatalf("%q, %v", b, err)
	}
	var out sample
	if err := Unmarshal(b[6:], &out); err != nil || out.Key != "1" {
		t.Errorf("key %q, %v", out.Key, err)
	}
}

func TestDocumentsDoNotShareMemory(t *testing.T) {
	a := mustMarshal(t, &sample{Key: "first"})
	kept := string(a)
	for range 4 {
		mustMarshal(t, &sample{Key: "second", Window: 1})
	}
	if string(a) != kept {
		t.Errorf("%q became %q", kept, a)
	}
}

func TestAnyIsWrittenAsWhatItHolds(t *testing.T) {
	type holder struct {
		_ Root  `wbxml:"AirSync:Sync"`
		V any   `wbxml:"AirSync:ApplicationData"`
		L []any `wbxml:"AirSync:Class"`
	}
	raw := mustRaw(t, body{2, "text"})
	n := 3
	b := mustMarshal(t, holder{V: raw, L: []any{"word", &n, nil, (*int)(nil), grade(2), true, &body{1, "in"}}})
	root, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if d := root.Child(MustTag("AirSync:ApplicationData")).Child(MustTag("AirSyncBase:Data")); d == nil || string(d.Text) != "text" {
		t.Errorf("the Raw became %v", d)
	}
	var texts []string
	for _, c := range root.Children[1:] {
		texts = append(texts, string(c.Text)+strings.Repeat("+", len(c.Children)))
	}
	if want := []string{"word", "3", "grade 2", "1", "++"}; !reflect.DeepEqual(texts, want) {
		t.Errorf("got %q, want %q", texts, want)
	}
	var out holder
	if err := Unmarshal(b, &out); err != nil || out.V != nil {
		t.Errorf("read back: %+v, %v", out, err)
	}
}

// Two fields may write one element in two ways; the later is read into.
func TestTwoFieldsOfOneElement(t *testing.T) {
	type two struct {
		_      Root   `wbxml:"AirSync:Sync"`
		Opaque []byte `wbxml:"AirSync:Class,opaque,omitempty"`
		Text   []byte `wbxml:"AirSync:Class,omitempty"`
	}
	for _, in := range []two{{Opaque: []byte("x\x00")}, {Text: []byte("y")}} {
		var out two
		if err := Unmarshal(mustMarshal(t, in), &out); err != nil {
			t.Fatal(err)
		}
		if want := string(in.Opaque) + string(in.Text); string(out.Text) != want || out.Opaque != nil {
			t.Errorf("read %+v, want %q in Text", out, want)
		}
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	if _, err := Marshal(7); err == nil {
		t.Error("a number was written as a document")
	}
	if _, err := Marshal(&body{}); err == nil {
		t.Error("a document without a root was written")
	}
	if _, err := Marshal((*sample)(nil)); err == nil {
		t.Error("nil was written as a document")
	}
	if b, err := Marshal(&sample{Grade: -1}); !errors.Is(err, errNoGrade) || b != nil {
		t.Errorf("a marshaler's error became %v, with %x", err, b)
	}
	w := NewWriter(io.Discard)
	if err := w.Encode(&sample{Grade: -1}); !errors.Is(err, errNoGrade) || !errors.Is(w.Close(), errNoGrade) {
		t.Errorf("a marshaler's error in a stream: %v, then %v", err, w.Close())
	}
	self := &sample{Key: "1"}
	self.Child = self
	if b, err := Marshal(self); !errors.Is(err, ErrDepth) || b != nil {
		t.Errorf("what holds itself: %v", err)
	}
}

func TestMistakesInTagsPanic(t *testing.T) {
	type Base struct {
		Key string `wbxml:"AirSync:SyncKey"`
	}
	for name, v := range map[string]any{
		"unknown element": &struct {
			A string `wbxml:"AirSync:Subject"`
		}{},
		"unknown option": &struct {
			A string `wbxml:"AirSync:SyncKey,omitzero"`
		}{},
		"not exported": &struct {
			a string `wbxml:"AirSync:SyncKey"`
		}{},
		"type that has no text": &struct {
			A map[string]string `wbxml:"AirSync:SyncKey"`
		}{},
		"string as empty": &struct {
			A string `wbxml:"AirSync:MoreAvailable,empty"`
		}{},
		"embedded": &struct{ Base }{},
		"wrapper that is also a value": &struct {
			A string   `wbxml:"AirSync:Collections"`
			B []string `wbxml:"AirSync:Collections>AirSync:Collection"`
		}{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			_ = Unmarshal([]byte{3, 1, 0x6A, 0, 5}, v)
		}()
	}
}

func TestManyCanAskForTheSamePlan(t *testing.T) {
	type fresh struct {
		_     Root    `wbxml:"AirSync:Sync"`
		Items []item  `wbxml:"AirSync:Collections>AirSync:Collection"`
		Again []fresh `wbxml:"AirSync:Responses"`
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			in := fresh{Items: []item{{ServerID: "1"}}, Again: []fresh{{Items: []item{{ServerID: "2"}}}}}
			b, err := Marshal(in)
			var out fresh
			if err == nil {
				err = Unmarshal(b, &out)
			}
			if err != nil || !reflect.DeepEqual(in, out) {
				t.Errorf("%+v, %v", out, err)
			}
		})
	}
	group.Wait()
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("7", "text", []byte{1, 2}, int64(5))
	f.Add("\xff", "\x00\uFFFE", []byte{}, int64(-1))
	f.Fuzz(func(t *testing.T, key, text string, data []byte, n int64) {
		in := sample{Key: id(key), Body: &body{1, text}, Data: data, Names: []string{text, key}, Flag: &n}
		b := mustMarshal(t, &in)
		var out, again sample
		if err := Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		if string(out.Data) != string(data) || *out.Flag != n || string(out.Key) != slowClean(key) || out.Body.Data != slowClean(text) {
			t.Fatalf("%+v became %+v", in, out)
		}
		c := mustMarshal(t, &out)
		if err := Unmarshal(c, &again); err != nil || !reflect.DeepEqual(out, again) || string(b) != string(c) {
			t.Fatalf("the second time it became %+v, %v", again, err)
		}
		if err := Unmarshal(b[:len(b)-1], &again); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("without its last byte: %v", err)
		}
	})
}
