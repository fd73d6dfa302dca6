package message

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

// tnefWriter writes the parts of a winmail.dat for tests.
type tnefWriter struct{ bytes.Buffer }

func newTNEF() *tnefWriter {
	w := &tnefWriter{}
	w.Write(binary.LittleEndian.AppendUint32(nil, tnefSignature))
	w.Write([]byte{1, 0})
	return w
}

func (w *tnefWriter) attr(level byte, id uint16, v []byte) {
	w.WriteByte(level)
	w.Write(binary.LittleEndian.AppendUint16(nil, id))
	w.Write([]byte{1, 0})
	w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(v))))
	w.Write(v)
	w.Write([]byte{0, 0})
}

// props writes properties, each one value.
func props(list ...prop) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
	for _, p := range list {
		b = binary.LittleEndian.AppendUint16(b, p.kind)
		b = binary.LittleEndian.AppendUint16(b, p.id)
		if variable(p.kind) {
			b = binary.LittleEndian.AppendUint32(b, 1)
			b = binary.LittleEndian.AppendUint32(b, uint32(len(p.value)))
		}
		b = append(b, p.value...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	return b
}

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// The compressed text that the document of the compression has as its example.
const helloRTF = "LQAAACsAAABMWkZ18cXHpwMACgByY3BnMTI1QjIK8yBoZWwJACBidwWwbGR9CoAPoA=="

func winmail() []byte {
	w := newTNEF()
	w.attr(1, attOemCodepage, []byte{0xE4, 4, 0, 0, 0, 0, 0, 0}) // 1252
	w.attr(1, attSubject, []byte("Gr\xfc\xdfe\x00"))
	w.attr(1, attMsgProps, props(prop{id: propInternetCPID, kind: ptLong, value: []byte{0xE9, 0xFD, 0, 0}},
		prop{id: propHTML, kind: ptBinary, value: []byte("<p>Grüße</p>")}))
	w.attr(2, attAttachRendData, make([]byte, 14))
	w.attr(2, attAttachTitle, []byte("BUDGET~1.XLS\x00"))
	w.attr(2, attAttachData, []byte("figures"))
	w.attr(2, attAttachment, props(prop{id: propAttachLong, kind: ptUnicode, value: wide("Budget für März.xlsx")},
		prop{id: propAttachMIME, kind: ptString8, value: []byte("application/vnd.ms-excel\x00")}))
	inner := newTNEF()
	inner.attr(1, attSubject, []byte("inside\x00"))
	inner.attr(1, attBody, []byte("text inside\x00"))
	w.attr(2, attAttachRendData, make([]byte, 14))
	w.attr(2, attAttachment, props(prop{id: propAttachData, kind: ptObject, value: append(make([]byte, 16), inner.Bytes()...)}))
	return w.Bytes()
}

func TestTNEF(t *testing.T) {
	m, err := ReadTNEF(winmail())
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Grüße" || m.HTML != "<p>Grüße</p>" || len(m.Files) != 2 {
		t.Fatalf("%+v", m)
	}
	if f := m.Files[0]; f.Name != "Budget für März.xlsx" || f.ContentType != "application/vnd.ms-excel" || string(f.Content) != "figures" {
		t.Errorf("the file is %+v", f)
	}
	f := m.Files[1]
	if f.Name != "inside.eml" || f.ContentType != "message/rfc822" || ParseBytes(f.Content).Subject != "inside" || !strings.Contains(string(f.Content), "text inside") {
		t.Errorf("the message inside is %q %s %q", f.Name, f.ContentType, f.Content)
	}
}

func TestTNEFCutOff(t *testing.T) {
	all := winmail()
	for n := range len(all) {
		m, err := ReadTNEF(all[:n])
		if err == nil && n > 400 && m.Subject != "Grüße" {
			t.Fatalf("cut at %d the subject is %q", n, m.Subject)
		}
	}
}

// A mail whose only part is a winmail.dat reads as if it had been sent properly.
func TestWinmailIsUnwrapped(t *testing.T) {
	m := ParseBytes([]byte("Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(winmail()) + "\r\n--b--\r\n"))
	if m.HTML != "<p>Grüße</p>" || len(m.Attachments) != 2 || m.Attachments[0].Name != "Budget für März.xlsx" {
		t.Errorf("html %q, %d files", m.HTML, len(m.Attachments))
	}
}

func TestRTF(t *testing.T) {
	b, err := base64.StdEncoding.DecodeString(helloRTF)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := DecompressRTF(b)
	if err != nil || string(plain) != "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n" {
		t.Fatalf("%q, %v", plain, err)
	}
	for in, want := range map[string]string{
		string(plain): "hello world",
		`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Gr\'fc\'dfe\par zwei\tab drei}`: "Grüße\nzwei\tdrei",
		`{\rtf1\uc1 \u8364? und \u-10179?\u-8704?{\*\generator x;}}`:                      "€ und \U0001F600",
		`{\rtf1 a\{b\}\\c}`:                         `a{b}\c`,
		`{\rtf1 a{\pict\bin5 }}}}}}b}`:              "ab",
		`{\rtf1 a{\pict\bin9223372036854775807 }b}`: "a", // more than there can be
		`{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b}`:  "日本",
		`{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hi{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 {\*\htmltag72 </p>}\htmlrtf }\htmlrtf0 }`: "<p>Hi&nbsp;</p>",
	} {
		if got, _ := ReadRTF([]byte(in)); got != want {
			t.Errorf("%s\n got %q\nwant %q", in, got, want)
		}
	}
}

func FuzzTNEF(f *testing.F) {
	f.Add(winmail())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ReadTNEF(b)
		if err != nil {
			return
		}
		for _, file := range m.Files {
			if strings.ContainsAny(file.Name, "\x00\x1b\n") {
				t.Errorf("a file is called %q", file.Name)
			}
		}
	})
}

func FuzzRTF(f *testing.F) {
	b, _ := base64.StdEncoding.DecodeString(helloRTF)
	f.Add(b)
	f.Add([]byte(`{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}x\u8364?}`))
	f.Add([]byte(`{\rtf1 a{\pict\bin5 }}}}}}b}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		plain, err := DecompressRTF(b)
		if err == nil {
			ReadRTF(plain)
		}
		ReadRTF(b)
	})
}
