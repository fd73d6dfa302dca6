package wire

import (
	"bytes"
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// decodeItem fills the field of change that the class asks for.
func decodeItem(change *activesync.ItemChange, class activesync.Class, raw wbxml.Raw) (err error) {
	switch class {
	case activesync.ClassEmail:
		change.Message, err = DecodeEmail(raw)
	case activesync.ClassContacts:
		change.Contact, err = DecodeContact(raw)
	case activesync.ClassCalendar:
		change.Event, err = DecodeEvent(raw)
	default:
		err = fmt.Errorf("read an item: class %q is not known", class)
	}
	return err
}

// decodeBody reads a body; data that stands in a part of a multipart answer is
// taken from there.
func decodeBody(b *Body, parts [][]byte) activesync.Body {
	out := activesync.Body{Type: activesync.BodyType(b.Type), Data: b.Data, Truncated: b.Truncated.Bool()}
	if len(out.Data) == 0 {
		out.Data = b.Binary
	}
	if b.Part != nil && len(out.Data) == 0 {
		out.Data = part(parts, b.Part)
	}
	size := b.EstimatedDataSize.Int(0)
	out.Size = int64(max(size, 0))
	if size > 0 && len(out.Data) == 0 {
		out.Truncated = true // nothing was asked for, or the server forgot to say
	}
	if out.Size == 0 {
		out.Size = int64(len(out.Data))
	}
	return out
}

// encodeBody writes a body. MIME with characters that XML has no form for goes
// as opaque bytes; from other texts the writer takes them out, as servers do.
func encodeBody(b activesync.Body) *Body {
	if b.Type == activesync.BodyNone {
		return nil
	}
	out := &Body{Type: uint8(b.Type), EstimatedDataSize: MakeNumber(max(b.Size, int64(len(b.Data))))}
	if b.Type == activesync.BodyMIME && bytes.ContainsFunc(b.Data, illegal) {
		out.Binary = b.Data
	} else {
		out.Data = b.Data
	}
	if b.Truncated {
		out.Truncated = MakeSwitch(true)
	}
	return out
}

func illegal(c rune) bool { return c < 0x20 && c != '\t' && c != '\n' && c != '\r' }
