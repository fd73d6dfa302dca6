package wire

import (
	"bytes"
	"fmt"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// DecodeEmail reads the ApplicationData of a message. Fields of the patch says
// what it names. A date or number that makes no sense is left out, with a word
// in Note; the error is for data that is no ApplicationData at all.
func DecodeEmail(raw wbxml.Raw) (*activesync.MessagePatch, error) { return decodeEmail(raw, nil) }

func decodeEmail(raw wbxml.Raw, parts [][]byte) (*activesync.MessagePatch, error) {
	var e Email
	if err := raw.Unmarshal(&e); err != nil {
		return nil, fmt.Errorf("read a message: %w", err)
	}
	p := &activesync.MessagePatch{}
	e.people(p)
	e.state(p)
	e.content(p, parts)
	if e.DateReceived != nil && e.Subject != nil && e.Read != nil {
		// More than a mark was sent, so it is the whole message and what it does
		// not name is not there (MS-ASEMAIL 3.1.5.2).
		p.Fields |= activesync.HasTo | activesync.HasCc | activesync.HasBcc | activesync.HasReplyTo | activesync.HasAttachments
	}
	return p, nil
}

func (e *Email) people(p *activesync.MessagePatch) {
	one := func(s *string, f activesync.MessageFields, to *activesync.Address) {
		if s != nil {
			*to, p.Fields = activesync.ParseAddress(*s), p.Fields|f
		}
	}
	many := func(s *string, f activesync.MessageFields, to *[]activesync.Address) {
		if s != nil {
			*to, p.Fields = activesync.ParseAddresses(*s), p.Fields|f
		}
	}
	one(e.From, activesync.HasFrom, &p.From)
	one(e.Sender, activesync.HasSender, &p.Sender)
	if e.To != nil {
		many(e.To, activesync.HasTo, &p.To)
	} else {
		many(e.DisplayTo, activesync.HasTo, &p.To)
	}
	many(e.Cc, activesync.HasCc, &p.Cc)
	many(e.Bcc, activesync.HasBcc, &p.Bcc)
	many(e.ReplyTo, activesync.HasReplyTo, &p.ReplyTo)
}

func (e *Email) state(p *activesync.MessagePatch) {
	set := func(present bool, f activesync.MessageFields, do func()) {
		if present {
			do()
			p.Fields |= f
		}
	}
	set(e.Read != nil, activesync.HasRead, func() { p.Read = e.Read.Bool() })
	set(e.Flag != nil, activesync.HasFlag, func() { p.Flag = decodeFlag(e.Flag) })
	set(e.Importance != nil, activesync.HasImportance, func() { p.Importance = decodeImportance(*e.Importance) })
	set(e.LastVerbExecuted != nil, activesync.HasVerb, func() {
		if v := activesync.Verb(e.LastVerbExecuted.Byte()); v <= activesync.VerbForward {
			p.Verb = v
		}
	})
	set(e.Categories != nil, activesync.HasCategories, func() { p.Categories = e.Categories.Names })
	set(e.IsDraft != nil, activesync.HasDraft, func() { p.Draft = e.IsDraft.Bool() })
	if e.DateReceived != nil {
		t, ok := e.DateReceived.Time()
		set(ok, activesync.HasDate, func() { p.Date = t })
		if !ok {
			p.Note = "The date of this message could not be read."
		}
	}
}

func (e *Email) content(p *activesync.MessagePatch, parts [][]byte) {
	if e.Subject != nil {
		p.Subject, p.Fields = *e.Subject, p.Fields|activesync.HasSubject
	}
	if e.MessageClass != nil {
		p.MessageClass, p.Fields = *e.MessageClass, p.Fields|activesync.HasMessageClass
	}
	if len(e.ConversationID) > 0 {
		// A header outlives the answer, which its bytes may be a part of.
		p.Conversation, p.Fields = bytes.Clone(e.ConversationID), p.Fields|activesync.HasConversation
	}
	if e.Attachments != nil {
		p.Fields |= activesync.HasAttachments
		for _, a := range e.Attachments.Attachments {
			p.Attachments = append(p.Attachments, decodeAttachment(a))
			p.HasAttachments = p.HasAttachments || !a.IsInline.Bool()
		}
	}
	if e.Body != nil {
		p.Body, p.Fields = decodeBody(e.Body, parts), p.Fields|activesync.HasBody
		p.Size = p.Body.Size
		if e.Body.Preview != nil {
			p.Preview, p.Fields = tidy(*e.Body.Preview), p.Fields|activesync.HasPreview
		}
	}
	if e.Meeting != nil {
		p.Meeting, p.Fields = decodeMeeting(e.Meeting), p.Fields|activesync.HasMeeting
	}
}

func decodeAttachment(a Attachment) activesync.Attachment {
	return activesync.Attachment{
		Name: a.DisplayName, FileReference: a.FileReference, Method: a.Method.Byte(),
		Size: int64(max(a.EstimatedDataSize.Int(0), 0)), Inline: a.IsInline.Bool(),
		ContentID: strings.Trim(strings.TrimSpace(a.ContentID), "<>"),
	}
}

func decodeFlag(f *Flag) activesync.FlagStatus {
	if f.Status == nil {
		return activesync.FlagNone
	}
	switch s := activesync.FlagStatus(f.Status.Byte()); s {
	case activesync.FlagActive, activesync.FlagComplete:
		return s
	}
	return activesync.FlagNone
}

func decodeImportance(n Number) activesync.Importance {
	switch n.Int(1) {
	case 0:
		return activesync.ImportanceLow
	case 2:
		return activesync.ImportanceHigh
	}
	return activesync.ImportanceNormal
}

func decodeMeeting(m *MeetingRequest) *activesync.MeetingRequest {
	out := &activesync.MeetingRequest{
		UID: value(m.UID), AllDay: value(m.AllDayEvent).Bool(), Location: place(m.Location, m.PlainLocation),
		Organizer: activesync.ParseAddress(value(m.Organizer)), ResponseRequested: value(m.ResponseRequested).Bool(),
		MessageType: value(m.MeetingMessageType).Byte(), InstanceType: value(m.InstanceType).Byte(),
		BusyStatus: value(m.BusyStatus).Byte(), TimeZone: decodeZone(value(m.TimeZone)),
	}
	if out.UID == "" {
		out.UID = UIDFromGlobalObjID(value(m.GlobalObjID))
	}
	out.Start, _ = m.StartTime.Time()
	out.End, _ = m.EndTime.Time()
	if out.AllDay && !out.Start.IsZero() {
		out.Start, out.End = allDayDate(out.Start, out.TimeZone), allDayDate(out.End, out.TimeZone)
	}
	out.RecurrenceID, _ = m.RecurrenceID.Time()
	if m.Recurrences != nil {
		r := m.Recurrences.Recurrence
		out.Recurrence = decodeRecurrence(&Recurrence{
			Type: r.Type, Occurrences: r.Occurrences, Interval: r.Interval, WeekOfMonth: r.WeekOfMonth, DayOfWeek: r.DayOfWeek,
			MonthOfYear: r.MonthOfYear, Until: r.Until, DayOfMonth: r.DayOfMonth, CalendarType: r.CalendarType,
			IsLeapMonth: r.IsLeapMonth, FirstDayOfWeek: r.FirstDayOfWeek,
		})
	}
	return out
}

// place is where something happens: the name of the place, else its address.
func place(l *Location, plain *string) string {
	if l == nil {
		return value(plain)
	}
	if l.DisplayName != "" {
		return l.DisplayName
	}
	var parts []string
	for _, s := range []string{l.Street, l.PostalCode, l.City, l.State, l.Country} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}
