package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/contacts"
	"eas.example/securemail/ui/action"
)

// numberedBackend has another content in each file of each message.
type numberedBackend struct{ *composeBackend }

func (numberedBackend) Attachment(_ context.Context, item activesync.ItemID, n int, w io.Writer) error {
	_, err := fmt.Fprintf(w, "file %d of %d", n, item)
	return err
}

// The file that is saved is one of the message of which it was asked, also where
// another message came into the reading pane meanwhile.
func TestTheFileSavedIsTheOneThatWasAskedFor(t *testing.T) {
	b := numberedBackend{newComposeBackend()}
	b.message.Attachments = []activesync.Attachment{{Name: "a.txt"}}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		var saved, dir string
		s.app.deps.SaveFile = func(d, name string, write func(io.Writer) error) (string, error) {
			var w strings.Builder
			err := write(&w)
			saved, dir = w.String(), d
			return name, err
		}
		s.app.deps.Downloads = t.TempDir()
		r := &s.app.mail.reader
		s.do(r.show(s.app, 11))
		s.do(s.app.openFiles())
		s.do(r.show(s.app, 12)) // the list was read again, and 11 was gone
		s.keys("enter")
		if saved != "file 0 of 11" || dir != s.app.deps.Downloads {
			t.Errorf("saved %q in %q", saved, dir)
		}
	})
}

// What is asked for beside the text neither takes the place of the text nor of
// one another while all wait for a slow line.
func TestTheTextComesWhateverElseIsAskedFor(t *testing.T) {
	b := newComposeBackend()
	b.message.Body.Truncated = true
	whole := b.message
	whole.Body = activesync.Body{Type: activesync.BodyPlain, Data: []byte("all of the text")}
	b.whole, b.source = &whole, "the source"
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		r := &s.app.mail.reader
		slow := s.app.read(&r.fetch, network, func(context.Context) answer { time.Sleep(time.Minute); return nil })
		pump(slow, s.msgs)
		s.do(r.show(s.app, 11))
		s.pass(settleTime)
		s.do(r.toggleView(s.app, sourceView))
		s.pass(2 * time.Minute)
		if string(r.msg.Body.Data) != "all of the text" || string(r.source) != "the source" || r.loading {
			t.Errorf("%q, %q, loading %v", r.msg.Body.Data, r.source, r.loading)
		}
	})
}

// Of a conversation the message that is opened is at hand, not the newest one.
func TestTheMessageOpenedIsAtHand(t *testing.T) {
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		m := &s.app.mail
		m.list.list.Put(0, 1, []row{{Header: activesync.Header{ID: 11, Folder: 1}, talk: activesync.Conversation{Items: []activesync.ItemID{11, 7}}}})
		m.reader.id = 7
		for focus, want := range map[int]activesync.ItemID{onReader: 7, onList: 11} {
			m.focus = focus
			if h, ok := s.app.messageAtHand(); !ok || h.ID != want {
				t.Errorf("with the focus on %d message %d is at hand, want %d", focus, h.ID, want)
			}
		}
	})
}

// respondingBackend notes what is answered.
type respondingBackend struct {
	*composeBackend
	item  activesync.ItemID
	given activesync.Response
}

func (b *respondingBackend) Respond(_ context.Context, item activesync.ItemID, r activesync.Response) (activesync.OpID, error) {
	b.item, b.given = item, r
	return 1, nil
}

func (*respondingBackend) Agenda(context.Context, activesync.AccountID, time.Time, time.Time) ([]activesync.Occurrence, error) {
	return nil, nil
}

func (*respondingBackend) ChangeEvents(context.Context, ...activesync.Op) ([]activesync.OpID, error) {
	return nil, errors.New("no room left on the disk")
}

// The answer is to the meeting that was at hand when it was begun, whatever the
// calendar has under its cursor by the time its words are written.
func TestTheAnswerIsToTheMeetingThatWasAtHand(t *testing.T) {
	b := &respondingBackend{composeBackend: newComposeBackend()}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.app.screen = calendarScreen
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		show := func(event activesync.ItemID) {
			o := activesync.Occurrence{Event: event, Subject: fmt.Sprint("meeting ", event), Series: true, OriginalStart: at, Start: at, End: at.Add(time.Hour)}
			s.app.agenda.list.Put(0, 1, []agendaRow{{occ: planned{Occurrence: o}}})
		}
		show(1)
		s.do(s.app.respondWith())
		s.keys("3")
		s.write("sorry")
		show(2) // 1 was deleted elsewhere meanwhile
		s.keys("enter")
		show(2)
		s.keys("1")
		if b.item != 1 || b.given.Comment != "sorry" || !b.given.Instance.Equal(at) || b.given.Answer != activesync.AnswerDecline {
			t.Errorf("answered %d: %+v", b.item, b.given)
		}
	})
}

// An answer that goes out is not said not to, and can be taken back, when the
// event cannot be put into the calendar.
func TestAnAnswerIsToldThoughTheCalendarIsNotChanged(t *testing.T) {
	b := &respondingBackend{composeBackend: newComposeBackend()}
	b.message.Meeting = &activesync.MeetingRequest{UID: "u", Start: time.Now(), End: time.Now().Add(time.Hour)}
	onComposeScreen(t, b, 80, 24, func(s *composeScreen) {
		s.app.accounts[0].folders = append(s.app.accounts[0].folders, activesync.Folder{ID: 9, Type: activesync.FolderCalendar, Class: activesync.ClassCalendar})
		r := &s.app.mail.reader
		s.do(r.show(s.app, 11))
		s.app.mail.focus = onReader
		r.parcel = &parcel{event: &activesync.Event{UID: "u"}}
		r.invited = &invited{uid: "u"}
		s.do(s.app.perform(action.Accept))
		s.shows("not put into your calendar")
		if b.item != 11 || len(s.app.undo) != 1 {
			t.Errorf("answered %d, %d to take back", b.item, len(s.app.undo))
		}
	})
}

// importingBackend takes its time to import.
type importingBackend struct{ *composeBackend }

func (importingBackend) ImportContacts(context.Context, activesync.AccountID, []byte, []int) ([]activesync.OpID, error) {
	time.Sleep(time.Second)
	return []activesync.OpID{1}, nil
}

// An import that ends closes what is about it, and not what the person opened
// since.
func TestAnImportThatEndsLeavesTheForm(t *testing.T) {
	onComposeScreen(t, importingBackend{newComposeBackend()}, 80, 24, func(s *composeScreen) {
		m := newImporting("a1", nil, []contacts.Import{{Kind: contacts.New, Name: "Ana"}})
		s.do(s.app.push(m))
		pump(m.take(s.app), s.msgs)
		s.keys("esc")
		s.do(s.app.editContact("a1", activesync.Contact{}, activesync.Contact{}))
		s.write("Bo")
		s.pass(2 * time.Second)
		s.shows("New contact", "Bo")
	})
}
