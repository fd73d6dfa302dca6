package engine

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/activesync/wire"
)

// widening marks a stored FilterType under which older mail is still coming
// in, with the first words of the text only.
const widening = 1 << 8

// stage is how the next request of a folder asks. A mailbox is filled in two
// stages: first a week with whole texts, then all of its period with the
// first words only; after that what is new comes with whole texts.
type stage struct {
	filter int  // FilterType of the request
	text   int  // bytes of text to ask for
	window int  // WindowSize
	stored int  // what the store remembers while the stage lasts
	after  int  // and when it has ended
	last   bool // the folder is in step when the stage ends
	news   bool // what arrives now is new to the person
	plain  bool // a policy forbids HTML
}

// nextStage chooses the stage of a folder whose period asks for FilterType target.
func nextStage(f activesync.Folder, st activesync.SyncState, target int) stage {
	whole := stage{filter: target, text: recentText, window: recentWindow, stored: target, after: target, last: true,
		news: !f.LastSync.IsZero()}
	if f.Class != activesync.ClassEmail {
		whole.window = otherWindow
		return whole
	}
	fill := stage{filter: target, text: olderText, window: olderWindow, stored: target | widening, after: target, last: true}
	recent := stage{filter: recentFilter, text: recentText, window: recentWindow, stored: recentFilter, after: fill.stored}
	wide := wider(target, recentFilter)
	switch {
	case !wide:
		return whole
	case st.Fresh(), st.Filter == recentFilter:
		return recent
	case st.Filter == fill.stored:
		return fill
	case st.Filter != target && wider(target, st.Filter&^widening):
		return fill
	}
	return whole
}

// stageOf is the next stage of a folder within what the policies allow.
func stageOf(f activesync.Folder, st activesync.SyncState, limits policy.Policy, account activesync.AccountState) stage {
	target := filterOf(f, limits)
	s := nextStage(f, st, target).whole(f, target, account.WholeTexts)
	s.plain = !limits.AllowHTML()
	if st.Fresh() && f.Class != activesync.ClassEmail && account.Quirk(activesync.QuirkForgetsEmpty) != "" {
		s.filter = otherFilter(s.filter)
	}
	return s
}

// otherFilter is a FilterType that a request for the first key, which brings
// nothing, states where filter is meant. Where the period changes, SOGo keeps what
// it has of a folder although there is nothing in it, and a Ping notices what
// comes; else it does not (processSyncGetChanges, processPing of SOGo 5.8).
func otherFilter(filter int) int {
	if filter == 0 {
		return 4 // two weeks, which calendars take
	}
	return 0
}

// whole asks for all mail of the period at once with whole texts, where the
// person wants them here.
func (s stage) whole(f activesync.Folder, target int, wanted bool) stage {
	if !wanted || f.Class != activesync.ClassEmail {
		return s
	}
	s.filter, s.text, s.window, s.stored, s.after, s.last = target, 0, wholeWindow, target, target, true
	return s
}

// wider reports whether FilterType a reaches further back than b; 0 is all.
func wider(a, b int) bool {
	if a == b || b == 0 {
		return false
	}
	return a == 0 || a > b
}

// pullRequest asks for the changes of one folder. Every option is stated in
// every request: the server remembers the last block and a shorter one would
// change it (MS-ASCMD 2.2.3.125.5).
func pullRequest(f activesync.Folder, key activesync.SyncKey, s stage, v activesync.Version) *wire.SyncRequest {
	c := collection(f, key, s, v)
	if key != activesync.KeyNone && key != "" {
		c.GetChanges = wire.Bool(true)
	}
	c.WindowSize = s.window
	return &wire.SyncRequest{Collections: []wire.SyncCollection{c}}
}

func collection(f activesync.Folder, key activesync.SyncKey, s stage, v activesync.Version) wire.SyncCollection {
	if key == "" {
		key = activesync.KeyNone
	}
	c := wire.SyncCollection{SyncKey: key, CollectionID: f.ServerID, DeletesAsMoves: wire.Bool(f.Type != activesync.FolderDeleted)}
	if v <= activesync.V121 {
		c.Class = f.Class
	}
	if f.Type == activesync.FolderRecipientCache {
		return c // takes no options
	}
	o := wire.SyncOptions{}
	switch f.Class {
	case activesync.ClassEmail:
		o.FilterType = wire.Int(s.filter)
		o.BodyPreferences = bodyPreference(v, s.text, s.plain)
		o.MIMESupport = wire.Int(0)
	case activesync.ClassCalendar:
		o.FilterType = wire.Int(s.filter)
		o.BodyPreferences = notePreference()
	default:
		if s.filter != 0 { // which servers take no notice of, see otherFilter
			o.FilterType = wire.Int(s.filter)
		}
		o.BodyPreferences = notePreference()
	}
	if v >= activesync.V140 {
		o.Class = f.Class
	}
	o.Conflict = wire.Int(1) // the server wins
	c.Options = []wire.SyncOptions{o}
	return c
}
