package cli

import (
	"context"
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

// opened is a message without what is around it, where it is signed, encrypted or
// packed so that the server's text is not what was written; nil where it is not.
func (a *app) opened(ctx context.Context, l agent.Service, m activesync.Message) (*message.Mail, []message.Word, error) {
	apart, protected := unwrap.Needed(m)
	if !apart || !protected && strings.TrimSpace(message.PlainText(m.Body)) != "" {
		return nil, nil, nil
	}
	mime, err := l.Source(ctx, m.ID)
	if err != nil {
		return nil, nil, err
	}
	p, err := paths.Find(a.data)
	if err != nil {
		return nil, nil, err
	}
	o := unwrap.Opener{GPG: findGPG(), Env: pgp.Environment(os.Environ()), Now: time.Now(),
		Keys: func() ([]smime.Key, error) { return newMailKeys(p.Config).Keys(ctx) }}
	letter := o.Open(ctx, m, mime)
	return message.ParseBytes(letter.MIME), letter.Words, nil
}
