package server

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
)

// The schemas of Autodiscover (MS-ASCMD 2.2.1.1).
const (
	discoverRequest  = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"
	discoverEnvelope = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
	discoverAnswer   = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
)

// maxDiscover bounds an Autodiscover request.
const maxDiscover = 64 << 10

// discovers answers Autodiscover, as XML to users and as JSON to anybody, and
// reports whether the request was for it.
func (s *Server) discovers(w http.ResponseWriter, r *http.Request) bool {
	switch path := strings.ToLower(r.URL.Path); {
	case path == "/autodiscover/autodiscover.xml" && r.Method == http.MethodPost:
		s.discoverXML(w, r)
	case path == "/autodiscover/autodiscover.json" && r.Method == http.MethodGet:
		s.discoverJSON(w, r)
	default:
		return false
	}
	return true
}

// here is the address of this server as the device reached it.
func here(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.URL.Scheme == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host + "/Microsoft-Server-ActiveSync"
}

type discoverAsked struct {
	XMLName  xml.Name
	Requests []struct {
		Email  string `xml:"EMailAddress"`
		Schema string `xml:"AcceptableResponseSchema"`
	} `xml:"Request"`
}

type discoverSaid struct {
	XMLName  xml.Name `xml:"Autodiscover"`
	XMLNS    string   `xml:"xmlns,attr"`
	Response struct {
		XMLNS   string         `xml:"xmlns,attr,omitempty"`
		Culture string         `xml:"Culture,omitempty"`
		User    *discoverUser  `xml:"User"`
		Server  *discoverPlace `xml:"Action>Settings>Server"`
		Error   *discoverError `xml:"Error"`
	}
}

type discoverUser struct {
	DisplayName  string
	EMailAddress string
}

type discoverPlace struct {
	Type string
	URL  string `xml:"Url"`
	Name string
}

type discoverError struct {
	ErrorCode int
	Message   string
}

// discoverXML answers a user: 600 for a request that is none, 601 for another
// schema (MS-ASCMD 2.2.3.60).
func (s *Server) discoverXML(w http.ResponseWriter, r *http.Request) {
	user, password, ok := r.BasicAuth()
	m, known := s.user(user, password)
	if !ok || !known {
		w.Header().Set("WWW-Authenticate", `Basic realm="Autodiscover"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var in discoverAsked
	body, err := io.ReadAll(io.LimitReader(r.Body, maxDiscover))
	out := discoverSaid{XMLNS: discoverEnvelope}
	switch {
	case err != nil || xml.Unmarshal(body, &in) != nil || in.XMLName.Space != discoverRequest || len(in.Requests) != 1:
		out.Response.Error = &discoverError{600, "Invalid Request"}
	case in.Requests[0].Schema != discoverAnswer:
		out.Response.Error = &discoverError{601, "Provider is not available"}
	case !strings.EqualFold(strings.TrimSpace(in.Requests[0].Email), m.email):
		out.Response.Error = &discoverError{500, "The email address cannot be found."}
	default:
		out.Response.XMLNS, out.Response.Culture = discoverAnswer, "en:en"
		out.Response.User = &discoverUser{m.name, m.email}
		out.Response.Server = &discoverPlace{"MobileSync", here(r), here(r)}
	}
	data, err := xml.Marshal(&out)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	io.WriteString(w, xml.Header) //nolint:errcheck // the client may go
	w.Write(data)                 //nolint:errcheck // likewise
}

// discoverJSON answers whoever asks for an address.
func (s *Server) discoverJSON(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	w.Header().Set("Content-Type", "application/json")
	if s.byAddress(q.Get("Email")) == nil || !strings.EqualFold(q.Get("Protocol"), "ActiveSync") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	json.NewEncoder(w).Encode(struct { //nolint:errcheck // the client may go
		Protocol string
		Url      string
	}{"ActiveSync", here(r)})
}
