package server

import (
	"fmt"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// maxPreview is how many characters of a text Find gives.
const maxPreview = 255

// maxFindRange is the last index that a Range of Find may name.
const maxFindRange = 999

type (
	findAnswer  = wire.FindResponse[foundResult]
	foundAnswer = wire.Found[foundResult]
)

type foundResult struct {
	Class        activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	ServerID     activesync.ServerID `wbxml:"AirSync:ServerId,omitempty"`
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	Properties   any                 `wbxml:"Find:Properties"`
}

// find looks through the mailbox or the address list from 16.1 on (MS-ASCMD
// 2.2.1.2).
func (x *exchange) find() *reply {
	id := string(textOf(x.root.Child(wbxml.MustTag("Find:SearchId"))))
	run := x.root.Child(wbxml.MustTag("Find:ExecuteSearch"))
	if id == "" || len(run.Children) != 1 {
		return x.say(2)
	}
	what := run.Children[0]
	from, to := 0, maxResults-1
	if r := what.Child(wbxml.MustTag("Find:Options")).Child(wbxml.MustTag("Find:Range")); r != nil {
		var ok bool
		if from, to, ok = parseRange(string(r.Text)); !ok || to > maxFindRange {
			return x.say(2)
		}
	}
	if id != x.d.findID && from != 0 {
		return document(&findAnswer{Status: 1, Response: &foundAnswer{Status: 4}}) // said of the results (MS-ASCMD 2.2.3.177.2)
	}
	x.d.findID = id
	if x.d.hierarchy == nil || x.hierarchyMoved() {
		return x.say(3)
	}
	if what.Tag == wbxml.MustTag("Find:GalSearchCriterion") {
		return x.findPeople(what, from, to)
	}
	return x.findMail(what, from, to)
}

func (x *exchange) findPeople(what *wbxml.Node, from, to int) *reply {
	words := strings.TrimSpace(string(textOf(what.Child(wbxml.MustTag("Find:Query")))))
	if words == "" || len(words) > 256 {
		return x.say(2)
	}
	var photos *photographs
	if p := what.Child(wbxml.MustTag("Find:Options")).Child(wbxml.MustTag("Find:Picture")); p != nil {
		size, _ := numberOf(p.Child(wbxml.MustTag("Find:MaxSize")))
		n, _ := numberOf(p.Child(wbxml.MustTag("Find:MaxPictures")))
		photos = newPhotographs(size, n)
	}
	all := x.s.found(words)
	out := &foundAnswer{Store: "GAL", Status: 1, Total: wire.MakeNumber(len(all))}
	for i := from; i <= to && i < len(all); i++ {
		out.Results = append(out.Results, foundResult{Properties: galOf(all[i], photos)})
	}
	return document(&findAnswer{Status: 1, Response: ranged(out, from)})
}

// ranged says which part of the results an answer holds.
func ranged(a *foundAnswer, from int) *foundAnswer {
	if n := len(a.Results); n > 0 {
		a.Range = fmt.Sprintf("%d-%d", from, from+n-1)
	}
	return a
}

func (x *exchange) findMail(what *wbxml.Node, from, to int) *reply {
	query := what.Child(wbxml.MustTag("Find:Query"))
	q := mailQuery{class: activesync.ClassEmail}
	text := strings.ToLower(string(textOf(query.Child(wbxml.MustTag("Find:FreeText")))))
	if !goodKQL(text) {
		return x.say(2)
	}
	for _, w := range strings.Fields(strings.ReplaceAll(text, `"`, " ")) {
		day, dated := strings.CutPrefix(w, wire.FindReceived)
		t, err := time.Parse(time.DateOnly, day)
		switch {
		case !dated:
			q.words = append(q.words, w)
		case err != nil:
			return x.say(2)
		default:
			q.after = t.Add(-time.Millisecond) // the day itself is meant too
		}
	}
	if c := query.Child(wbxml.MustTag("AirSync:Class")); len(q.words) == 0 || c != nil && activesync.Class(c.Text) != q.class {
		return x.say(2)
	}
	if n := query.Child(wbxml.MustTag("AirSync:CollectionId")); n != nil {
		f := x.folderNamed(activesync.ServerID(n.Text))
		if f == nil {
			return x.say(2)
		}
		q.folders = []*folder{f}
	}
	q.deep = what.Child(wbxml.MustTag("Find:Options")).Child(wbxml.MustTag("Find:DeepTraversal")) != nil
	hits := x.hits(q)
	out := &foundAnswer{Store: "Mailbox", Status: 1, Total: wire.MakeNumber(len(hits))}
	for i := from; i <= to && i < len(hits); i++ {
		h := hits[i]
		m, _ := x.message(h.folder, h.item, &options{bodies: []wire.BodyPreference{{Type: uint8(activesync.BodyPlain), Preview: maxPreview}}})
		out.Results = append(out.Results, foundResult{Class: q.class, ServerID: x.itemName(h.folder, h.item.number),
			CollectionID: x.folderName(h.folder.id), Properties: wire.EncodeFound(m)})
	}
	return document(&findAnswer{Status: 1, Response: ranged(out, from)})
}

// goodKQL reports whether quotes are closed, and parentheses outside of them.
func goodKQL(text string) bool {
	parts, open := strings.Split(text, `"`), 0
	for i := 0; i < len(parts); i += 2 {
		open += strings.Count(parts[i], "(") - strings.Count(parts[i], ")")
	}
	return len(parts)%2 == 1 && open == 0
}
