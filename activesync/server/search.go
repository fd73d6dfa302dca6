package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// How many results one answer holds at most (MS-ASCMD 2.2.3.143.2).
const (
	maxResults   = 100
	maxDocuments = 1000
)

// The answers are those of wire, with results of whatever store.
type (
	searchAnswer = wire.SearchResponse[resultAnswer]
	storeAnswer  = wire.Searched[resultAnswer]
)

type resultAnswer struct {
	Class        activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	LongID       string              `wbxml:"Search:LongId,omitempty"`
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	Properties   any                 `wbxml:"Search:Properties"`
}

// search looks through the mailbox, the address list or the document library
// (MS-ASCMD 2.2.1.16).
func (x *exchange) search() *reply {
	store := x.root.Child(wbxml.MustTag("Search:Store"))
	out := &storeAnswer{Status: 2}
	switch name := string(textOf(store.Child(wbxml.MustTag("Search:Name")))); {
	case strings.EqualFold(name, "GAL"):
		out = x.searchPeople(store)
	case strings.EqualFold(name, "Mailbox"):
		out = x.searchMailbox(store)
	case strings.EqualFold(name, "DocumentLibrary"):
		out = x.searchLibrary(store)
	}
	return document(&searchAnswer{Status: 1, Store: out})
}

// page is the part of n results that a Range asks for; status is that of the
// store, 1 when all is well.
func page(store *wbxml.Node, n, most int) (from, to int, says string, status int) {
	from, to = 0, most-1
	if r := store.Child(wbxml.MustTag("Search:Options")).Child(wbxml.MustTag("Search:Range")); r != nil {
		var ok bool
		if from, to, ok = parseRange(string(r.Text)); !ok {
			return 0, 0, "", 2
		}
	}
	switch {
	case to-from >= most:
		return 0, 0, "", 12
	case n == 0:
		return 0, 0, "", 1
	case from >= n:
		return 0, 0, "", 12
	}
	to = min(to, n-1)
	return from, to + 1, fmt.Sprintf("%d-%d", from, to), 1
}

func (x *exchange) searchPeople(store *wbxml.Node) *storeAnswer {
	words := strings.TrimSpace(string(textOf(store.Child(wbxml.MustTag("Search:Query")))))
	if words == "" || len(words) > 256 {
		return &storeAnswer{Status: 2}
	}
	all := x.s.found(words)
	from, to, says, status := page(store, len(all), maxResults)
	out := &storeAnswer{Status: status, Range: says}
	if status != 1 {
		return out
	}
	var photos *photographs
	if p := store.Child(wbxml.MustTag("Search:Options")).Child(wbxml.MustTag("Search:Picture")); p != nil {
		size, _ := numberOf(p.Child(wbxml.MustTag("Search:MaxSize")))
		n, _ := numberOf(p.Child(wbxml.MustTag("Search:MaxPictures")))
		photos = newPhotographs(size, n)
	}
	for _, e := range all[from:to] {
		out.Results = append(out.Results, resultAnswer{Properties: galOf(e, photos)})
	}
	if len(all) == 0 {
		out.Results = []resultAnswer{{}}
	}
	out.Total = wire.MakeNumber(len(all))
	return out
}

// galOf is what the address list has of a person.
func galOf(e Entry, photos *photographs) *wire.GALProperties {
	g := wire.EncodePerson(e.Person, false)
	if photos != nil {
		data, status := photos.of(e.Picture)
		g.Picture = &wire.GALPicture{Status: status, Data: data}
	}
	return g
}

// hit is an item that a search found.
type hit struct {
	folder *folder
	item   *item
}

// longID names an item whatever its folder.
func longID(f *folder, it *item) string { return "L" + f.id + "-" + strconv.Itoa(it.number) }

// byLongID finds the item of a longID.
func (x *exchange) byLongID(id string) (*folder, *item) {
	rest, ok := strings.CutPrefix(id, "L")
	folder, number, found := strings.Cut(rest, "-")
	n, err := strconv.Atoi(number)
	f := x.m.folders[folder]
	if !ok || !found || err != nil || f == nil || f.gone || n < 1 || n > len(f.items) || f.items[n-1] == nil {
		return nil, nil
	}
	return f, f.items[n-1]
}

func (x *exchange) searchMailbox(store *wbxml.Node) *storeAnswer {
	query := store.Child(wbxml.MustTag("Search:Query"))
	if len(query.Children) != 1 || query.Children[0].Tag != wbxml.MustTag("Search:And") {
		return &storeAnswer{Status: 8} // one And and nothing beside it
	}
	if x.d.hierarchy == nil || x.hierarchyMoved() {
		return &storeAnswer{Status: 11}
	}
	q, ok := x.newMailQuery(query.Children[0])
	if !ok {
		return &storeAnswer{Status: 2}
	}
	opts := store.Child(wbxml.MustTag("Search:Options"))
	o := &options{}
	for _, n := range descendants(opts, wbxml.MustTag("AirSyncBase:BodyPreference")) {
		o.bodies = append(o.bodies, preferenceOf(n))
	}
	o.mime, _ = numberOf(opts.Child(wbxml.MustTag("AirSync:MIMESupport")))
	if !goodPreferences(o.bodies) {
		return &storeAnswer{Status: 2}
	}
	q.deep = opts.Child(wbxml.MustTag("Search:DeepTraversal")) != nil
	hits := x.hits(q)
	from, to, says, status := page(store, len(hits), maxResults)
	out := &storeAnswer{Status: status, Range: says}
	if status != 1 {
		return out
	}
	for _, h := range hits[from:to] {
		out.Results = append(out.Results, resultAnswer{Class: h.folder.kind.Class(), LongID: longID(h.folder, h.item),
			CollectionID: x.folderName(h.folder.id), Properties: x.dataOf(h.folder, h.item, o)})
	}
	if len(hits) == 0 {
		out.Results = []resultAnswer{{}}
	}
	out.Total = wire.MakeNumber(len(hits))
	return out
}

func preferenceOf(n *wbxml.Node) wire.BodyPreference {
	kind, _ := numberOf(n.Child(wbxml.MustTag("AirSyncBase:Type")))
	p := wire.BodyPreference{Type: uint8(kind)}
	if size, ok := numberOf(n.Child(wbxml.MustTag("AirSyncBase:TruncationSize"))); ok {
		p.TruncationSize = &size
	}
	all, _ := numberOf(n.Child(wbxml.MustTag("AirSyncBase:AllOrNone")))
	p.AllOrNone = all == 1
	p.Preview, _ = numberOf(n.Child(wbxml.MustTag("AirSyncBase:Preview")))
	return p
}

// mailQuery is what is looked for in a mailbox.
type mailQuery struct {
	class        activesync.Class
	folders      []*folder
	deep         bool // in their subfolders too
	conversation string
	words        []string
	after        time.Time
	before       time.Time
}

func (x *exchange) newMailQuery(and *wbxml.Node) (q mailQuery, ok bool) {
	q.class = activesync.ClassEmail
	for _, n := range and.Children {
		switch n.Tag.String() {
		case "AirSync:Class":
			q.class = activesync.Class(n.Text)
		case "AirSync:CollectionId":
			f := x.folderNamed(activesync.ServerID(n.Text))
			if f == nil {
				return q, false
			}
			q.folders = append(q.folders, f)
		case "Search:ConversationId":
			q.conversation = string(n.Text)
		case "Search:FreeText":
			q.words = strings.Fields(strings.ToLower(string(n.Text)))
		case "Search:GreaterThan", "Search:LessThan":
			t, err := wire.ParseTime(string(textOf(n.Child(wbxml.MustTag("Search:Value")))))
			if err != nil || n.Child(wbxml.MustTag("Email:DateReceived")) == nil {
				return q, false
			}
			if n.Tag.Name() == "LessThan" {
				q.before = t
			} else {
				q.after = t
			}
		default:
			return q, false
		}
	}
	switch q.class {
	case activesync.ClassEmail, activesync.ClassCalendar, activesync.ClassContacts, activesync.ClassTasks, activesync.ClassNotes:
	default:
		return q, false
	}
	return q, len(q.words) > 0 || q.conversation != "" || !q.after.IsZero() || !q.before.IsZero()
}

// hits are the items that a query is for, newest first.
func (x *exchange) hits(q mailQuery) []hit {
	var out []hit
	for _, id := range x.m.order {
		f := x.m.folders[id]
		if f.gone || f.kind.Class() != q.class || len(q.folders) > 0 && !x.m.within(f, q.folders, q.deep) {
			continue
		}
		for _, it := range f.items {
			if it != nil && q.matches(it) {
				out = append(out, hit{f, it})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b hit) int { return b.item.date.Compare(a.item.date) })
	return out
}

// within reports whether a folder is one of those, or where deep is set below
// one of them.
func (m *Mailbox) within(f *folder, among []*folder, deep bool) bool {
	for f != nil {
		if slices.Contains(among, f) {
			return true
		}
		if !deep {
			return false
		}
		f = m.folders[f.parent]
	}
	return false
}

func (q *mailQuery) matches(it *item) bool {
	if !q.after.IsZero() && !it.date.After(q.after) || !q.before.IsZero() && !it.date.Before(q.before) {
		return false
	}
	var text string
	switch {
	case it.source != nil:
		p := message.ParseBytes(it.source())
		if q.conversation != "" && string(conversation(p)) != q.conversation {
			return false
		}
		var b strings.Builder
		for _, list := range [][]activesync.Address{p.From, p.To, p.Cc} {
			for _, a := range list {
				fmt.Fprintln(&b, a.Name, a.Address)
			}
		}
		for _, a := range p.Attachments {
			fmt.Fprintln(&b, a.Name)
		}
		text = p.Subject + "\n" + b.String() + p.PlainText()
	case it.contact != nil:
		var b strings.Builder
		for _, f := range it.contact.TextFields() {
			fmt.Fprintln(&b, *f.Value)
		}
		fmt.Fprintln(&b, it.contact.Email1, it.contact.Email2, it.contact.Email3, it.contact.Note)
		text = b.String()
	case it.event != nil:
		text = it.event.Subject + "\n" + it.event.Location + "\n" + string(it.event.Body.Data)
	case it.task != nil:
		text = it.task.Subject + "\n" + string(it.task.Body.Data)
	case it.note != nil:
		text = it.note.Subject + "\n" + string(it.note.Body.Data)
	}
	text = strings.ToLower(text)
	for _, w := range q.words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return q.conversation == "" || it.source != nil
}
