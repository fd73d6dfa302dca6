package cli

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/message/pgp"
	"eas.example/securemail/activesync/message/smime"
	"eas.example/securemail/activesync/message/unwrap"
	"eas.example/securemail/store/paths"
)

// checked is one sentence on what was verified, as `show --json` has it.
type checked struct {
	Tone  string `json:"tone"` // "good", "doubt" or "bad"
	Words string `json:"words"`
}

func checkedOf(words []message.Word) (out []checked) {
	for _, w := range words {
		out = append(out, checked{map[message.Tone]string{message.Good: "good", message.Doubt: "doubt", message.Bad: "bad"}[w.Tone], w.Text})
	}
	return out
}

// unpacked is a message as it was written: without what is around it, where it is
// signed, encrypted or packed so that the server's text and files are not that.
type unpacked struct {
	activesync.Message
	mail  *message.Mail  // nil where all is as the server has it
	words []message.Word // what was verified
}

// unpack takes a message apart where that is needed.
func (a *app) unpack(ctx context.Context, l agent.Service, m activesync.Message) (unpacked, error) {
	out := unpacked{Message: m}
	_, protected := unwrap.Needed(m)
	packed := false
	for _, f := range m.Attachments {
		packed = packed || strings.EqualFold(f.Name, "winmail.dat") || strings.Contains(strings.ToLower(f.ContentType), "ms-tnef")
	}
	if !protected && !packed || unwrap.TooLarge(m) {
		return out, nil
	}
	mime, err := l.Source(ctx, m.ID)
	if err != nil {
		return out, err
	}
	p, err := paths.Find(a.data)
	if err != nil {
		return out, err
	}
	o := unwrap.Opener{GPG: findGPG(), Env: pgp.Environment(os.Environ()), Now: time.Now(),
		Keys: func() ([]smime.Key, error) { return newMailKeys(p.Config).Keys(ctx) }}
	inside := o.Open(ctx, m, mime)
	out.mail, out.words = message.ParseBytes(inside.MIME), inside.Words
	out.Attachments = out.mail.Files()
	return out, nil
}

// unpackItem is unpack for a message that has an id.
func (a *app) unpackItem(ctx context.Context, l agent.Service, id activesync.ItemID) (unpacked, error) {
	m, err := l.Message(ctx, id)
	if err != nil {
		return unpacked{}, err
	}
	return a.unpack(ctx, l, m)
}

// fetch has file i, counted from 0, brought here, and content writes it.
func (x *unpacked) fetch(ctx context.Context, l agent.Service, i int, show func(done, all int64)) error {
	if x.mail != nil {
		return nil
	}
	return l.FetchAttachment(ctx, x.ID, i, show)
}

func (x *unpacked) content(ctx context.Context, l agent.Service, i int) func(io.Writer) error {
	if x.mail == nil {
		return func(w io.Writer) error { return l.Attachment(ctx, x.ID, i, w) }
	}
	return func(w io.Writer) error {
		_, err := w.Write(x.mail.Attachments[i].Content)
		return err
	}
}
