// Package unwrap gets at what a message is when it is signed or encrypted: layer by
// layer, by S/MIME here and by the person's gpg, with what was verified in words.
// Functions may be called from any goroutine.
package unwrap

import (
	"context"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/message/pgp"
	"eas.example/securemail/activesync/message/smime"
)

// mostLayers is how often a message may be signed or encrypted.
const mostLayers = 5

// Largest is how large a message may be that is fetched whole unasked to be opened.
const Largest = 25 << 20

// TooLarge reports whether a message is larger.
func TooLarge(m activesync.Message) bool {
	size := m.Body.Size
	for _, f := range m.Attachments {
		size += f.Size
	}
	return size > Largest
}

// Opener is what opening depends on.
type Opener struct {
	// Keys are the person's for S/MIME, nil for none. With an error it gives those
	// that could be read.
	Keys func() ([]smime.Key, error)
	GPG  string   // its path, "" where there is none
	Env  []string // of gpg
	Now  time.Time
}

// Letter is what a message is without what is around it.
type Letter struct {
	MIME  []byte
	Words []message.Word // what was verified
	// Secret says that it was encrypted on its way, and could be opened.
	Secret bool
	// Closed says that it is encrypted (S/MIME) and none of the person's keys opened it.
	Closed bool
}

// Needed reports whether a message as the server gives it has to be taken apart to
// be read, and whether that is because it is signed or encrypted.
func Needed(m activesync.Message) (apart, protected bool) {
	class := strings.ToUpper(m.MessageClass)
	if strings.Contains(class, "SMIME") {
		return true, true
	}
	for _, f := range m.Attachments {
		name, kind := strings.ToLower(f.Name), strings.ToLower(f.ContentType)
		switch {
		case strings.Contains(kind, "pkcs7-"), strings.Contains(kind, "application/pgp"), strings.HasPrefix(name, "smime.p7"), strings.HasSuffix(name, ".p7m"),
			name == "encrypted.asc", name == "signature.asc", name == "openpgp_signature", name == "openpgp_signature.asc":
			return true, true
		case name == "winmail.dat", strings.Contains(kind, "ms-tnef"), m.Meeting == nil && (strings.HasSuffix(name, ".ics") || kind == "text/calendar"):
			apart = true
		}
	}
	if p := message.Inline(m.Body.Data); p != nil || strings.Contains(string(m.Body.Data), "-----BEGIN PGP ") {
		return true, true
	}
	return apart || strings.HasPrefix(class, "IPM.SCHEDULE.") && m.Meeting == nil || message.LooksLikeReport(m.MessageClass, m.From.Address+" "+m.From.Name, m.Subject), false
}

// Open opens the layers of a message that can be opened. m is what the server says
// of it.
func (o Opener) Open(ctx context.Context, m activesync.Message, mime []byte) Letter {
	out := Letter{MIME: mime}
	from := addressesOf(m)
	for range mostLayers {
		layer := message.Protection(out.MIME)
		if layer == nil {
			break
		}
		content, words := o.layer(ctx, layer, from)
		out.Words = append(out.Words, words...)
		if layer.Part {
			out.Words = append(out.Words, message.Word{Tone: message.Doubt, Text: partWords(layer.Kind, content != nil)})
		}
		enveloped := layer.Kind == message.SMIME && smime.Enveloped(layer.Content)
		out.Closed = enveloped && content == nil
		if content == nil || layer.Part && (layer.Kind == message.SMIMESigned || layer.Kind == message.PGPSigned) {
			break
		}
		out.Secret = out.Secret || layer.Kind == message.PGPEncrypted || layer.Kind == message.InlineEncrypted || enveloped
		if layer.Kind == message.InlineSigned || layer.Kind == message.InlineEncrypted {
			content = append([]byte("Content-Type: text/plain; charset=utf-8\r\n\r\n"), content...)
		}
		out.MIME = content
	}
	return out
}

// layer opens one layer of protection.
func (o Opener) layer(ctx context.Context, p *message.Protected, from []string) ([]byte, []message.Word) {
	if p.Kind != message.SMIME && p.Kind != message.SMIMESigned {
		return pgp.Opener{GPG: o.GPG, From: from, Env: o.Env}.Open(ctx, p)
	}
	s := smime.Opener{From: from, Now: o.Now}
	var failed error
	if o.Keys != nil && p.Kind == message.SMIME {
		s.Keys, failed = o.Keys()
	}
	content, words := s.Open(p)
	if failed != nil && content == nil {
		words = append(words, message.Word{Tone: message.Doubt, Text: "Your keys could not all be read: " + message.Clean(failed.Error())})
	}
	return content, words
}

func partWords(k message.Kind, opened bool) string {
	switch {
	case k == message.SMIMESigned || k == message.PGPSigned:
		return "Only a part of the message is signed; anyone on the way may have added the rest."
	case opened:
		return "Only the part of the message that is protected is shown."
	}
	return "There is more in the message than the part that is protected."
}

// addressesOf are those that a message says it comes from.
func addressesOf(m activesync.Message) []string {
	var out []string
	for _, a := range []activesync.Address{m.From, m.Sender} {
		if a.Address != "" {
			out = append(out, a.Address)
		}
	}
	return out
}
