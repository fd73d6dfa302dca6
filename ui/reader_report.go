package ui

import (
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/style"
)

// verdict says what was verified of a message, and by whom.
func (k look) verdict(s *sheet, words []message.Word) {
	for _, w := range words {
		mark, role := k.theme.Warning, style.Warn
		switch w.Tone {
		case message.Good:
			mark, role = k.theme.Done, style.Accent
		case message.Bad:
			role = style.Alert
		}
		for i, line := range wrap(clean(w.Text), max(s.room()-style.Width(mark)-1, 1)) {
			l := s.line()
			if i == 0 {
				l.Put(role, mark).Skip(1)
			} else {
				l.Skip(style.Width(mark) + 1)
			}
			s.add(l.Put(role, line))
		}
	}
}

// reported is the report that a message is, by what is here of it: taken
// apart, or by its words alone.
func (k look) reported(m activesync.Message) *message.Report {
	if k.parcel != nil && k.parcel.report != nil {
		return k.parcel.report
	}
	from := m.From.Address + " " + m.From.Name
	if k.parcel != nil || !message.LooksLikeReport(m.MessageClass, from, m.Subject) {
		return nil
	}
	return message.ReportText(from, m.Subject, message.PlainText(m.Body), "")
}

// report says who did not get what and why, with what can be done.
func (k look) report(s *sheet, r *message.Report) {
	what := "the message"
	if subject := clean(r.Subject); subject != "" {
		what = "“" + subject + "”"
	}
	s.blank()
	for i, f := range r.Fates {
		if i == 20 {
			s.words(style.Dim, k.theme.Ellipsis+" and "+number(len(r.Fates)-i)+" more")
			break
		}
		head, role := fateWords(f.Outcome)
		l := s.line().Put(role, k.theme.Left).Skip(1).Put(style.Strong, clean(f.Address)).Skip(1)
		s.add(l.Put(role, cutTo(head+" "+what, l.Room()-s.margin, k.theme)))
		k.reason(s, f, role)
	}
	s.blank()
}

func fateWords(o message.Outcome) (string, style.Role) {
	switch o {
	case message.Delayed:
		return "has not got yet", style.Warn
	case message.Delivered:
		return "has got", style.Accent
	case message.Relayed:
		return "will get, from a server that tells no more,", style.Accent
	case message.Opened:
		return "has opened", style.Accent
	case message.Removed:
		return "deleted, without opening it,", style.Warn
	}
	return "did not get", style.Alert
}

func (k look) reason(s *sheet, f message.Fate, role style.Role) {
	bar := func(r style.Role, text string) {
		for _, w := range wrap(text, max(s.room()-2, 1)) {
			s.add(s.line().Put(role, k.theme.Left).Skip(1).Put(r, w))
		}
	}
	if f.Outcome != message.Failed && f.Outcome != message.Delayed {
		return
	}
	why, next := f.Cause().Words()
	if f.Outcome == message.Delayed {
		next = "The server goes on trying; there is nothing to do yet."
		if f.Cause() == message.UnknownCause {
			why = ""
		}
	}
	if f.Cause() == message.UnknownCause && f.Said == "" && f.Status == "" {
		next = "The text below may tell more."
	}
	bar(style.Text, strings.TrimSpace(why+" "+next))
	if said := strings.TrimSpace(clean(f.Status + " " + strings.TrimPrefix(f.Said, f.Status))); said != "" {
		bar(style.Dim, "Its words: "+said)
	}
}
