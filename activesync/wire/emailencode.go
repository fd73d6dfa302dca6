package wire

import (
	"strings"

	"eas.example/securemail/activesync"
)

// flagType is the text that marks a flag as "follow up".
const flagType = "Flag for follow up"

// EncodeEmail is the ApplicationData of a whole message as a server of version
// v gives it. Body is taken as it is in m: what was asked for, in the form and
// length that was asked for.
func EncodeEmail(m *activesync.Message, v activesync.Version) *Email {
	e := &Email{
		To: list(m.To), Cc: list(m.Cc), From: list([]activesync.Address{m.From}), Subject: ptr(m.Subject),
		DateReceived: stamp(Dashed, m.Date), Importance: ptr(encodeImportance(m.Importance)), Read: ptr(MakeSwitch(m.Read)),
		Body: encodeBody(m.Body), MessageClass: ptr("IPM.Note"), InternetCPID: ptr(Number("65001")),
		ContentClass: ptr("urn:content-classes:message"), Flag: encodeFlag(m.Flag), ThreadTopic: ptr(topic(m.Subject)),
	}
	if m.MessageClass != "" {
		e.MessageClass = ptr(m.MessageClass)
	}
	if len(m.To) > 0 {
		e.DisplayTo = ptr(displayed(m.To))
	}
	if len(m.ReplyTo) > 0 {
		e.ReplyTo = ptr(activesync.FormatAddresses(m.ReplyTo, "; "))
	}
	e.Attachments = encodeAttachments(m.Attachments)
	if m.Meeting != nil {
		e.Meeting = encodeMeeting(m.Meeting, v)
	}
	if t := m.Body.Type; t >= activesync.BodyPlain && t <= activesync.BodyRTF {
		e.NativeBodyType = ptr(MakeNumber(t))
	}
	if v >= activesync.V140 {
		encode140(e, m)
	}
	if v >= activesync.V160 {
		e.IsDraft = ptr(MakeSwitch(m.Draft))
		e.Bcc = list(m.Bcc)
	}
	return e
}

// encode140 adds what 14.0 brought.
func encode140(e *Email, m *activesync.Message) {
	e.ConversationID = m.Conversation
	if m.Verb != activesync.VerbNone {
		e.LastVerbExecuted = ptr(MakeNumber(m.Verb))
	}
	if m.Sender.Address != "" && m.Sender != m.From {
		e.Sender = ptr(activesync.FormatAddress(m.Sender))
	}
	if len(m.Categories) > 0 {
		e.Categories = &Categories{Names: m.Categories}
	}
	if e.Body != nil && m.Preview != "" {
		e.Body.Preview = ptr(m.Preview)
	}
}

func list(l []activesync.Address) *string {
	s := activesync.FormatAddresses(l, ", ")
	if s == "" {
		return nil
	}
	return ptr(s)
}

// topic is the subject without what replies and forwards put before it.
func topic(subject string) string {
	for {
		head, rest, found := strings.Cut(subject, ":")
		switch strings.ToLower(strings.TrimSpace(head)) {
		case "re", "fw", "fwd", "aw", "wg":
			if found {
				subject = strings.TrimSpace(rest)
				continue
			}
		}
		return subject
	}
}

func encodeAttachments(list []activesync.Attachment) *Attachments {
	if len(list) == 0 {
		return nil
	}
	out := &Attachments{}
	for _, a := range list {
		w := Attachment{
			DisplayName: a.Name, FileReference: a.FileReference, Method: MakeNumber(max(a.Method, 1)),
			EstimatedDataSize: MakeNumber(a.Size), ContentID: a.ContentID,
		}
		if a.Inline {
			w.IsInline = MakeSwitch(true)
		}
		out.Attachments = append(out.Attachments, w)
	}
	return out
}

func encodeFlag(s activesync.FlagStatus) *Flag {
	switch s {
	case activesync.FlagActive:
		return &Flag{Status: ptr(MakeNumber(s)), FlagType: ptr(flagType)}
	case activesync.FlagComplete:
		return &Flag{Status: ptr(MakeNumber(s))}
	}
	return &Flag{}
}

func encodeImportance(i activesync.Importance) Number {
	switch i {
	case activesync.ImportanceLow:
		return "0"
	case activesync.ImportanceHigh:
		return "2"
	}
	return "1"
}

func encodeMeeting(m *activesync.MeetingRequest, v activesync.Version) *MeetingRequest {
	w := &MeetingRequest{
		AllDayEvent: ptr(MakeSwitch(m.AllDay)), StartTime: stamp(Dashed, m.Start), DtStamp: stamp(Dashed, m.Start),
		EndTime: stamp(Dashed, m.End), InstanceType: ptr(MakeNumber(m.InstanceType)), Organizer: ptr(activesync.FormatAddress(m.Organizer)),
		RecurrenceID: stamp(Dashed, m.RecurrenceID), ResponseRequested: ptr(MakeSwitch(m.ResponseRequested)),
		Sensitivity: ptr(Number("0")), BusyStatus: ptr(MakeNumber(m.BusyStatus)), TimeZone: ptr(encodeZone(m.TimeZone)),
	}
	if m.Recurrence.Set {
		r := encodeRecurrence(&m.Recurrence, v)
		w.Recurrences = &Recurrences{Recurrence: EmailRecurrence{
			Type: r.Type, Interval: r.Interval, Until: r.Until, Occurrences: r.Occurrences, WeekOfMonth: r.WeekOfMonth,
			DayOfMonth: r.DayOfMonth, DayOfWeek: r.DayOfWeek, MonthOfYear: r.MonthOfYear, CalendarType: r.CalendarType,
			IsLeapMonth: r.IsLeapMonth, FirstDayOfWeek: r.FirstDayOfWeek,
		}}
	}
	if v >= activesync.V141 {
		w.MeetingMessageType = ptr(MakeNumber(m.MessageType))
	}
	if v >= activesync.V160 {
		w.Location, w.UID = &Location{DisplayName: m.Location}, ptr(m.UID)
	} else {
		w.PlainLocation, w.GlobalObjID = ptr(m.Location), ptr(GlobalObjIDFromUID(m.UID))
	}
	return w
}
