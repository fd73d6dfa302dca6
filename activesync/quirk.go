package activesync

import (
	"maps"
	"slices"
	"strings"
)

// Quirk is something that was learned of a server by what it does or says, and
// that holds for one account. No server is known by its name.
type Quirk string

// What is learned.
const (
	QuirkKnowsSent      Quirk = "recognises-sent"
	QuirkKeepsSent      Quirk = "keeps-sent"
	QuirkLastSent       Quirk = "last-sent" // of an own bookkeeping: what to look for in Sent
	QuirkSteadyKeys     Quirk = "steady-keys"
	QuirkUnnamedMoves   Quirk = "unnamed-moves"
	QuirkRenamesFolders Quirk = "renames-folders"
	QuirkEmptyWakes     Quirk = "empty-wakes"
	QuirkPages          Quirk = "pages"
	QuirkNoOptions      Quirk = "no-options"
	QuirkNoPolicies     Quirk = "no-policies"
	QuirkPoliciesAgain  Quirk = "policies-again"
	QuirkCutsWaits      Quirk = "cuts-waits"
	QuirkNoWaits        Quirk = "no-waits"
	QuirkBreaksSource   Quirk = "refuses-source"
	QuirkDropsFiles     Quirk = "drops-files" // known to be "no" too
	QuirkSilent         Quirk = "silent-answers"
	QuirkMailsAnswers   Quirk = "mails-answers"
	QuirkForgetsEmpty   Quirk = "forgets-empty"
	QuirkEndsSync       Quirk = "ends-sync"
)

// quirkWords are what a person is told: what the server does, and what is done
// about it.
func quirkWords() map[Quirk][2]string {
	return map[Quirk][2]string{
		QuirkKnowsSent:      {"recognises a message that is sent a second time", "after a lost answer it is simply offered again"},
		QuirkKeepsSent:      {"keeps a copy of what is sent", "after a lost answer the copy is looked for before anything is sent again"},
		QuirkSteadyKeys:     {"answers changes with the key it was asked with", "what it has is pulled before changes are sent again"},
		QuirkUnnamedMoves:   {"does not say what a moved message is called", "it is found again by date, sender and subject"},
		QuirkRenamesFolders: {"gives folders other ids when the list starts anew", "they are found again by type, parent and name"},
		QuirkEmptyWakes:     {"announces news and has none", "a folder that does so is left out of the wait for a while"},
		QuirkPages:          {"something on the way answers with a web page", "such an answer counts as none"},
		QuirkNoOptions:      {"does not say which versions it speaks", "the one that worked is kept"},
		QuirkNoPolicies:     {"has no policies", "none are asked for"},
		QuirkPoliciesAgain:  {"asks for its policies again in the middle of work", "they are acknowledged and the work goes on"},
		QuirkCutsWaits:      {"a long wait is cut on the way", "waits are kept shorter than that"},
		QuirkNoWaits:        {"ends each wait for news at once", "it is asked every 15 minutes at least"},
		QuirkBreaksSource:   {"does not take a reply together with what it answers", "the reply is sent on its own"},
		QuirkDropsFiles:     {"leaves out the attachments of a message that it sends on", "they are fetched and sent with it"},
		QuirkSilent:         {"gives no answer to changes", "they are tried some times, then left to the person"},
		QuirkMailsAnswers:   {"writes to the organiser itself when an invitation is answered", "no answer is sent beside that"},
		QuirkForgetsEmpty:   {"does not watch a calendar or address book that was empty from the start", "it is asked for in a way that has it watched"},
		QuirkEndsSync:       {"ends a look at a mailbox when another request comes beside it", "that look is repeated, and a wait for news begins when no look goes on"},
	}
}

// QuirksByFolder are those that show in what a server calls its folders. One
// that names calendars after their kind, as in vevent%2Fpersonal, keeps them as
// a DAV server does: it schedules by itself in every version, and has nothing to
// compare a collection with that has never held anything.
func QuirksByFolder(folders []Folder) []Quirk {
	for _, f := range folders {
		if id := strings.ToLower(string(f.ServerID)); f.Class == ClassCalendar && (strings.HasPrefix(id, "vevent%2f") || strings.HasPrefix(id, "vevent/")) {
			return []Quirk{QuirkMailsAnswers, QuirkForgetsEmpty}
		}
	}
	return nil
}

// Words are what the server does and what is done about it, "" for what is no
// concern of the person.
func (q Quirk) Words() (does, about string) {
	w := quirkWords()[q]
	return w[0], w[1]
}

// Quirk is what was learned of the server, "" for nothing.
func (s AccountState) Quirk(q Quirk) string { return s.Quirks[string(q)] }

// Learned are the quirks of which a person can be told, in order.
func (s AccountState) Learned() []Quirk {
	var out []Quirk
	for _, name := range slices.Sorted(maps.Keys(s.Quirks)) {
		if q := Quirk(name); quirkWords()[q][0] != "" && !strings.EqualFold(s.Quirks[name], "no") {
			out = append(out, q)
		}
	}
	return out
}
