package server

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// shared is a file or a folder of the document library.
type shared struct {
	link    string
	content []byte
	ctype   string
	folder  bool
	since   time.Time
}

// AddDocument puts a file into the document library, under an address such as
// \\files\plans\quay.pdf, with the folders above it.
func (s *Server) AddDocument(link, contentType string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().UTC()
	s.library = append(s.library, shared{link: link, content: content, ctype: contentType, since: now})
	for up := above(link); strings.Trim(up, `\`) != "" && !slices.ContainsFunc(s.library, func(d shared) bool { return d.link == up }); up = above(up) {
		s.library = append(s.library, shared{link: up, folder: true, since: now})
	}
}

// above is the folder of an address.
func above(link string) string {
	if i := strings.LastIndexByte(link, '\\'); i > 1 {
		return link[:i]
	}
	return ""
}

// shelf is the address itself, first, and what is in it.
func (s *Server) shelf(link string) []shared {
	link = strings.TrimSuffix(link, `\`)
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []shared
	for _, d := range s.library {
		switch {
		case strings.EqualFold(d.link, link):
			out = slices.Insert(out, 0, d)
		case strings.EqualFold(above(d.link), link):
			out = append(out, d)
		}
	}
	if len(out) > 0 && !strings.EqualFold(out[0].link, link) {
		return nil
	}
	return out
}

func (x *exchange) searchLibrary(store *wbxml.Node) *storeAnswer {
	equal := store.Child(wbxml.MustTag("Search:Query")).Child(wbxml.MustTag("Search:EqualTo"))
	link := string(textOf(equal.Child(wbxml.MustTag("Search:Value"))))
	switch {
	case equal.Child(wbxml.MustTag("DocumentLibrary:LinkId")) == nil:
		return &storeAnswer{Status: 2}
	case !strings.HasPrefix(link, `\\`):
		return &storeAnswer{Status: 4}
	}
	all := x.s.shelf(link)
	if len(all) == 0 {
		return &storeAnswer{Status: 6}
	}
	from, to, says, status := page(store, len(all), maxDocuments)
	out := &storeAnswer{Status: status, Range: says}
	if status != 1 {
		return out
	}
	for _, d := range all[from:to] {
		out.Results = append(out.Results, resultAnswer{Properties: d.properties()})
	}
	out.Total = wire.MakeNumber(len(all))
	return out
}

func (d shared) properties() *wire.Document {
	when := wire.Dashed(d.since)
	out := &wire.Document{LinkID: d.link, DisplayName: d.link[strings.LastIndexByte(d.link, '\\')+1:], IsFolder: wire.MakeSwitch(d.folder),
		CreationDate: &when, LastModifiedDate: &when, IsHidden: wire.MakeSwitch(false)}
	if !d.folder {
		out.ContentLength, out.ContentType = wire.MakeNumber(len(d.content)), d.ctype
	}
	return out
}

// fetchDocument fetches a file of the library, or the range of it that is
// asked for.
func (x *exchange) fetchDocument(f wire.Fetch, parts *[][]byte) fetchedItem {
	out := fetchedItem{Status: 6, LinkID: f.LinkID}
	if !strings.HasPrefix(f.LinkID, `\\`) {
		out.Status = 4
		return out
	}
	all := x.s.shelf(f.LinkID)
	if len(all) == 0 || all[0].folder {
		return out
	}
	d := all[0]
	if len(d.content) == 0 {
		out.Status = 10
		return out
	}
	data, says, ok := slice(f, d.content)
	if !ok {
		out.Status = 8
		return out
	}
	props := &documentProperties{Range: says, Total: wire.MakeNumber(len(d.content)), Version: wire.Dashed(d.since)}
	if x.Multipart {
		*parts = append(*parts, data)
		n := len(*parts)
		props.Part = &n
	} else {
		props.Data = []byte(base64.StdEncoding.EncodeToString(data))
	}
	out.Status, out.Properties = 1, props
	return out
}

// documentProperties are the Properties of a fetched document (MS-ASCMD
// 2.2.3.139.2).
type documentProperties struct {
	Range   string      `wbxml:"ItemOperations:Range"`
	Total   wire.Number `wbxml:"ItemOperations:Total"`
	Data    []byte      `wbxml:"ItemOperations:Data,omitempty"`
	Part    *int        `wbxml:"ItemOperations:Part"`
	Version wire.Stamp  `wbxml:"ItemOperations:Version"`
}

// slice is the range of data that a Fetch asks for, and what that range is.
func slice(f wire.Fetch, data []byte) (part []byte, says string, ok bool) {
	from, to := 0, len(data)-1
	if f.Options != nil && f.Options.Range != "" {
		if from, to, ok = parseRange(f.Options.Range); !ok || from >= len(data) {
			return nil, "", false
		}
		to = min(to, len(data)-1)
	}
	return data[from : to+1], fmt.Sprintf("%d-%d", from, to), true
}
