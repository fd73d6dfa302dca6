package server

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// Personality is what servers are known to do otherwise than Exchange does.
// The zero value does nothing of it.
type Personality struct {
	Name string

	// SteadyKeys: a Sync with commands pulls nothing, and answers the key it was
	// asked with.
	SteadyKeys bool
	// Forgetful: a request that comes again is carried out again.
	Forgetful bool
	// SendsAgain: a ClientId that was seen before is no reason not to send.
	SendsAgain bool
	// NoSentCopy: nothing is kept in Sent.
	NoSentCopy bool
	// BareIDs: the ids of items are numbers, unique in their folder only.
	BareIDs bool
	// RenamesFolders and RenamesItems: what starts at key 0 finds other ids.
	RenamesFolders, RenamesItems bool
	// UnnamedMoves: MoveItems does not say what an item is called now.
	UnnamedMoves bool
	// TrustsIDs: changes and deletions of items that do not exist succeed.
	TrustsIDs bool
	// InventsItems: of a message that does not exist a Fetch gives an empty one, and of
	// its files empty ones.
	InventsItems bool
	// Echoes: a device is told of its own changes.
	Echoes bool
	// WholeItems: a change of a mark brings the whole message.
	WholeItems bool
	// SpeaksOfNothing: a Sync that finds no change answers with a document.
	SpeaksOfNothing bool
	// Teases: MoreAvailable without items comes before each window.
	Teases bool
	// NoWait: a Sync that is to wait is answered at once.
	NoWait bool
	// RefusesMinutes: a Sync that waits by Wait is refused once one had a
	// HeartbeatInterval.
	RefusesMinutes bool
	// PoisonStops: a message with U+FFFE or U+FFFF in its subject stops its folder:
	// each Sync is empty, and each Ping ends after a tenth of a second.
	PoisonStops bool
	// PoisonBreaks: an answer that holds such a message breaks off. One that is asked
	// for three times alone is left out, as Z-Push's loop detection does.
	PoisonBreaks bool
	// SecondKeys: keys of contacts and events are seconds; what another device
	// adds in the second of a Sync is not told.
	SecondKeys bool
	// WipesContacts: a Change empties the fields of a contact that it does not
	// name, but for the note.
	WipesContacts bool
	// WipesEvents: up to 14.1 a Change of an event deletes what it does not name, but
	// for the text and the exceptions (MS-ASCMD 2.2.3.24).
	WipesEvents bool
	// FirstAddForgets: the key of a folder, not of mail, of which a device had nothing
	// is no longer known once the device has added the first item.
	FirstAddForgets bool
	// SilentFolders: of a folder that does not exist a Sync says nothing. Together with
	// RenamesFolders nothing would tell a device that it goes by old names.
	SilentFolders bool
	// Overwrites: what a device changes goes over what was changed here meanwhile,
	// whatever Conflict says.
	Overwrites bool
	// Strays: a device is told of changes of messages that it was never given,
	// because they lie outside its period.
	Strays bool
	// Muddles: a message whose subject begins with "muddled" is given as elements
	// that make no sense.
	Muddles bool
	// NoRanges: of a file, all is given whatever Range is asked for.
	NoRanges bool
	// LeavesCalendar: an invitation that arrives stands in the calendar only once it
	// is answered.
	LeavesCalendar bool
	// RenewsDrafts: a draft that is changed becomes another item.
	RenewsDrafts bool
	// MailsAnswers: an answer to an invitation is mailed to the organiser in every
	// version, and calendars are named after their kind.
	MailsAnswers bool
	// ForgetsEmpty: a Ping does not notice what comes into a folder, not of mail, of
	// which no Sync has brought anything, unless one had another FilterType than that
	// before it.
	ForgetsEmpty bool
	// EndsSync: a Sync that comes beside the beginning of a Ping gets status 13.
	EndsSync bool
	// DropsFiles: what is sent on by SmartForward goes without the files of the original.
	DropsFiles bool
	// BareMIME: the fields of a message's source are in lower case, and its lines
	// end with a bare LF.
	BareMIME bool
	// PolicyHTTP: 449 asks for the policies in every version; PolicyPage puts a
	// page into it.
	PolicyHTTP, PolicyPage bool
	// LateSettings: the policies have to be acknowledged before Settings too.
	LateSettings bool
	// PolicyDrops: every so many requests the device must acknowledge the policies
	// anew; 0 is never.
	PolicyDrops int
	// Portal: every so many requests something else answers 200 with a page.
	Portal int
}

// Personalities are those that have a name, Exchange first.
func Personalities() []Personality {
	return []Personality{
		{Name: "exchange"},
		{Name: "sogo", SteadyKeys: true, Forgetful: true, SendsAgain: true, BareIDs: true, TrustsIDs: true, InventsItems: true, WholeItems: true, NoWait: true,
			PoisonStops: true, SecondKeys: true, WipesContacts: true, FirstAddForgets: true, SilentFolders: true, Overwrites: true, LeavesCalendar: true, MailsAnswers: true, ForgetsEmpty: true,
			EndsSync: true, NoRanges: true, BareMIME: true},
		{Name: "zpush", LeavesCalendar: true, SendsAgain: true, WipesEvents: true, Muddles: true, WholeItems: true, PolicyHTTP: true, PolicyPage: true, LateSettings: true, PolicyDrops: 40, Teases: true},
		{Name: "grommunio", RenamesFolders: true, UnnamedMoves: true, Echoes: true, PolicyHTTP: true, LateSettings: true, PolicyDrops: 25},
		{Name: "horde", LeavesCalendar: true, Forgetful: true, SendsAgain: true, RenamesItems: true, SpeaksOfNothing: true, TrustsIDs: true, RefusesMinutes: true, RenewsDrafts: true, Strays: true},
		{Name: "worst", NoSentCopy: true, SteadyKeys: true, Forgetful: true, SendsAgain: true, BareIDs: true, RenamesFolders: true, UnnamedMoves: true, TrustsIDs: true, InventsItems: true,
			WholeItems: true, NoWait: true, PoisonStops: true, SecondKeys: true, WipesContacts: true, WipesEvents: true, FirstAddForgets: true, Overwrites: true, Strays: true, Muddles: true, LeavesCalendar: true,
			NoRanges: true, BareMIME: true, RenewsDrafts: true, DropsFiles: true, EndsSync: true, PolicyPage: true,
			PolicyHTTP: true, LateSettings: true, PolicyDrops: 15, Portal: 31},
	}
}

// personality is how this server behaves.
func (x *exchange) personality() *Personality { return &x.s.cfg.Personality }

// folderNamed is the folder that the device means, nil where there is none.
func (x *exchange) folderNamed(id activesync.ServerID) *folder {
	bare, turn, _ := strings.Cut(string(id), ".")
	f := x.m.folders[bare]
	if f == nil || f.gone || turn != x.turnOf() {
		return nil
	}
	return f
}

// folderName is what the device is to call a folder.
func (x *exchange) folderName(id string) activesync.ServerID {
	if turn := x.turnOf(); turn != "" && id != string(activesync.RootFolder) {
		id += "." + turn
	}
	return activesync.ServerID(id)
}

// turnOf is how often the device started its hierarchy, where that matters.
func (x *exchange) turnOf() string {
	if !x.personality().RenamesFolders || x.d.turns < 2 {
		return ""
	}
	return strconv.Itoa(x.d.turns)
}

// itemNamed is the item that the device means, nil where there is none.
func (x *exchange) itemNamed(f *folder, id activesync.ServerID) *item {
	if x.personality().BareIDs {
		id = activesync.ServerID(f.id) + ":" + id
	}
	if x.personality().RenamesItems {
		bare, turn, _ := strings.Cut(string(id), "~")
		if turn != strconv.Itoa(x.d.primed[f.id]) {
			return nil
		}
		id = activesync.ServerID(bare)
	}
	return f.item(id)
}

// itemName is what the device is to call an item.
func (x *exchange) itemName(f *folder, number int) activesync.ServerID {
	id := f.idOf(number)
	if x.personality().BareIDs {
		id = activesync.ServerID(strconv.Itoa(number))
	}
	if x.personality().RenamesItems {
		id += activesync.ServerID("~" + strconv.Itoa(x.d.primed[f.id]))
	}
	return id
}

// missing is the status for an item that does not exist.
func (x *exchange) missing() int {
	if x.personality().TrustsIDs {
		return 1
	}
	return 8
}

// invented is what a server tells of a message that it does not have.
func invented() *wire.Email {
	now := wire.Dashed(time.Now())
	read, class := wire.MakeSwitch(false), "IPM.Note"
	return &wire.Email{DateReceived: &now, Read: &read, MessageClass: &class}
}

// inventedType is the type of a file that does not exist.
const inventedType = "(null)/(null)"

// stuck reports whether a message has stopped a folder.
func (x *exchange) stuck(f *folder) bool {
	if !x.personality().PoisonStops {
		return false
	}
	for _, it := range f.items {
		if it != nil && it.poisonous() {
			return true
		}
	}
	return false
}

// poisonous reports whether a message has what some servers cannot write.
func (it *item) poisonous() bool {
	if it.source == nil || it.harmless {
		return false
	}
	head := it.source()
	if i := bytes.Index(head, []byte("\r\n\r\n")); i >= 0 {
		head = head[:i]
	}
	it.harmless = !bytes.Contains(head, []byte("\uFFFE")) && !bytes.Contains(head, []byte("\uFFFF"))
	return !it.harmless
}

// pingBegins is how long the beginning of a Ping ends what comes beside it.
const pingBegins = 50 * time.Millisecond

// ended reports whether a Sync is ended for the sake of a Ping.
func (x *exchange) ended() bool {
	return x.personality().EndsSync && time.Since(x.d.pinged) < pingBegins
}

// remembers notes whether the device's folder is compared with what was there
// before, which a Ping needs: where the request brought something, or the period
// changed to one that is taken for larger.
func (x *exchange) remembers(c *collection, brought bool, last *options) {
	now, before := c.options.filter, last.filter
	c.remembered = c.remembered || brought || now != 0 && before < now || now == 0 && before > 0
}

// forgets reports whether the key of a folder is not known from now on, because of
// the first item that the device has put into it.
func (x *exchange) forgets(f *folder, before state, in *wire.SyncCollection) bool {
	return x.personality().FirstAddForgets && f.kind.Class() != activesync.ClassEmail && len(in.Commands.Adds) > 0 && before.empty()
}

// overlooks reports whether a Ping notices nothing in a folder.
func (x *exchange) overlooks(f *folder) bool {
	c := x.d.collections[f.id]
	return x.personality().ForgetsEmpty && f.kind.Class() != activesync.ClassEmail && c != nil && !c.remembered
}

// stuckPing is how long a Ping of a folder that is stuck takes.
const stuckPing = 100 * time.Millisecond

// keyFor makes the next key of a folder.
func (x *exchange) keyFor(f *folder, c *collection) activesync.SyncKey {
	if !x.inSeconds(f) {
		return x.d.nextKey()
	}
	c.second = time.Now().Unix()
	last, _ := strconv.ParseInt(string(c.key), 10, 64) // 0 where it has none
	return activesync.SyncKey(strconv.FormatInt(max(c.second, last+1), 10))
}

func (x *exchange) inSeconds(f *folder) bool {
	return x.personality().SecondKeys && f.kind.Class() != activesync.ClassEmail
}

// overlooked reports whether the device is never told of an item.
func (x *exchange) overlooked(f *folder, c *collection, it *item) bool {
	return x.inSeconds(f) && it.came.Unix() == c.second
}

// policyDropped makes the device acknowledge the policies anew now and then.
func (x *exchange) policyDropped() {
	if n := x.personality().PolicyDrops; n > 0 && x.d.policyKey != 0 {
		if x.d.gated++; x.d.gated%n == 0 {
			x.d.outdated = true
		}
	}
}

// wantsPolicies refuses a request until the policies are acknowledged.
func (x *exchange) wantsPolicies(status int) *reply {
	if !x.personality().PolicyHTTP {
		return x.failure(status, 449)
	}
	if x.personality().PolicyPage {
		return &reply{status: 449, body: []byte("<html><title>Retry after sending a PROVISION command</title></html>"), ctype: "text/html"}
	}
	return plain(449)
}

// portal is the page of something in between, nil where nothing is.
func (s *Server) portal(number int) *Fault {
	if n := s.cfg.Personality.Portal; n > 0 && number%n == 0 {
		return &Fault{Status: http.StatusOK, Body: "<html><title>Welcome</title><body>Please accept our terms.</body></html>"}
	}
	return nil
}

// bare writes a source the way some servers do.
func bare(mime []byte) []byte {
	mime = bytes.ReplaceAll(mime, []byte("\r\n"), []byte("\n"))
	var out []byte
	for len(mime) > 0 {
		line, rest, _ := bytes.Cut(mime, []byte("\n"))
		if len(line) == 0 {
			return append(out, mime...)
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && line[0] != ' ' && line[0] != '\t' {
			out = append(append(append(out, bytes.ToLower(name)...), ':'), value...)
		} else {
			out = append(out, line...)
		}
		out, mime = append(out, '\n'), rest
	}
	return out
}

// breaks reports whether a message is left out of an answer; else, where it is one
// that cannot be written, the answer breaks off. alone says that nothing else is
// asked for.
func (x *exchange) breaks(c *collection, it *item, alone bool) (leave bool) {
	if !x.personality().PoisonBreaks || !it.poisonous() {
		return false
	}
	if alone {
		if c.blamed == nil {
			c.blamed = map[int]int{}
		}
		if c.blamed[it.number]++; c.blamed[it.number] > blamedOften {
			return true
		}
	}
	x.broken = true
	return false
}

// blamedOften is how often a message breaks an answer before it is left out.
const blamedOften = 3
