package server

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// maxOperations is how many operations one ItemOperations request may hold.
const maxOperations = 100

type operationsAnswer struct {
	_       wbxml.Root                 `wbxml:"ItemOperations:ItemOperations"`
	Status  int                        `wbxml:"ItemOperations:Status"`
	Moves   []wire.ConversationMoved   `wbxml:"ItemOperations:Response>ItemOperations:Move"`
	Empty   []wire.EmptyFolderResponse `wbxml:"ItemOperations:Response>ItemOperations:EmptyFolderContents"`
	Fetches []fetchedItem              `wbxml:"ItemOperations:Response>ItemOperations:Fetch"`
}

type fetchedItem struct {
	Status        int                 `wbxml:"ItemOperations:Status"`
	CollectionID  activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	ServerID      activesync.ServerID `wbxml:"AirSync:ServerId,omitempty"`
	LongID        string              `wbxml:"Search:LongId,omitempty"`
	Class         activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	LinkID        string              `wbxml:"DocumentLibrary:LinkId,omitempty"`
	FileReference string              `wbxml:"AirSyncBase:FileReference,omitempty"`
	Properties    any                 `wbxml:"ItemOperations:Properties"`
}

// itemOperations fetches items and attachments and empties folders (MS-ASCMD
// 2.2.1.10).
func (x *exchange) itemOperations() *reply {
	var req wire.ItemOperationsRequest
	if x.decode(&req) != nil {
		return document(&operationsAnswer{Status: 2})
	}
	switch n := len(req.Fetches) + len(req.Empty) + len(req.Moves); {
	case n == 0:
		return document(&operationsAnswer{Status: 2})
	case n > maxOperations:
		return document(&operationsAnswer{Status: 11})
	}
	out := &operationsAnswer{Status: 1}
	var parts [][]byte
	for _, mv := range req.Moves {
		out.Moves = append(out.Moves, x.moveConversation(mv))
	}
	for _, e := range req.Empty {
		out.Empty = append(out.Empty, x.emptyFolder(e))
	}
	for _, f := range req.Fetches {
		switch {
		case strings.EqualFold(f.Store, "DocumentLibrary"):
			out.Fetches = append(out.Fetches, x.fetchDocument(f, &parts))
		case !strings.EqualFold(f.Store, "Mailbox"):
			out.Fetches = append(out.Fetches, fetchedItem{Status: 9})
		case f.FileReference != "":
			out.Fetches = append(out.Fetches, x.fetchFile(f, &parts))
		default:
			out.Fetches = append(out.Fetches, x.fetchItem(f, &parts))
		}
	}
	rep := document(out)
	if x.Multipart && rep.ctype == wbxmlType {
		return multipart(append([][]byte{rep.body}, parts...))
	}
	return rep
}

// multipart puts the parts of an answer behind each other with a table of
// where they lie (MS-ASCMD 2.2.1.10.1).
func multipart(parts [][]byte) *reply {
	head := 4 + 8*len(parts)
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(parts)))
	at := head
	for _, p := range parts {
		out = binary.LittleEndian.AppendUint32(out, uint32(at))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(p)))
		at += len(p)
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return &reply{status: http.StatusOK, body: out, ctype: "application/vnd.ms-sync.multipart"}
}

func (x *exchange) emptyFolder(e wire.EmptyFolderContents) wire.EmptyFolderResponse {
	f := x.folderNamed(e.CollectionID)
	if f == nil {
		return wire.EmptyFolderResponse{Status: 6, CollectionID: e.CollectionID}
	}
	for _, it := range f.items {
		if it != nil {
			x.m.remove(f, it)
		}
	}
	if e.Options != nil && e.Options.DeleteSubFolders {
		for _, id := range slices.Clone(x.m.order) {
			if sub := x.m.folders[id]; !sub.gone && sub.parent == f.id && sub.kind.UserMade() {
				x.m.drop(sub)
			}
		}
	}
	return wire.EmptyFolderResponse{Status: 1, CollectionID: e.CollectionID}
}

func (x *exchange) fetchItem(f wire.Fetch, parts *[][]byte) fetchedItem {
	out := fetchedItem{Status: 6, CollectionID: f.CollectionID, ServerID: f.ServerID, LongID: f.LongID}
	folder, it := x.byLongID(f.LongID)
	if f.LongID == "" {
		if folder = x.folderNamed(f.CollectionID); folder != nil {
			it = x.itemNamed(folder, f.ServerID)
		}
	}
	if it == nil {
		if x.personality().InventsItems && folder != nil && folder.kind.Class() == activesync.ClassEmail {
			out.Status, out.Class, out.Properties = 1, activesync.ClassEmail, invented()
		}
		return out
	}
	o := &options{}
	if f.Options != nil {
		o.bodies = f.Options.BodyPreferences
		if f.Options.MIMESupport != nil {
			o.mime = *f.Options.MIMESupport
		}
	}
	if !goodPreferences(o.bodies) {
		out.Status = 2
		return out
	}
	out.Status, out.Class = 1, folder.kind.Class()
	out.Properties = x.dataOf(folder, it, o)
	if e, ok := out.Properties.(*wire.Email); ok && x.Multipart && e.Body != nil && len(e.Body.Data)+len(e.Body.Binary) > 0 {
		*parts = append(*parts, append(e.Body.Data, e.Body.Binary...))
		n := len(*parts)
		e.Body.Data, e.Body.Binary, e.Body.Part = nil, nil, &n
	}
	return out
}

// fetchFile fetches an attachment, or the range of it that is asked for.
func (x *exchange) fetchFile(f wire.Fetch, parts *[][]byte) fetchedItem {
	out := fetchedItem{Status: 15, FileReference: f.FileReference}
	a, ok := x.attachment(f.FileReference)
	if !ok && x.personality().InventsItems {
		a, ok = message.File{ContentType: inventedType}, true
		if !x.Multipart {
			out.Status, out.Properties = 1, &wire.AttachmentProperties{ContentType: a.ContentType, Data: []byte("(null)")}
			return out
		}
	}
	if !ok {
		return out
	}
	data := a.Content
	props := &wire.AttachmentProperties{ContentType: a.ContentType}
	if f.Options != nil && f.Options.Range != "" && !x.personality().NoRanges {
		part, says, ok := slice(f, data)
		if !ok {
			out.Status = 8
			return out
		}
		props.Range, props.Total, data = says, wire.MakeNumber(len(data)), part
	}
	out.Status, out.Properties = 1, props
	if x.Multipart {
		*parts = append(*parts, data)
		n := len(*parts)
		props.Part = &n
	} else {
		props.Data = []byte(base64.StdEncoding.EncodeToString(data))
	}
	return out
}

func (x *exchange) attachment(reference string) (message.File, bool) {
	i := strings.LastIndexByte(reference, ':')
	if i < 0 {
		return message.File{}, false
	}
	_, it := x.m.find(activesync.ServerID(reference[:i]))
	n, err := strconv.Atoi(reference[i+1:])
	if it == nil || it.source == nil || err != nil {
		return message.File{}, false
	}
	files := message.ParseBytes(it.source()).Attachments
	if n < 0 || n >= len(files) {
		return message.File{}, false
	}
	return files[n], true
}

func parseRange(s string) (from, to int, ok bool) {
	a, b, found := strings.Cut(s, "-")
	from, err1 := strconv.Atoi(a)
	to, err2 := strconv.Atoi(b)
	return from, to, found && err1 == nil && err2 == nil && from >= 0 && to >= from
}
