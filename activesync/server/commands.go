package server

import (
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// commands carries out what the device asks for. status is that of the whole
// collection, 0 when all is well.
func (x *exchange) commands(f *folder, c *collection, in *wire.SyncCollection, node *wbxml.Node) (*responsesAnswer, int) {
	out := &responsesAnswer{}
	cmds := in.Commands
	if cmds == nil {
		return out, 0
	}
	if n := len(cmds.Adds) + len(cmds.Changes) + len(cmds.Deletes) + len(cmds.Fetches); n == 0 || n > maxCommands {
		return out, 4
	}
	if x.Version < activesync.V160 && namesInstance(cmds) {
		return out, 4
	}
	seen := map[activesync.ServerID]bool{}
	for _, id := range named(cmds) {
		if seen[id] {
			return out, 16 // two commands for one item
		}
		seen[id] = true
	}
	for _, ch := range cmds.Changes {
		// What was done is named only where files were attached (MS-ASCMD 2.2.3.154).
		if data, status := x.change(f, c, ch); status != 1 || data != nil {
			out.Changes = append(out.Changes, wire.SyncChangeResult{ServerID: ch.ServerID, InstanceID: ch.InstanceID, Status: status, ApplicationData: data})
		}
	}
	forGood := in.DeletesAsMoves != nil && !*in.DeletesAsMoves
	for _, del := range cmds.Deletes {
		if status := x.delete(f, c, del, forGood); status != 1 {
			out.Deletes = append(out.Deletes, wire.SyncChangeResult{ServerID: del.ServerID, InstanceID: del.InstanceID, Status: status})
		}
	}
	for _, add := range cmds.Adds {
		out.Adds = append(out.Adds, x.add(f, c, add))
	}
	for _, fetch := range cmds.Fetches {
		a := fetchAnswer{ServerID: fetch.ServerID, Status: 8}
		if it := x.itemNamed(f, fetch.ServerID); it != nil {
			a.Status, a.Data = 1, x.dataOf(f, it, c.options)
		} else if x.personality().InventsItems && f.kind.Class() == activesync.ClassEmail {
			a.Status, a.Data = 1, invented()
		}
		out.Fetches = append(out.Fetches, a)
	}
	return out, 0
}

// namesInstance reports whether a command is about one occurrence of a series.
func namesInstance(cmds *wire.SyncCommands) bool {
	return slices.ContainsFunc(cmds.Changes, func(c wire.SyncChange) bool { return c.InstanceID != "" }) ||
		slices.ContainsFunc(cmds.Deletes, func(d wire.SyncDelete) bool { return d.InstanceID != "" })
}

func named(cmds *wire.SyncCommands) []activesync.ServerID {
	var out []activesync.ServerID
	for _, c := range cmds.Changes {
		out = append(out, c.ServerID)
	}
	for _, c := range cmds.Deletes {
		out = append(out, c.ServerID)
	}
	return out
}

// delete removes an item, to Deleted Items unless it goes for good, or one
// occurrence of a series.
func (x *exchange) delete(f *folder, c *collection, del wire.SyncDelete, forGood bool) (status int) {
	it := x.itemNamed(f, del.ServerID)
	if it == nil {
		return x.missing()
	}
	if del.InstanceID != "" {
		return x.changeOccurrence(c, it, del.InstanceID, nil)
	}
	if bin := x.m.kind(activesync.FolderDeleted); !forGood && f != bin && it.source != nil {
		x.m.move(f, bin, it)
	} else {
		x.m.remove(f, it)
		x.invite(it.event, nil, time.Time{})
	}
	c.state.set(it.number, false)
	return 1
}

// change carries out one Change; of a message that is no draft only marks can be
// changed (MS-ASEMAIL 2.2.2). data is what the answer says besides.
func (x *exchange) change(f *folder, c *collection, ch wire.SyncChange) (data *wbxml.Raw, status int) {
	it := x.itemNamed(f, ch.ServerID)
	switch {
	case it == nil:
		return nil, x.missing()
	case it.source == nil:
		return nil, x.changeItem(f, c, it, ch)
	case x.takesDrafts(f) && !onlyMarks(ch):
		return x.changeDraft(f, c, it, ch)
	}
	return nil, x.changeMarks(c, it, ch)
}

// onlyMarks reports whether a Change of a message is one of its marks alone.
func onlyMarks(ch wire.SyncChange) bool {
	p, err := wire.DecodeEmail(ch.ApplicationData)
	return err == nil && p.Fields&^(activesync.HasRead|activesync.HasFlag|activesync.HasCategories) == 0 && !ch.Send
}

// changeItem is change for what is no message.
func (x *exchange) changeItem(f *folder, c *collection, it *item, ch wire.SyncChange) (status int) {
	if c.state.stale(it) && !c.options.deviceWins && !x.personality().Overwrites {
		return 7 // it changed here too, and what is here stays
	}
	switch {
	case it.contact != nil:
		if status := x.changeContact(it, ch); status != 1 {
			return status
		}
	case it.event != nil:
		p, err := wire.DecodeEvent(ch.ApplicationData)
		if err != nil {
			return 6
		}
		if !x.takesEvent(ch.ApplicationData) {
			return 6
		}
		if ch.InstanceID != "" {
			return x.changeOccurrence(c, it, ch.InstanceID, &ch.ApplicationData)
		}
		changed := *it.event
		if x.personality().WipesEvents && x.Version < activesync.V160 {
			changed = activesync.Event{UID: changed.UID, DTStamp: changed.DTStamp, Body: changed.Body, Exceptions: changed.Exceptions,
				Organizer: changed.Organizer, ResponseType: changed.ResponseType}
		}
		p.Apply(&changed)
		if x.Version >= activesync.V160 {
			changed.Attendees = activesync.KeepAnswers(changed.Attendees, it.event.Attendees)
		}
		if !x.takesExceptions(it.event, &changed, ch.ApplicationData) {
			return 6
		}
		x.invite(it.event, &changed, time.Time{})
		it.event, it.date = &changed, changed.Start
	case it.task != nil:
		if !x.changeTask(f, it, ch.ApplicationData) {
			return 6
		}
	case it.note != nil:
		n, ok := readNote(ch.ApplicationData)
		if !ok {
			return 6
		}
		it.note, it.date = n, n.Modified
	}
	x.own(c, it)
	it.whole = it.changed
	return 1
}

func (x *exchange) changeMarks(c *collection, it *item, ch wire.SyncChange) (status int) {
	p, err := wire.DecodeEmail(ch.ApplicationData)
	if err != nil || !onlyMarks(ch) {
		return 6
	}
	if p.Fields&activesync.HasRead != 0 {
		it.read = p.Read
	}
	if p.Fields&activesync.HasFlag != 0 {
		it.flag = p.Flag
	}
	if p.Fields&activesync.HasCategories != 0 {
		it.cats = append([]string{}, p.Categories...)
	}
	x.own(c, it)
	return 1
}

// own notes a change that the device itself made: it is not told of it.
func (x *exchange) own(c *collection, it *item) {
	told := !c.state.stale(it)
	it.changed = x.m.touch()
	if told && !x.personality().Echoes {
		c.state.mine(it)
	}
}

// add makes an item; messages come only by being sent, but for drafts. An Add that the device
// repeats because its answer was lost is not carried out twice.
func (x *exchange) add(f *folder, c *collection, in wire.SyncAdd) wire.SyncAddResult {
	out := wire.SyncAddResult{ClientID: in.ClientID, Status: 6}
	if in.ClientID == "" || len(in.ClientID) > 64 {
		return out
	}
	if n := c.added[in.ClientID]; n > 0 && n <= len(f.items) && f.items[n-1] != nil {
		c.state.set(n, true)
		out.Status, out.ServerID = 1, x.itemName(f, n)
		return out
	}
	var it *item
	var letter *draft
	switch f.kind.Class() {
	case activesync.ClassEmail:
		if x.takesDrafts(f) {
			if it, letter, out.Status = x.newDraft(in); it == nil {
				return out
			}
		}
	case activesync.ClassContacts:
		if p, err := wire.DecodeContact(in.ApplicationData); err == nil && f.kind != activesync.FolderRecipientCache && x.takes(in.ApplicationData, p) {
			contact := activesync.Contact{}
			p.Apply(&contact)
			it = &item{contact: &contact}
		}
	case activesync.ClassCalendar:
		if p, err := wire.DecodeEvent(in.ApplicationData); err == nil && (p.End.IsZero() || !p.Start.IsZero()) && x.takesEvent(in.ApplicationData) {
			if again := f.madeBy(in.ApplicationData); again != nil {
				c.state.set(again.number, true)
				return wire.SyncAddResult{ClientID: in.ClientID, Status: 1, ServerID: x.itemName(f, again.number)}
			}
			event := activesync.Event{}
			p.Apply(&event)
			fillTimes(&event)
			x.sign(&event)
			it = &item{event: &event, date: event.Start, clientUID: clientUID(in.ApplicationData)}
		}
	case activesync.ClassTasks:
		if t, ok := readTask(in.ApplicationData); ok {
			it = &item{task: t, date: t.UTCDue}
		}
	case activesync.ClassNotes:
		if n, ok := readNote(in.ApplicationData); ok {
			it = &item{note: n, date: n.Modified}
		}
	}
	if it == nil {
		return out
	}
	x.m.put(f, it)
	x.invite(nil, it.event, time.Time{})
	c.state.set(it.number, true)
	if c.added == nil {
		c.added = map[string]int{}
	}
	c.added[in.ClientID] = it.number
	out.Status, out.ServerID = 1, x.itemName(f, it.number)
	if letter != nil {
		out.ApplicationData = letter.attached(string(f.itemID(it)))
	}
	return out
}

// fillTimes gives an event without times half an hour from the next half hour
// on (MS-ASCAL 2.2.2.42).
func fillTimes(e *activesync.Event) {
	const half = 30 * time.Minute
	if e.Start.IsZero() {
		e.Start = time.Now().UTC().Truncate(half).Add(half)
	}
	if e.End.IsZero() {
		e.End = e.Start.Add(half)
	}
}
