package server

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

const (
	wbxmlType = "application/vnd.ms-sync.wbxml"
	// maxRequest bounds a request, as IIS does.
	maxRequest = 64 << 20
)

// reply is an answer on its way.
type reply struct {
	status  int // HTTP
	body    []byte
	ctype   string
	headers map[string]string
}

func plain(status int) *reply { return &reply{status: status} }

// document answers with a struct as WBXML.
func document(v any) *reply {
	b, err := wbxml.Marshal(v)
	if err != nil {
		return &reply{status: http.StatusInternalServerError, body: []byte(err.Error()), ctype: "text/plain"}
	}
	return &reply{status: http.StatusOK, body: b, ctype: wbxmlType}
}

// exchange is one request while it is answered.
type exchange struct {
	*Request
	s    *Server
	m    *Mailbox
	d    *device
	http *http.Request
	root *wbxml.Node // of the body; nil where there is none
	// broken: the answer breaks off, see PoisonBreaks.
	broken bool
	mail   []func() // puts messages into other mailboxes
	next   func()   // makes ready what the device will ask for next; may be nil
}

// ServeHTTP answers OPTIONS and POST (MS-ASHTTP 2.2).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.discovers(w, r) {
		return
	}
	w.Header().Set("MS-Server-ActiveSync", "15.2")
	if !strings.EqualFold(strings.TrimSuffix(r.URL.Path, "/"), "/Microsoft-Server-ActiveSync") {
		http.NotFound(w, r)
		return
	}
	m, user, ok := s.signedIn(r)
	q := &Request{Time: time.Now(), Number: s.number(), User: user, Command: r.Method}
	if !ok {
		if !s.cfg.OnlyBearer {
			w.Header().Add("WWW-Authenticate", `Basic realm="ActiveSync"`)
		}
		if s.cfg.Bearer != nil {
			w.Header().Add("WWW-Authenticate", `Bearer realm="ActiveSync", error="invalid_token"`)
		}
		s.refuse(w, q, http.StatusUnauthorized)
		return
	}
	switch r.Method {
	case http.MethodOptions:
		s.options(w, r, q)
	case http.MethodPost:
		q.User = m.name
		s.post(w, r, m, q)
	default:
		w.Header().Set("Allow", "OPTIONS, POST")
		s.refuse(w, q, http.StatusMethodNotAllowed)
	}
}

// refuse answers with nothing but a status.
func (s *Server) refuse(w http.ResponseWriter, q *Request, status int) {
	q.Status = status
	w.WriteHeader(status)
	s.log(q)
}

func (s *Server) log(q *Request) {
	if s.cfg.Log != nil {
		s.cfg.Log(*q)
	}
}

// Commands are those that this server carries out.
func Commands() []string {
	return []string{"Sync", "SendMail", "SmartForward", "SmartReply", "FolderSync", "FolderCreate", "FolderDelete", "FolderUpdate",
		"MoveItems", "GetItemEstimate", "MeetingResponse", "Search", "Settings", "Ping", "ItemOperations", "Provision", "ResolveRecipients", "ValidateCert", "Find"}
}

// options answers with what the server speaks. Of faults it knows those in which
// no answer, or another one, comes.
func (s *Server) options(w http.ResponseWriter, r *http.Request, q *Request) {
	var fault *Fault
	if s.cfg.Fault != nil {
		fault = s.cfg.Fault(q)
	}
	if fault != nil && s.before(w, r, fault) {
		q.Status = fault.Status
		s.log(q)
		return
	}
	q.Status = http.StatusOK
	s.log(q)
	if fault != nil && (fault.Late > 0 && sleep(r.Context(), fault.Late) != nil || fault.Drop) {
		panic(http.ErrAbortHandler)
	}
	var versions []string
	for i := len(s.cfg.Versions) - 1; i >= 0; i-- {
		versions = append(versions, s.cfg.Versions[i].String())
	}
	w.Header().Set("MS-ASProtocolVersions", strings.Join(versions, ","))
	w.Header().Set("MS-ASProtocolCommands", strings.Join(Commands(), ","))
	w.WriteHeader(http.StatusOK)
}

func (s *Server) post(w http.ResponseWriter, r *http.Request, m *Mailbox, q *Request) {
	if err := q.parse(r); err != nil {
		s.refuse(w, q, http.StatusBadRequest)
		return
	}
	var err error
	q.Body, err = io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	switch {
	case err != nil:
		return // the client went away
	case len(q.Body) > maxRequest:
		s.refuse(w, q, http.StatusRequestEntityTooLarge)
		return
	}
	x := &exchange{Request: q, s: s, m: m, http: r}
	rep := x.read()
	var fault *Fault
	if s.cfg.Fault != nil {
		fault = s.cfg.Fault(q)
	}
	if fault == nil {
		fault = s.portal(q.Number)
	}
	if fault != nil && s.before(w, r, fault) {
		q.Status = fault.Status
		s.log(q)
		return
	}
	if fault != nil && fault.Ghost > 0 && rep == nil {
		s.later(x, fault.Ghost)
		panic(http.ErrAbortHandler)
	}
	if rep == nil {
		rep = x.answerWith(fault)
	}
	if fault != nil && fault.After != 0 {
		rep = plain(fault.After)
	}
	q.Status, q.Sent = rep.status, len(rep.body)
	s.log(q)
	if r.Context().Err() != nil {
		return
	}
	if fault != nil && fault.Late > 0 && sleep(r.Context(), fault.Late) != nil {
		return
	}
	if fault != nil && fault.Drop {
		panic(http.ErrAbortHandler)
	}
	s.send(w, r, rep, fault)
	x.readAhead(w)
}

// later carries a request out when nobody waits for the answer any more.
func (s *Server) later(x *exchange, d time.Duration) {
	go func() {
		time.Sleep(d)
		rep := x.answer()
		x.Status, x.Sent = rep.status, 0
		s.log(x.Request)
	}()
}

// read takes the body apart. What it returns refuses the request.
func (x *exchange) read() *reply {
	if len(x.Body) == 0 {
		return nil
	}
	ctype, _, _ := strings.Cut(x.http.Header.Get("Content-Type"), ";")
	switch ctype = strings.ToLower(strings.TrimSpace(ctype)); {
	case x.Version <= activesync.V121 && rootPages[x.Command] == "ComposeMail":
		if ctype != "message/rfc822" {
			return plain(http.StatusBadRequest)
		}
		return nil
	case ctype != wbxmlType && ctype != "application/vnd.ms-sync":
		return x.failure(101, http.StatusBadRequest)
	}
	var err error
	if x.root, err = wbxml.Parse(x.Body); err != nil {
		x.root = nil
		return x.failure(102, http.StatusBadRequest)
	}
	x.note()
	return nil
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, rep *reply, f *Fault) {
	for k, v := range rep.headers {
		w.Header().Set(k, v)
	}
	body := rep.body
	if f != nil && f.Garbage != nil {
		body = f.Garbage
	}
	half := f != nil && f.HalfGzip && len(body) > 0
	if len(body) > 0 {
		w.Header().Set("Content-Type", rep.ctype)
		if half || len(body) > 1024 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			body = s.squeeze(body)
		}
	}
	if half {
		body = body[:len(body)/2]
	}
	if f != nil && f.Cuts && f.Cut < len(body) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(rep.status)
		w.Write(body[:f.Cut])
		if fl, ok := w.(http.Flusher); ok {
			fl.Flush()
		}
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rep.status)
	w.Write(body)
}

// squeeze compresses an answer.
func (s *Server) squeeze(b []byte) []byte {
	var out bytes.Buffer
	z, ok := s.squeezers.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails for levels that do not exist
	}
	defer s.squeezers.Put(z)
	z.Reset(&out)
	if _, err := z.Write(b); err != nil || z.Close() != nil {
		return nil // a Buffer takes everything
	}
	return out.Bytes()
}

// note writes down which folders and keys the request names.
func (x *exchange) note() {
	for _, c := range descendants(x.root, wbxml.MustTag("AirSync:Collection")) {
		if k := c.Child(wbxml.MustTag("AirSync:SyncKey")); k != nil {
			x.Keys = append(x.Keys, activesync.SyncKey(k.Text))
		}
	}
	x.makes = len(descendants(x.root, wbxml.MustTag("AirSync:Add")))+len(descendants(x.root, wbxml.MustTag("AirSyncBase:Add"))) > 0
	x.known = rootPages[x.Command] == "ComposeMail" && x.Version >= activesync.V140 && !x.personality().SendsAgain
	for _, name := range []string{"AirSync:CollectionId", "Ping:Id", "GetItemEstimate:CollectionId", "Move:SrcFldId", "Move:DstFldId"} {
		for _, n := range descendants(x.root, wbxml.MustTag(name)) {
			if id := activesync.ServerID(n.Text); !slices.Contains(x.Collections, id) {
				x.Collections = append(x.Collections, id)
			}
		}
	}
}

// descendants are the elements of that name below n.
func descendants(n *wbxml.Node, t wbxml.Tag) []*wbxml.Node {
	if n == nil {
		return nil
	}
	var out []*wbxml.Node
	for _, c := range n.Children {
		if c.Tag == t {
			out = append(out, c)
		}
		out = append(out, descendants(c, t)...)
	}
	return out
}
