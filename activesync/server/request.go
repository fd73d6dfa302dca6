package server

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Request is one request as the log and the fault plan see it.
type Request struct {
	Time      time.Time
	User      string
	Device    string
	Command   string
	Version   activesync.Version
	PolicyKey uint32
	// Collections are the folders that a Sync or a Ping names, Keys their SyncKeys.
	Collections []activesync.ServerID
	Keys        []activesync.SyncKey
	Body        []byte
	Params      map[string]string
	Multipart   bool
	// Number counts the requests of this server from 1.
	Number int
	// Status is the HTTP status of the answer, Sent its bytes.
	Status int
	Sent   int

	hasKey bool
	makes  bool // it is a Sync that makes items
	known  bool // it is known when it comes again, by its ClientId
}

// commands by their code in the base64 query (MS-ASHTTP 2.2.1.1.1.2).
var commands = [...]string{"Sync", "SendMail", "SmartForward", "SmartReply", "GetAttachment", "", "", "", "", "FolderSync", "FolderCreate",
	"FolderDelete", "FolderUpdate", "MoveItems", "GetItemEstimate", "MeetingResponse", "Search", "Settings", "Ping", "ItemOperations",
	"Provision", "ResolveRecipients", "ValidateCert", "Find"}

var errQuery = errors.New("the query is not understood")

// parse reads the query, plain or base64, and the headers.
func (q *Request) parse(r *http.Request) error {
	q.Params = map[string]string{}
	q.Multipart = strings.EqualFold(r.Header.Get("MS-ASAcceptMultiPart"), "T")
	raw := r.URL.RawQuery
	if !strings.Contains(strings.TrimRight(raw, "="), "=") {
		return q.base64(raw)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return errQuery
	}
	for k := range values {
		q.Params[k] = values.Get(k)
	}
	q.Command, q.Device = values.Get("Cmd"), values.Get("DeviceId")
	if q.Command == "" || values.Get("DeviceType") == "" || !goodDevice(q.Device) {
		return errQuery
	}
	if q.Version, err = activesync.ParseVersion(r.Header.Get("MS-ASProtocolVersion")); err != nil {
		return err
	}
	if k := r.Header.Get("X-MS-PolicyKey"); k != "" {
		n, err := strconv.ParseUint(k, 10, 32)
		if err != nil {
			return errQuery
		}
		q.PolicyKey, q.hasKey = uint32(n), true
	}
	return nil
}

// goodDevice reports whether an id is one that a device may have.
func goodDevice(id string) bool {
	return id != "" && len(id) <= 32 && !strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z')
	})
}

// base64 reads the compact form (MS-ASHTTP 2.2.1.1.1.1).
func (q *Request) base64(raw string) error {
	if s, err := url.QueryUnescape(raw); err == nil && !strings.Contains(raw, "+") {
		raw = s
	}
	b, err := base64.StdEncoding.DecodeString(raw)
	if err != nil || len(b) < 7 {
		return errQuery
	}
	q.Version = activesync.Version(b[0])
	if _, err := activesync.ParseVersion(q.Version.String()); err != nil {
		return err
	}
	if int(b[1]) >= len(commands) {
		return errQuery
	}
	q.Command = commands[b[1]]
	b = b[4:]
	take := func() []byte {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			err = errQuery
			return nil
		}
		v := b[1 : 1+int(b[0])]
		b = b[1+int(b[0]):]
		return v
	}
	q.Device = string(take())
	switch k := take(); len(k) {
	case 0:
	case 4:
		q.PolicyKey, q.hasKey = binary.LittleEndian.Uint32(k), true
	default:
		return errQuery
	}
	take() // DeviceType
	names := map[byte]string{0: "AttachmentName", 1: "CollectionId", 3: "ItemId", 4: "LongId", 6: "Occurrence", 7: "Options", 8: "User"}
	for len(b) > 0 && err == nil {
		tag := b[0]
		b = b[1:]
		v := take()
		if tag == 7 && len(v) == 1 {
			q.Multipart = v[0]&2 != 0
			if v[0]&1 != 0 {
				q.Params["SaveInSent"] = "T"
			}
			continue
		}
		q.Params[names[tag]] = string(v)
	}
	if q.Device == "" || len(q.Device) > 32 {
		return errQuery
	}
	return err
}
