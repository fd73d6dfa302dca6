package engine_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// watcher stands between client and server and looks for what must hold of
// every request, whatever the server makes of it. It lives as long as the
// schedule, over all lives of the client.
type watcher struct {
	http.RoundTripper
	s *sim

	mu     sync.Mutex
	asked  map[activesync.ServerID]asked // by folder
	who    string                        // device and program
	flying int                           // requests under way that wait for no news
	landed time.Time                     // when the last of them was over
}

// asked is the last request that the server may have seen of a folder.
type asked struct {
	key      activesync.SyncKey
	body     []byte
	commands bool
	window   int
	filter   int
	answered bool // and the client saw what the server said
}

func newWatcher(s *sim, next http.RoundTripper) *watcher {
	return &watcher{RoundTripper: next, s: s, asked: map[activesync.ServerID]asked{}}
}

// busy reports whether a request is under way, or another may follow from what
// the last one said.
func (w *watcher) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flying > 0 || time.Since(w.landed) < 100*time.Microsecond
}

func (w *watcher) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	command := r.URL.Query().Get("Cmd")
	w.mu.Lock()
	w.look(r, command, body)
	if command != "Ping" {
		w.flying++
		defer func() {
			w.mu.Lock()
			w.flying--
			w.landed = time.Now()
			w.mu.Unlock()
		}()
	}
	w.mu.Unlock()
	res, err := w.RoundTripper.RoundTrip(r)
	if command == "SendMail" || command == "SmartReply" || command == "SmartForward" {
		w.s.tidySent()
	}
	if err != nil || command != "Sync" {
		w.answered(command, body, 0, nil)
		return res, err
	}
	data, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), errorReader{err}))
	if z, zerr := gzip.NewReader(bytes.NewReader(data)); zerr == nil && res.Header.Get("Content-Encoding") == "gzip" {
		if data, zerr = io.ReadAll(z); zerr != nil {
			err = zerr
		}
	}
	w.answered(command, body, res.StatusCode, &arrived{data, err == nil})
	return res, nil
}

type arrived struct {
	data  []byte
	whole bool
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) {
	if r.err == nil {
		return 0, io.EOF
	}
	return 0, r.err
}

// look checks a request. The caller holds mu.
func (w *watcher) look(r *http.Request, command string, body []byte) {
	who := r.URL.Query().Get("DeviceId") + " " + r.Header.Get("User-Agent")
	switch {
	case r.Method != http.MethodPost:
	case w.who == "":
		w.who = who
	case w.who != who:
		w.s.broken("the device was %q and is %q", w.who, who)
	}
	switch command {
	case "Sync":
		var req wire.SyncRequest
		if err := wbxml.Unmarshal(body, &req); err != nil {
			w.s.broken("a Sync that is none: %v", err)
			return
		}
		for i := range req.Collections {
			w.stated(&req.Collections[i])
			w.repeated(&req.Collections[i], body)
		}
	case "SendMail", "SmartReply", "SmartForward":
		w.sameClientID(command, body)
	case "Provision":
		var req wire.ProvisionRequest
		if err := wbxml.Unmarshal(body, &req); err != nil {
			w.s.broken("a Provision that is none: %v", err)
			return
		}
		first := req.Policies != nil && req.Policies.Policy.Key == ""
		if has := req.DeviceInformation != nil; has != (first && w.s.v >= activesync.V141) {
			w.s.broken("DeviceInformation in a Provision: %v", has)
		}
	}
}

// stated checks that a part of a Sync says all that a server would otherwise
// remember or choose.
func (w *watcher) stated(c *wire.SyncCollection) {
	bad := func(what string) { w.s.broken("the Sync of folder %s at %s: %s", c.CollectionID, c.SyncKey, what) }
	class := w.s.classOf(c.CollectionID)
	if class == activesync.ClassNone {
		return // a folder that is gone
	}
	switch {
	case c.DeletesAsMoves == nil:
		bad("no DeletesAsMoves")
	case c.WindowSize == 0:
		bad("no WindowSize")
	case len(c.Options) != 1:
		bad("no options")
	case len(c.Options[0].BodyPreferences) == 0:
		bad("no BodyPreference")
	case c.Options[0].Conflict == nil || *c.Options[0].Conflict != 1:
		bad("the server does not win")
	case class != activesync.ClassContacts && c.Options[0].FilterType == nil:
		bad("no FilterType")
	case class == activesync.ClassEmail && c.Options[0].MIMESupport == nil:
		bad("no MIMESupport")
	case w.s.v >= activesync.V140 && c.Options[0].Class == "":
		bad("options without a class")
	case c.SyncKey != activesync.KeyNone && c.GetChanges == nil:
		bad("no GetChanges")
	case c.Commands != nil && *c.GetChanges:
		bad("it pulls while it pushes")
	}
	if c.Commands == nil {
		return
	}
	seen := map[activesync.ServerID]bool{}
	one := func(id activesync.ServerID) {
		if seen[id] {
			bad("two commands for " + string(id))
		}
		seen[id] = true
	}
	for _, ch := range c.Commands.Changes {
		one(ch.ServerID)
	}
	for _, d := range c.Commands.Deletes {
		one(d.ServerID)
	}
}

// repeated checks what follows a request whose answer was lost: the same bytes
// where it only pulled; a pull where it had commands.
func (w *watcher) repeated(c *wire.SyncCollection, body []byte) {
	now := asked{key: c.SyncKey, body: body, commands: c.Commands != nil, window: c.WindowSize}
	if len(c.Options) > 0 && c.Options[0].FilterType != nil {
		now.filter = *c.Options[0].FilterType
	}
	was, ok := w.asked[c.CollectionID]
	w.asked[c.CollectionID] = now
	switch {
	case !ok || was.answered || was.key != now.key:
	case now.commands:
		w.s.broken("folder %s at %s: commands follow a request whose answer was lost", c.CollectionID, c.SyncKey)
	case was.commands, bytes.Equal(was.body, now.body):
	case now.window < was.window: // answers broke off
	case now.filter != was.filter && w.s.periodChanged.Load():
	default:
		w.s.broken("folder %s at %s: a request whose answer was lost was not repeated byte for byte", c.CollectionID, c.SyncKey)
	}
}

// answered notes whether the client saw what the server said of each folder.
func (w *watcher) answered(command string, body []byte, status int, a *arrived) {
	var req wire.SyncRequest
	if command != "Sync" || wbxml.Unmarshal(body, &req) != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range req.Collections {
		was := w.asked[c.CollectionID]
		was.answered = status >= 400 && status < 500 || status == http.StatusOK && a.settles(c.CollectionID, c.SyncKey)
		w.asked[c.CollectionID] = was
	}
}

// settles reports whether an answer says that a folder stays at its key.
func (a *arrived) settles(id activesync.ServerID, key activesync.SyncKey) bool {
	var res wire.SyncResponse
	switch {
	case !a.whole:
		return false
	case len(a.data) == 0:
		return true
	case wbxml.Unmarshal(a.data, &res) != nil:
		return false
	}
	c, ok := res.Collection(id)
	return !ok || c.Status != 1 || c.SyncKey == key
}

// sameClientID checks that a message has the ClientId of its record in all tries.
func (w *watcher) sameClientID(command string, body []byte) {
	client, mime := "", body
	if w.s.v >= activesync.V140 { // there is none before
		var err error
		if client, mime, err = composed(command, body); err != nil {
			w.s.broken("a %s that is none: %v", command, err)
			return
		}
	}
	id := message.MessageID(mime)
	w.s.tried(id, command)
	number, _, _ := strings.Cut(strings.TrimPrefix(id, "sent-"), "@")
	if want := "client-" + number; w.s.v >= activesync.V140 && client != want {
		w.s.broken("%s is sent as %q, and is %q in the journal", id, client, want)
	}
}

// composed is what is sent by a request from 14.0 on.
func composed(command string, body []byte) (client string, mime []byte, err error) {
	switch command {
	case "SmartReply":
		var req wire.SmartReplyRequest
		err = wbxml.Unmarshal(body, &req)
		return req.ClientID, req.MIME, err
	case "SmartForward":
		var req wire.SmartForwardRequest
		err = wbxml.Unmarshal(body, &req)
		return req.ClientID, req.MIME, err
	}
	var req wire.SendMailRequest
	err = wbxml.Unmarshal(body, &req)
	return req.ClientID, req.MIME, err
}

// broken notes what must not be. The schedule fails when it ends; what it does
// until then may be of other goroutines.
func (s *sim) broken(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write("BROKEN: "+format, args...)
	if s.wrong == "" {
		s.wrong = s.trace[len(s.trace)-1]
	}
}

// classOf is the class of a folder that the server has, by the id that the
// device knows.
func (s *sim) classOf(id activesync.ServerID) activesync.Class {
	path := s.box.Path(bareFolder(id))
	switch {
	case path == string(bareFolder(id)):
		return activesync.ClassNone
	case path == "Contacts":
		return activesync.ClassContacts
	case path == "Calendar":
		return activesync.ClassCalendar
	case slices.Contains([]string{"Tasks", "Notes"}, path):
		return activesync.ClassNone
	}
	return activesync.ClassEmail
}
