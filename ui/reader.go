package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message/unwrap"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/style"
)

// A text wider than this is hard to read.
const widestText = 100

// settleTime is how long the cursor has to rest on a message before its text
// is fetched over the network, and quickTime how long between two keys makes
// the reading pane wait for the end of the run.
const (
	settleTime = 300 * time.Millisecond
	quickTime  = 60 * time.Millisecond
)

// reader is the pane that shows one message.
type reader struct {
	id      activesync.ItemID // what it shows, or is about to show
	msg     activesync.Message
	have    bool // msg is that of id
	links   []link
	page    page
	rect    rect
	thread  []activesync.Header // the conversation it is of, oldest first
	shots   []shotAt            // pictures drawn by the pixel
	strips  map[strip]string
	entries []entryAt // the lines of the others
	spots   []spotAt  // what can be clicked of the message
	rev     uint64    // of the row of the conversation
	fresh   bool      // the page was not drawn yet
	talking lane      // of the conversation
	lane    lane
	// Lanes of their own, as the last wish in one takes the place of those that
	// wait: of the text, of the source, of an attached message, of pictures.
	fetch, sourcing, entering, drawing lane
	loading                            bool
	failed                             string // why the text could not be fetched
	view                               view   // what is shown of it
	source                             []byte // the message as the server has it, once asked for
	last                               time.Time
	set                                *setting // the text of msg, set for the width of the pane
	open                               []int    // how many messages of each chain are shown
	folds                              []foldedAt
	find                               string // what is searched for, "" when nothing is
	hits                               []int  // the lines of the matches
	hit                                int    // the match that was gone to last
	jump                               bool   // go to a match once the text is drawn
	parcel                             *parcel
	// checking says that the message is being fetched to be verified or opened.
	checking bool
	invited  *invited // what the calendar says of the invitation shown
	outer    []outer  // the messages that the one shown is attached to
	album    album    // the pictures of msg that are here
	edition  int      // counts what msg and parcel became, for drawings that come late
	// then is what is to be done once msg is here, "" for nothing.
	then action.ID
}

// link is one that the message shown has, by its number from 1.
type link struct{ text, url string }

func (r *reader) init() { _ = r }

func (r *reader) clear() {
	r.fetch.drop()
	*r = reader{page: r.page, rect: r.rect, lane: r.lane, fetch: r.fetch, sourcing: r.sourcing, entering: r.entering, drawing: r.drawing, talking: r.talking, last: r.last}
	r.lane.gen++
	r.fresh = true
	r.page.set(nil)
	r.page.top = 0
}

// drawn takes a message as it was drawn.
func (r *reader) drawn(text rendered) {
	r.links, r.set, r.open, r.folds, r.hits = text.links, text.set, text.open, text.folds, text.hits
	r.entries, r.spots, r.shots, r.strips = text.entries, text.spots, text.shots, nil
	r.page.set(text.lines)
	if r.fresh {
		// What stands above the message must not push it off the screen.
		r.fresh = false
		if text.head > r.page.height/4 {
			r.page.scroll(text.head - 2)
		}
	}
}

func (r *reader) resize(a *App, to rect) tea.Cmd {
	if to.w == 0 {
		return nil
	}
	same := to.w == r.rect.w
	r.rect = to
	r.page.resize(to.w, to.h)
	switch {
	case !same && r.have:
		return r.render(a)
	case !r.have:
		return a.mail.list.follow(a)
	}
	return nil
}

// show puts a message into the pane. In a run of keys it waits for the end of
// the run.
func (r *reader) show(a *App, id activesync.ItemID) tea.Cmd {
	if id == r.id && (r.have || r.lane.busy) {
		return nil
	}
	r.clear()
	r.id = id
	gen := r.lane.gen
	hurry := a.now.Sub(r.last) < quickTime
	r.last = a.now
	if !hurry {
		return r.load(a, gen)
	}
	return a.after(quickTime, func(a *App) tea.Cmd {
		if a.mail.reader.lane.gen != gen {
			return nil
		}
		return a.mail.reader.load(a, gen)
	})
}

func (r *reader) load(a *App, gen uint64) tea.Cmd {
	b, id, look := a.backend, r.id, r.look(a)
	conversation, talks := b.(conversant)
	talks = talks && a.talks(a.mail.list.folder)
	return a.read(&r.lane, quick, func(ctx context.Context) answer {
		m, err := b.Message(ctx, id)
		if talks && err == nil && look.thread == nil {
			look.thread, err = conversation.Thread(ctx, id)
		}
		text := renderMessage(look, m)
		return func(a *App) tea.Cmd {
			if gen == a.mail.reader.lane.gen && a.mail.reader.thread == nil {
				a.mail.reader.thread = look.thread
			}
			return a.mail.reader.loaded(a, gen, m, text, err)
		}
	})
}

func (r *reader) loaded(a *App, gen uint64, m activesync.Message, text rendered, err error) tea.Cmd {
	if gen != r.lane.gen {
		return nil
	}
	if err != nil {
		r.failed = explain(err)
		return nil
	}
	r.msg, r.have = m, true
	r.drawn(text)
	then := r.goOn(a)
	if apart, _ := unwrap.Needed(m); m.Body.Whole() && !apart && len(text.embedded()) == 0 {
		return tea.Batch(r.askCalendar(a), then)
	}
	return tea.Batch(r.askCalendar(a), then, a.after(settleTime, func(a *App) tea.Cmd {
		if a.mail.reader.lane.gen != gen {
			return nil
		}
		r := &a.mail.reader
		if cmd, ok := r.takeApart(a); ok {
			return cmd
		}
		if r.msg.Body.Whole() {
			return r.fetchPictures(a)
		}
		return r.fetchBody(a)
	}))
}

// goOn does what was to be done with the message, unless the person went on to
// something else meanwhile.
func (r *reader) goOn(a *App) tea.Cmd {
	then := r.then
	r.then = ""
	if then == "" || a.screen != mailScreen || a.write != nil || a.setup != nil || a.top() != nil || a.mail.focus == onBoxes {
		return nil
	}
	return a.perform(then)
}

// fetchBody gets the whole text from the server.
func (r *reader) fetchBody(a *App) tea.Cmd {
	if !r.have || r.msg.Body.Whole() || r.loading {
		return nil
	}
	r.loading, r.failed = true, ""
	b, id, gen, look := a.backend, r.id, r.lane.gen, r.look(a)
	look.set, look.open = nil, nil
	return a.read(&r.fetch, network, func(ctx context.Context) answer {
		m, err := b.FetchBody(ctx, id)
		text := renderMessage(look, m)
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			if gen != r.lane.gen {
				return nil
			}
			r.loading = false
			if err != nil {
				r.failed = explain(err)
				return r.render(a)
			}
			r.msg = m
			r.edition++
			r.drawn(text)
			apart, _ := r.takeApart(a)
			return tea.Batch(r.found(a), apart, r.fetchPictures(a))
		}
	})
}

// render draws the message again, for another width or theme.
func (r *reader) render(a *App) tea.Cmd {
	if !r.have {
		return nil
	}
	m, gen, edition, look := r.msg, r.lane.gen, r.edition, r.look(a)
	return a.read(&r.lane, quick, func(context.Context) answer {
		text := renderMessage(look, m)
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			switch {
			case gen != r.lane.gen:
				return nil
			case edition != r.edition:
				return r.render(a) // what was drawn is no longer what is shown
			}
			r.drawn(text)
			return r.found(a)
		}
	})
}

// look is all that drawing a message depends on.
func (r *reader) look(a *App) look {
	l := look{theme: a.theme, width: r.rect.w, loc: a.loc, now: a.now, view: r.view, failed: r.failed, source: r.source,
		set: r.set, open: r.open, find: r.find, unfold: a.keys.Key(action.Unfold),
		parcel: r.parcel, checking: r.checking, invited: r.invited, keys: a.answerKeys(), toCalendar: r.calendarEntry(), entryKey: a.keys.Key(action.Entry), album: r.album, graphics: a.graphics}
	if !r.within() {
		l.thread, l.shown = r.thread, r.id
	}
	if a.deps.MailKeys != nil {
		l.giveKey = a.keys.Key(action.GiveKey)
	}
	if a.deps.Fetch != nil && draws(a.theme) {
		l.pictures = a.keys.Key(action.Pictures)
	}
	for _, c := range a.accounts {
		l.self = append(l.self, c.Email)
	}
	return l
}

// refresh brings the flag of the message up to date with its row.
func (r *reader) refresh(a *App, rows []row) tea.Cmd {
	for _, h := range rows {
		if r.have && !r.within() && h.ID == r.id && h.Flag != r.msg.Flag && len(h.talk.Items) < 2 {
			r.msg.Flag = h.Flag
			return r.render(a)
		}
	}
	return r.reThread(a, rows)
}

func (r *reader) title(a *App) string {
	if !r.have {
		return ""
	}
	s := clean(r.msg.Subject)
	if s == "" {
		s = noSubject
	}
	if below := r.page.below(); below != "" {
		s += "  " + below
	}
	return s
}

// lines are the pane as it is drawn.
func (r *reader) lines(a *App) []string {
	if r.have {
		return r.page.lines(a)
	}
	text := ""
	switch {
	case r.failed != "":
		text = a.theme.Warning + " " + r.failed
	case r.id != 0:
		text = ""
	case a.mail.list.known:
		text = "No message is selected."
	}
	var out []string
	if text != "" {
		s := newSheet(a.theme, r.rect.w)
		s.blank()
		s.words(style.Dim, text)
		out = s.out
	}
	return a.fill(out, r.rect.w, r.rect.h)
}
