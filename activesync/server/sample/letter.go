package sample

import (
	"fmt"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// letter is a message before it becomes a source.
type letter struct {
	id       string // without the domain
	from     person
	to, cc   []activesync.Address
	subject  string
	date     time.Time
	text     string
	style    string // plain, flowed, outlook, gmail, apple, newsletter, notice; also calendar and report
	charset  string
	priority string
	files    []string
	ready    map[string]*attachment // files that need not be made again
	headers  []string
	invite   *activesync.Event
	method   string // of invite
	parent   *letter

	folder string
	read   bool
	flag   activesync.FlagStatus
	verb   activesync.Verb
	tags   []string
}

func (l *letter) messageID() string { return l.id + "@" + l.from.domain() }

// delivery is the letter as the server takes it. Its source is made each time
// it is asked for.
func (l *letter) delivery() server.Delivery {
	return server.Delivery{Source: l.source, Date: l.date, Read: l.read, Flag: l.flag, Verb: l.verb, Categories: l.tags}
}

// thread turns the blocks of a file into letters. Each answers the one before
// it, unless Reply says which by number, counted from 1, or that it is new.
func (s *sampler) thread(name, file string) ([]*letter, error) {
	list, err := blocks(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []*letter
	for i, b := range list {
		l := &letter{id: fmt.Sprintf("%s.%d.%08x", name, i+1, mix(name, i))}
		parent := i
		if r := b.fields["Reply"]; r == "new" {
			parent = 0
		} else if r != "" {
			if _, err := fmt.Sscan(r, &parent); err != nil {
				return nil, fmt.Errorf("%s %d: Reply: %w", name, i+1, err)
			}
		}
		if parent > 0 && parent <= len(out) {
			l.parent = out[parent-1]
		}
		if err := s.fill(l, b); err != nil {
			return nil, fmt.Errorf("%s %d: %w", name, i+1, err)
		}
		out = append(out, l)
	}
	return out, nil
}

// fill takes over what a block says, and for the rest what the letter it
// answers suggests.
func (s *sampler) fill(l *letter, b block) (err error) {
	if l.from, err = s.person(b.fields["From"]); err != nil {
		return err
	}
	if l.to, err = s.addresses(b.list("To")); err != nil {
		return err
	}
	if l.cc, err = s.addresses(b.list("Cc")); err != nil {
		return err
	}
	if at := b.fields["At"]; at != "" {
		if l.date, err = s.at(at); err != nil {
			return err
		}
	}
	l.subject, l.text, l.style, l.charset = b.fields["Subject"], b.text, b.fields["Style"], b.fields["Charset"]
	l.files, l.priority, l.tags = b.list("Attach"), b.fields["Importance"], b.list("Tags")
	if l.style == "" {
		l.style = l.from.style
	}
	if to := b.fields["Recipient"]; to != "" {
		l.headers = append(l.headers, "X-Failed-Recipients: "+to)
	}
	if b.fields["Invite"] != "" {
		e := s.meeting(b.fields["Invite"])
		l.invite, l.method = &e, "REQUEST"
	}
	if p := l.parent; p != nil {
		if l.subject == "" {
			l.subject = replySubject(p.subject)
		}
		if len(l.to) == 0 && p.from.key != l.from.key {
			l.to = []activesync.Address{p.from.address()}
		}
		if l.from.key == self && p.from.key != self {
			p.verb = activesync.VerbReply
			if len(l.to)+len(l.cc) > 1 {
				p.verb = activesync.VerbReplyAll
			}
			p.read = true
		}
	}
	if len(l.to) == 0 {
		l.to = []activesync.Address{s.people[self].address()}
	}
	l.folder = b.fields["In"]
	if l.folder == "" {
		l.folder = "Inbox"
		if l.from.key == self {
			l.folder = "Sent Items"
		}
	}
	l.read = l.from.key == self || l.date.Before(s.midnight(-1))
	for _, m := range b.list("Mark") {
		switch m {
		case "read", "unread":
			l.read = m == "read"
		case "flagged":
			l.flag = activesync.FlagActive
		case "done":
			l.flag = activesync.FlagComplete
		case "forwarded":
			l.verb = activesync.VerbForward
		default:
			return fmt.Errorf("%q is no mark", m)
		}
	}
	return nil
}

// replySubject puts Re: in front, once.
func replySubject(s string) string {
	if strings.HasPrefix(strings.ToLower(s), "re:") {
		return s
	}
	return "Re: " + s
}

// mix makes a number of a name that looks like any other.
func mix(s string, n int) uint32 {
	h := uint32(2166136261)
	for _, c := range []byte(fmt.Sprint(s, n)) {
		h = (h ^ uint32(c)) * 16777619
	}
	return h ^ h>>15
}
