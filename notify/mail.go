package notify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// arrival is a message to tell of, and how much.
type arrival struct {
	header activesync.Header
	kind   activesync.NotifyKind
	level  activesync.NotifyContent
	folder string
}

// kindOf is what a message is to the person (MS-ASEMAIL 2.2.2.50.1).
func kindOf(h activesync.Header) activesync.NotifyKind {
	switch class := strings.ToLower(h.MessageClass); {
	case strings.HasPrefix(class, "ipm.schedule.meeting.request"):
		return activesync.NotifyMeeting
	case strings.HasPrefix(class, "ipm.schedule.meeting.canceled"):
		return activesync.NotifyCancelled
	}
	return activesync.NotifyMail
}

// tellMail tells of messages that arrived, and of those put off whose time has
// come. In quiet hours they wait.
func (t *Teller) tellMail(ctx context.Context, id activesync.AccountID, s activesync.Notifications) (next time.Time, err error) {
	now := time.Now()
	if quiet := s.Accounts[id].QuietUntil(now); !quiet.IsZero() {
		return quiet, nil
	}
	folders, err := t.House.Folders(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	// What is handed out now is told of, or never.
	untold, err := t.House.TakeUntold(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	var news []arrival
	for _, h := range untold {
		seen := t.seen[h.ID]
		delete(t.seen, h.ID)
		if a, ok := t.worthTelling(s, id, folders, h); ok && !seen && !t.House.LooksAt(h.Folder) {
			news = append(news, a)
		}
	}
	due, next, problem := t.putOff(ctx, id, s, now)
	for _, h := range due {
		if a, ok := t.worthTelling(s, id, folders, h); ok {
			news = append(news, a)
		}
	}
	for i := range news {
		if news[i].kind == activesync.NotifyMeeting {
			news[i].kind = t.meetingKind(ctx, news[i].header.ID)
		}
	}
	for _, kind := range []activesync.NotifyKind{activesync.NotifyMeeting, activesync.NotifyUpdated, activesync.NotifyCancelled, activesync.NotifyMail} {
		var some []arrival
		for _, a := range news {
			if a.kind == kind {
				some = append(some, a)
			}
		}
		problem = errors.Join(problem, t.tellOf(ctx, id, s, some))
	}
	return next, problem
}

// worthTelling reports whether the person wants to be told of a message, and may be.
func (t *Teller) worthTelling(s activesync.Notifications, id activesync.AccountID, folders []activesync.Folder, h activesync.Header) (arrival, bool) {
	of := s.Accounts[id]
	i := slices.IndexFunc(folders, func(f activesync.Folder) bool { return f.ID == h.Folder })
	if i < 0 || of.Off {
		return arrival{}, false
	}
	f := folders[i]
	vip := s.IsVIP(h.From)
	switch f.Notified() {
	case activesync.NotifyNever:
		return arrival{}, false
	case activesync.NotifyVIP:
		if !vip {
			return arrival{}, false
		}
	}
	if of.VIPOnly && !vip {
		return arrival{}, false
	}
	most := level(s, id, f.NotifyContent)
	return arrival{header: h, kind: kindOf(h), level: most, folder: f.Name}, most != activesync.ContentBlock
}

// meetingKind tells an invitation from an update of one (MS-ASEMAIL 2.2.2.48).
func (t *Teller) meetingKind(ctx context.Context, id activesync.ItemID) activesync.NotifyKind {
	if m, err := t.House.Message(ctx, id); err == nil && m.Meeting != nil && (m.Meeting.MessageType == 2 || m.Meeting.MessageType == 3) {
		return activesync.NotifyUpdated
	}
	return activesync.NotifyMeeting
}

// putOff are the messages whose time has come again, and when the next one's
// is. None is longer away than the person puts off for: the clock may have been
// set back.
func (t *Teller) putOff(ctx context.Context, id activesync.AccountID, s activesync.Notifications, now time.Time) (due []activesync.Header, next time.Time, err error) {
	told, err := t.told(ctx, id)
	if err != nil || len(told.Snoozed) == 0 {
		return nil, time.Time{}, err
	}
	var left []activesync.SnoozedMail
	changed := false
	for _, z := range told.Snoozed {
		if at := again(z.At, now, s); !at.Equal(z.At) {
			z.At, changed = at, true
		}
		if z.At.After(now) {
			left = append(left, z)
			sooner(&next, z.At)
			continue
		}
		changed = true
		if h, err := t.House.Header(ctx, z.Item); err == nil && !h.Read {
			due = append(due, h)
		}
	}
	if !changed {
		return nil, next, nil
	}
	return due, next, t.House.UpdateTold(ctx, id, func(told *activesync.Told) { told.Snoozed = left })
}

// again is when something that was put off until at comes again.
func again(at, now time.Time, s activesync.Notifications) time.Time {
	if most := now.Add(s.SnoozeFor()); at.After(most) {
		return most.UTC().Truncate(time.Second)
	}
	return at
}

// tellOf tells of messages of one kind: several at once are one notification.
func (t *Teller) tellOf(ctx context.Context, id activesync.AccountID, s activesync.Notifications, some []arrival) error {
	n, ok := summary(id, some)
	if !ok {
		return nil
	}
	n.Actions = t.mailActions(ctx, id, some)
	of := activesync.Shown{}
	for _, a := range some {
		of.Mail = append(of.Mail, activesync.ShownMail{Item: a.header.ID, Folder: a.header.Folder})
	}
	return t.show(ctx, s, n, of)
}

// summary is one notification of all of them, at the strictest of their levels.
func summary(id activesync.AccountID, some []arrival) (Notice, bool) {
	var mails []Mail
	level := activesync.ContentAllow
	for _, a := range some {
		level = level.Stricter(a.level)
		mails = append(mails, Mail{Account: id, Folder: a.folder, Item: a.header.ID, From: a.header.From, Subject: a.header.Subject, Preview: a.header.Preview})
	}
	n, ok := Summarise(mails, level)
	if !ok {
		return Notice{}, false
	}
	n.Kind, n.Account, n.Content = some[0].kind, id, level
	for _, m := range mails {
		n.Items = append(n.Items, m.Item)
	}
	if word := meetingWords[n.Kind]; word != "" && len(mails) == 1 && level != activesync.ContentCount {
		n.Title = cleanLine(word+": "+n.Title, maxTitle)
	}
	return n, true
}

var meetingWords = map[activesync.NotifyKind]string{
	activesync.NotifyMeeting: "Invitation", activesync.NotifyUpdated: "Meeting changed", activesync.NotifyCancelled: "Meeting cancelled",
}

// mailActions are what the person can do about messages.
func (t *Teller) mailActions(ctx context.Context, id activesync.AccountID, some []arrival) []Action {
	var out []Action
	opens := t.Open != nil || t.House.Screens()
	if opens {
		out = append(out, Action{ActOpen, "Open"})
	}
	if len(some) > 1 {
		return append(out, Action{ActRead, "Mark all read"}, Action{ActSnooze, "Snooze"})
	}
	if some[0].kind == activesync.NotifyMeeting || some[0].kind == activesync.NotifyUpdated {
		return append(out, Action{ActAccept, "Accept"}, Action{ActTentative, "Tentative"}, Action{ActDecline, "Decline"}, Action{ActSnooze, "Snooze"})
	}
	if opens {
		out = append(out, Action{ActReply, "Reply"})
	}
	out = append(out, Action{ActRead, "Mark read"})
	if t.archiveOf(ctx, id) != 0 {
		out = append(out, Action{ActArchive, "Archive"})
	}
	return append(out, Action{ActDelete, "Delete"}, Action{ActSnooze, "Snooze"})
}

// archiveOf is the mailbox that Archive moves to: the one chosen, else one
// whose name says so. 0 is none.
func (t *Teller) archiveOf(ctx context.Context, id activesync.AccountID) activesync.FolderID {
	folders, err := t.House.Folders(ctx, id)
	if err != nil {
		return 0
	}
	chosen := activesync.FolderID(0)
	if t.Archive != nil {
		chosen = t.Archive(id)
	}
	named := activesync.FolderID(0)
	for _, f := range folders {
		if f.ID == chosen {
			return chosen
		}
		if named == 0 && f.IsArchive() {
			named = f.ID
		}
	}
	return named
}
