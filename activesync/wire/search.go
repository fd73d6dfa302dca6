package wire

import (
	"strconv"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// MailSearchRequest searches the mailbox (MS-ASCMD 2.2.1.16): one And, with
// everything in it.
type MailSearchRequest struct {
	_     wbxml.Root      `wbxml:"Search:Search"`
	Store MailSearchStore `wbxml:"Search:Store"`
}

// MailSearchStore is what is looked for, and what is wanted of it.
type MailSearchStore struct {
	Name    string            `wbxml:"Search:Name"`
	Query   MailQuery         `wbxml:"Search:Query>Search:And"`
	Options MailSearchOptions `wbxml:"Search:Options"`
}

// MailQuery is what all that is found has in common. ConversationID is of 14.0
// on; without Folders all are searched.
type MailQuery struct {
	Class          activesync.Class      `wbxml:"AirSync:Class,omitempty"`
	Folders        []activesync.ServerID `wbxml:"AirSync:CollectionId"`
	ConversationID []byte                `wbxml:"Search:ConversationId,opaque,omitempty"`
	FreeText       string                `wbxml:"Search:FreeText,omitempty"`
	After          *SearchedDate         `wbxml:"Search:GreaterThan"`
	Before         *SearchedDate         `wbxml:"Search:LessThan"`
}

// SearchedDate bounds when a message came.
type SearchedDate struct {
	DateReceived bool  `wbxml:"Email:DateReceived,empty"`
	Value        Stamp `wbxml:"Search:Value"`
}

// MailSearchOptions is how much is wanted. Range is "m-n", 100 results at most.
type MailSearchOptions struct {
	Range           string           `wbxml:"Search:Range"`
	RebuildResults  bool             `wbxml:"Search:RebuildResults,empty"`
	DeepTraversal   bool             `wbxml:"Search:DeepTraversal,empty"`
	MIMESupport     *int             `wbxml:"AirSync:MIMESupport"`
	BodyPreferences []BodyPreference `wbxml:"AirSyncBase:BodyPreference"`
}

// maxMailRange is how many results one answer may hold.
const maxMailRange = 100

// NewMailSearch looks for messages. Results from the first one on, n of them.
// Without folders the whole mailbox is searched.
func NewMailSearch(v activesync.Version, q activesync.MailQuery, first, n int) *MailSearchRequest {
	r := &MailSearchRequest{Store: MailSearchStore{Name: storeMailbox, Query: MailQuery{Class: activesync.ClassEmail, Folders: q.Folders, FreeText: q.Words}}}
	r.Store.Query.After, r.Store.Query.Before = searchedDate(q.After), searchedDate(q.Before)
	r.Store.Options = MailSearchOptions{Range: rangeOf(first, min(n, maxMailRange)), RebuildResults: first == 0, DeepTraversal: true}
	p := BodyPreference{Type: uint8(activesync.BodyPlain), TruncationSize: Int(searchText)}
	if v >= activesync.V140 {
		p.Preview = searchPreview
	}
	r.Store.Options.BodyPreferences = []BodyPreference{p}
	return r
}

// What is asked for of the text of a message that a search finds.
const (
	searchText    = 512
	searchPreview = 120
)

func searchedDate(t time.Time) *SearchedDate {
	if t.IsZero() {
		return nil
	}
	return &SearchedDate{DateReceived: true, Value: Dashed(t)}
}

// rangeOf is a Range of n results from the first on.
func rangeOf(first, n int) string {
	return strconv.Itoa(first) + "-" + strconv.Itoa(first+max(n, 1)-1)
}

// MailSearchResponse answers a MailSearchRequest.
type MailSearchResponse struct {
	_      wbxml.Root         `wbxml:"Search:Search"`
	Status int                `wbxml:"Search:Status"`
	Store  *MailSearchedStore `wbxml:"Search:Response>Search:Store"`
}

// MailSearchedStore is what was found.
type MailSearchedStore struct {
	Status  int            `wbxml:"Search:Status"`
	Results []MailSearched `wbxml:"Search:Result"`
	Range   string         `wbxml:"Search:Range,omitempty"`
	Total   Number         `wbxml:"Search:Total,omitempty"`
}

// MailSearched is one item; servers that found none send an empty one.
type MailSearched struct {
	Class        activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	LongID       string              `wbxml:"Search:LongId,omitempty"`
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	Properties   *wbxml.Raw          `wbxml:"Search:Properties"`
}

// Found are the messages of an answer. What cannot be read is left out.
func (s *MailSearchedStore) Found() activesync.FoundMail {
	out := activesync.FoundMail{Messages: []activesync.FoundMessage{}}
	for _, r := range s.Results {
		if r.Properties == nil || r.Class != "" && r.Class != activesync.ClassEmail {
			continue
		}
		p, err := DecodeEmail(*r.Properties)
		if err != nil {
			continue
		}
		out.Messages = append(out.Messages, activesync.FoundMessage{Header: p.Header, LongID: r.LongID, Folder: r.CollectionID})
	}
	out.Total = max(s.Total.Int(0), len(out.Messages))
	return out
}

// LibrarySearchRequest lists a document, or a folder of documents with what is
// in it (MS-ASDOC).
type LibrarySearchRequest struct {
	_     wbxml.Root         `wbxml:"Search:Search"`
	Store LibrarySearchStore `wbxml:"Search:Store"`
}

// LibrarySearchStore is where to look.
type LibrarySearchStore struct {
	Name    string               `wbxml:"Search:Name"`
	Query   LibraryQuery         `wbxml:"Search:Query>Search:EqualTo"`
	Options LibrarySearchOptions `wbxml:"Search:Options"`
}

// LibraryQuery is the address, a UNC path or a URL.
type LibraryQuery struct {
	LinkID bool   `wbxml:"DocumentLibrary:LinkId,empty"`
	Value  string `wbxml:"Search:Value"`
}

// LibrarySearchOptions is how much is wanted, and who asks where that is not
// the user of the mailbox.
type LibrarySearchOptions struct {
	Range    string `wbxml:"Search:Range"`
	UserName string `wbxml:"Search:UserName,omitempty"`
	Password string `wbxml:"Search:Password,omitempty"`
}

// NewLibrarySearch lists what is at an address of the document library.
func NewLibrarySearch(link string, first, n int) *LibrarySearchRequest {
	return &LibrarySearchRequest{Store: LibrarySearchStore{Name: storeLibrary, Query: LibraryQuery{LinkID: true, Value: link},
		Options: LibrarySearchOptions{Range: rangeOf(first, n)}}}
}

// LibrarySearchResponse answers a LibrarySearchRequest: the address itself
// first, then what is in it.
type LibrarySearchResponse struct {
	_      wbxml.Root            `wbxml:"Search:Search"`
	Status int                   `wbxml:"Search:Status"`
	Store  *LibrarySearchedStore `wbxml:"Search:Response>Search:Store"`
}

// LibrarySearchedStore is what was found.
type LibrarySearchedStore struct {
	Status  int               `wbxml:"Search:Status"`
	Results []LibrarySearched `wbxml:"Search:Result"`
	Range   string            `wbxml:"Search:Range,omitempty"`
	Total   Number            `wbxml:"Search:Total,omitempty"`
}

// LibrarySearched is one document.
type LibrarySearched struct {
	Properties *Document `wbxml:"Search:Properties"`
}

// Document is a file or folder of the document library (MS-ASDOC 2.2.2).
type Document struct {
	LinkID           string `wbxml:"DocumentLibrary:LinkId"`
	DisplayName      string `wbxml:"DocumentLibrary:DisplayName,omitempty"`
	IsFolder         Switch `wbxml:"DocumentLibrary:IsFolder,omitempty"`
	CreationDate     *Stamp `wbxml:"DocumentLibrary:CreationDate"`
	LastModifiedDate *Stamp `wbxml:"DocumentLibrary:LastModifiedDate"`
	IsHidden         Switch `wbxml:"DocumentLibrary:IsHidden,omitempty"`
	ContentLength    Number `wbxml:"DocumentLibrary:ContentLength,omitempty"`
	ContentType      string `wbxml:"DocumentLibrary:ContentType,omitempty"`
}

// Documents are those that were found.
func (s *LibrarySearchedStore) Documents() []Document {
	var out []Document
	for _, r := range s.Results {
		if r.Properties != nil && r.Properties.LinkID != "" {
			out = append(out, *r.Properties)
		}
	}
	return out
}
