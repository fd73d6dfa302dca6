package message

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"

	"eas.example/securemail/activesync"
)

// ErrTNEF: the data is not a TNEF stream, or ends before anything is in it.
var ErrTNEF = errors.New("this is not a readable winmail.dat")

// TNEF is what a winmail.dat holds (MS-OXTNEF): the text that Outlook wrote
// and the files that came with it.
type TNEF struct {
	Subject    string
	Text, HTML string
	Files      []File
}

const (
	tnefSignature = 0x223E9F78
	// tnefDepth is how deep messages may lie inside each other.
	tnefDepth = 4
	// tnefProps is how many properties one object may have.
	tnefProps = 4096
)

// The attributes that are read (MS-OXTNEF 2.1.3.2), without their types.
const (
	attSubject         = 0x8004
	attBody            = 0x800C
	attOemCodepage     = 0x9007
	attMsgProps        = 0x9003
	attAttachRendData  = 0x9002
	attAttachTitle     = 0x8010
	attAttachData      = 0x800F
	attAttachment      = 0x9005
	levelOfAttachments = 2
)

// ReadTNEF reads a winmail.dat as far as it can be read. It fails only where
// nothing of it can be.
func ReadTNEF(data []byte) (*TNEF, error) { return readTNEF(data, 0) }

func readTNEF(data []byte, depth int) (*TNEF, error) {
	if len(data) < 6 || binary.LittleEndian.Uint32(data) != tnefSignature {
		return nil, ErrTNEF
	}
	r := &tnefReader{out: &TNEF{}, depth: depth}
	data = data[6:]
	for len(data) >= 9 {
		level, id, size := data[0], binary.LittleEndian.Uint16(data[1:]), int64(binary.LittleEndian.Uint32(data[5:]))
		data = data[9:]
		if size > int64(len(data)) {
			// Cut off: what is here of a file is better than nothing.
			r.attribute(level, id, data)
			break
		}
		r.attribute(level, id, data[:size])
		data = data[size:]
		if len(data) < 2 {
			break
		}
		data = data[2:] // the checksum: a wrong one is no reason to hide a file
	}
	r.endFile()
	return r.out, nil
}

// tnefReader collects attributes.
type tnefReader struct {
	out      *TNEF
	depth    int
	codepage string
	file     *File // the attachment at hand
}

func (r *tnefReader) attribute(level byte, id uint16, v []byte) {
	switch id {
	case attOemCodepage:
		if len(v) >= 4 {
			r.codepage = codePage(int(binary.LittleEndian.Uint32(v)))
		}
	case attSubject:
		r.out.Subject = r.string8(v)
	case attBody:
		r.out.Text = r.string8(v)
	case attMsgProps:
		r.messageProps(v)
	case attAttachRendData:
		r.endFile()
		r.file = &File{}
	case attAttachTitle:
		if f := r.current(level); f != nil && f.Name == "" {
			f.Name = r.string8(v)
		}
	case attAttachData:
		if f := r.current(level); f != nil {
			f.Content = bytes.Clone(v)
		}
	case attAttachment:
		if f := r.current(level); f != nil {
			r.fileProps(f, v)
		}
	}
}

// current is the attachment at hand; a stream may lack the attribute that
// begins the first one.
func (r *tnefReader) current(level byte) *File {
	if r.file == nil && level == levelOfAttachments {
		r.file = &File{}
	}
	return r.file
}

func (r *tnefReader) endFile() {
	f := r.file
	r.file = nil
	if f == nil || len(f.Content) == 0 && f.Name == "" {
		return
	}
	if f.Name == "" {
		f.Name = nameless(f.ContentType, len(r.out.Files)+1)
	}
	if f.ContentType == "" {
		f.ContentType = "application/octet-stream"
	}
	f.Name = Clean(f.Name)
	r.out.Files = append(r.out.Files, *f)
}

// string8 decodes text of the code page of the stream, which ends with a zero.
func (r *tnefReader) string8(v []byte) string {
	if i := bytes.IndexByte(v, 0); i >= 0 {
		v = v[:i]
	}
	s, _ := toUTF8(r.codepage, v)
	return s
}

// The MAPI properties that are read (MS-OXPROPS).
const (
	propSubject       = 0x0037
	propBody          = 0x1000
	propRTF           = 0x1009
	propHTML          = 0x1013
	propInternetCPID  = 0x3FDE
	propAttachData    = 0x3701
	propAttachName    = 0x3704
	propAttachLong    = 0x3707
	propAttachMIME    = 0x370E
	propAttachContent = 0x3712
	propDisplayName   = 0x3001
)

func (r *tnefReader) messageProps(v []byte) {
	charset := r.codepage
	var html, rtf []byte
	readProps(v, func(p prop) {
		switch p.id {
		case propSubject:
			r.out.Subject = r.text(p)
		case propBody:
			r.out.Text = r.text(p)
		case propHTML:
			html = p.value
		case propRTF:
			rtf = p.value
		case propInternetCPID:
			charset = codePage(p.number())
		}
	})
	switch {
	case len(html) > 0:
		r.out.HTML, _ = toUTF8(charset, html)
	case len(rtf) > 0:
		plain, err := DecompressRTF(rtf)
		if err != nil && len(plain) == 0 {
			return
		}
		if text, isHTML := ReadRTF(plain); isHTML {
			r.out.HTML = text
		} else if r.out.Text == "" {
			r.out.Text = text
		}
	}
}

func (r *tnefReader) fileProps(f *File, v []byte) {
	readProps(v, func(p prop) {
		switch p.id {
		case propAttachLong:
			f.Name = r.text(p)
		case propAttachName, propDisplayName:
			if f.Name == "" {
				f.Name = r.text(p)
			}
		case propAttachMIME:
			f.ContentType = Clean(strings.ToLower(r.text(p)))
		case propAttachContent:
			f.ContentID = Clean(strings.Trim(r.text(p), "<>"))
			f.Inline = f.ContentID != ""
		case propAttachData:
			r.fileData(f, p)
		}
	})
}

// fileData takes the content of a file: bytes, or a message inside an object.
func (r *tnefReader) fileData(f *File, p prop) {
	data := p.value
	if p.kind == ptObject && len(data) > 16 && r.depth < tnefDepth {
		data = data[16:] // the id of the interface
		if inner, err := readTNEF(data, r.depth+1); err == nil {
			f.ContentType, f.Content = "message/rfc822", inner.mime()
			if inner.Subject != "" {
				f.Name = inner.Subject
			}
			if !strings.HasSuffix(strings.ToLower(f.Name), ".eml") {
				f.Name += ".eml"
			}
			return
		}
	}
	if len(f.Content) == 0 {
		f.Content = bytes.Clone(data)
	}
}

// mime writes a message that lay inside another one so that it can be read on.
func (t *TNEF) mime() []byte {
	d := activesync.Draft{Subject: t.Subject, Text: t.Text}
	if d.Text == "" && t.HTML != "" {
		d.Text = PlainText(activesync.Body{Type: activesync.BodyHTML, Data: []byte(t.HTML)})
	}
	for _, f := range t.Files {
		d.Attachments = append(d.Attachments, activesync.DraftAttachment{Name: f.Name, ContentType: f.ContentType, Data: f.Content})
	}
	out, err := Compose(&d, ComposeOptions{})
	if err != nil {
		return []byte("Subject: " + Clean(t.Subject) + "\r\n\r\n" + d.Text)
	}
	return out
}

func (r *tnefReader) text(p prop) string {
	if p.kind == ptUnicode {
		u := make([]uint16, len(p.value)/2)
		for i := range u {
			u[i] = binary.LittleEndian.Uint16(p.value[2*i:])
		}
		s := string(utf16.Decode(u))
		if i := strings.IndexByte(s, 0); i >= 0 {
			s = s[:i]
		}
		return s
	}
	return r.string8(p.value)
}
