package server

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

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
}

// ServeHTTP answers OPTIONS and POST.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("MS-Server-ActiveSync", "15.2")
	if !strings.EqualFold(strings.TrimSuffix(r.URL.Path, "/"), "/Microsoft-Server-ActiveSync") {
		http.NotFound(w, r)
		return
	}
	user, password, ok := r.BasicAuth()
	m, known := s.user(user, password)
	if !ok || !known {
		w.Header().Set("WWW-Authenticate", `Basic realm="ActiveSync"`)
		w.WriteHeader(http.StatusUnauthorized)
		s.log(&Request{User: user, Command: r.Method, Status: http.StatusUnauthorized})
		return
	}
	switch r.Method {
	case http.MethodOptions:
		s.options(w)
		s.log(&Request{User: user, Command: "OPTIONS", Status: http.StatusOK})
	case http.MethodPost:
		s.post(w, r, m)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (s *Server) log(q *Request) {
	if s.cfg.Log != nil {
		s.cfg.Log(*q)
	}
}

// Commands are those that this server carries out.
func Commands() []string {
	return []string{"Sync", "SendMail", "SmartForward", "SmartReply", "FolderSync", "FolderCreate", "FolderDelete", "FolderUpdate",
		"MoveItems", "GetItemEstimate", "Settings", "Ping", "ItemOperations", "Provision"}
}

func (s *Server) options(w http.ResponseWriter) {
	var versions []string
	for i := len(s.cfg.Versions) - 1; i >= 0; i-- {
		versions = append(versions, s.cfg.Versions[i].String())
	}
	w.Header().Set("MS-ASProtocolVersions", strings.Join(versions, ","))
	w.Header().Set("MS-ASProtocolCommands", strings.Join(Commands(), ","))
	w.WriteHeader(http.StatusOK)
}

func (s *Server) post(w http.ResponseWriter, r *http.Request, m *Mailbox) {
	q, err := parseRequest(r)
	if err != nil || !s.speaks(q.Version) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	q.User = m.name
	q.Body, err = io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	switch {
	case err != nil:
		return // the client went away
	case len(q.Body) > maxRequest:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	x := &exchange{Request: q, s: s, m: m, http: r}
	if len(q.Body) > 0 && r.Header.Get("Content-Type") != "message/rfc822" {
		if x.root, err = wbxml.Parse(q.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		x.note()
	}
	var fault *Fault
	if s.cfg.Fault != nil {
		fault = s.cfg.Fault(q)
	}
	if fault != nil && s.before(w, r, fault) {
		q.Status = fault.Status
		s.log(q)
		return
	}
	rep := x.answer()
	q.Status, q.Sent = rep.status, len(rep.body)
	s.log(q)
	if r.Context().Err() != nil {
		return
	}
	if fault != nil && fault.Drop {
		panic(http.ErrAbortHandler)
	}
	s.send(w, r, rep, fault)
}

// before plays the faults that keep a request from being carried out.
func (s *Server) before(w http.ResponseWriter, r *http.Request, f *Fault) (done bool) {
	if f.Delay > 0 {
		if sleep(r.Context(), f.Delay) != nil {
			return true
		}
	}
	switch {
	case f.Refuse:
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		if f.Location != "" {
			w.Header().Set("X-MS-Location", f.Location)
		}
		if strings.HasPrefix(f.Body, "<") {
			w.Header().Set("Content-Type", "text/html")
		}
		w.WriteHeader(f.Status)
		io.WriteString(w, f.Body)
		return true
	}
	return false
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, rep *reply, f *Fault) {
	for k, v := range rep.headers {
		w.Header().Set(k, v)
	}
	body := rep.body
	if len(body) > 0 {
		w.Header().Set("Content-Type", rep.ctype)
		if len(body) > 1024 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			body = squeeze(body)
		}
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
	w.WriteHeader(rep.status)
	w.Write(body)
}

func squeeze(b []byte) []byte {
	var out strings.Builder
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return b
	}
	if _, err := z.Write(b); err != nil || z.Close() != nil {
		return b
	}
	return []byte(out.String())
}

// note writes down which folders and keys the request names.
func (x *exchange) note() {
	for _, c := range descendants(x.root, wbxml.MustTag("AirSync:Collection")) {
		if id := c.Child(wbxml.MustTag("AirSync:CollectionId")); id != nil {
			x.Collections = append(x.Collections, activesync.ServerID(id.Text))
		}
		if k := c.Child(wbxml.MustTag("AirSync:SyncKey")); k != nil {
			x.Keys = append(x.Keys, activesync.SyncKey(k.Text))
		}
	}
	for _, id := range descendants(x.root, wbxml.MustTag("Ping:Id")) {
		x.Collections = append(x.Collections, activesync.ServerID(id.Text))
	}
}

func descendants(n *wbxml.Node, t wbxml.Tag) []*wbxml.Node {
	var out []*wbxml.Node
	for _, c := range n.Children {
		if c.Tag == t {
			out = append(out, c)
		}
		out = append(out, descendants(c, t)...)
	}
	return out
}

// answer carries a request out, if the device may ask for it.
func (x *exchange) answer() *reply {
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	x.d = x.m.device(x.Device)
	if rep := x.gate(); rep != nil {
		return rep
	}
	if x.root != nil {
		if err := checkOrder(x.root, x.Version); err != nil {
			return x.failure(103, http.StatusBadRequest)
		}
	}
	switch x.Command {
	case "Provision":
		return x.provision()
	case "Settings":
		return x.settings()
	case "FolderSync":
		return x.folderSync()
	case "FolderCreate", "FolderDelete", "FolderUpdate":
		return x.changeHierarchy()
	case "Sync":
		return x.sync()
	case "GetItemEstimate":
		return x.estimate()
	case "Ping":
		return x.ping()
	case "ItemOperations":
		return x.itemOperations()
	case "MoveItems":
		return x.moveItems()
	case "SendMail", "SmartReply", "SmartForward":
		return x.sendMail()
	}
	return plain(http.StatusNotImplemented)
}

// gate lets nothing but Provision and Settings through before the policies are
// acknowledged (MS-ASPROV 3.2.5.1).
func (x *exchange) gate() *reply {
	switch x.Command {
	case "Provision", "Settings", "Ping":
		return nil
	}
	switch {
	case x.m.wipe:
		return x.failure(140, 449)
	case x.s.cfg.Policies == nil:
		return nil
	case x.d.policyKey == 0:
		return x.failure(142, 449)
	case x.PolicyKey != x.d.policyKey:
		return x.failure(144, 449)
	}
	return nil
}

// failure says a common status: as an HTTP status up to 12.1, and in a
// document of the command from 14.0 on (MS-ASCMD 2.2.2).
func (x *exchange) failure(status, httpStatus int) *reply {
	page, ok := rootPages[x.Command]
	if x.Version <= activesync.V121 || !ok {
		return plain(httpStatus)
	}
	root := &wbxml.Node{Tag: wbxml.MustTag(page + ":" + x.Command)}
	root.Children = append(root.Children, &wbxml.Node{Tag: wbxml.MustTag(page + ":Status"), Text: []byte(strconv.Itoa(status))})
	b, err := root.Append(nil)
	if err != nil {
		return plain(http.StatusInternalServerError)
	}
	return &reply{status: http.StatusOK, body: b, ctype: wbxmlType}
}

// rootPages are the code pages of the commands' root elements.
var rootPages = map[string]string{"Sync": "AirSync", "FolderSync": "FolderHierarchy", "FolderCreate": "FolderHierarchy",
	"FolderDelete": "FolderHierarchy", "FolderUpdate": "FolderHierarchy", "MoveItems": "Move", "GetItemEstimate": "GetItemEstimate",
	"Settings": "Settings", "Ping": "Ping", "ItemOperations": "ItemOperations", "Provision": "Provision", "SendMail": "ComposeMail",
	"SmartReply": "ComposeMail", "SmartForward": "ComposeMail"}

// decode reads the body into a request.
func (x *exchange) decode(v any) error {
	if x.root == nil {
		return errors.New("the request has no body")
	}
	if err := wbxml.Unmarshal(x.Body, v); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	return nil
}
