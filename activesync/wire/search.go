package wire

import (
	"strconv"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// SearchRequest searches one of the stores of a server (MS-ASCMD 2.2.1.16): for
// what, and how much of it is wanted.
type SearchRequest[Query, Options any] struct {
	_     wbxml.Root `wbxml:"Search:Search"`
	Store struct {
		Name    string  `wbxml:"Search:Name"`
		Query   Query   `wbxml:"Search:Query"`
		Options Options `wbxml:"Search:Options"`
	} `wbxml:"Search:Store"`
}

func newSearch[Query, Options any](store string, q Query, o Options) *SearchRequest[Query, Options] {
	r := new(SearchRequest[Query, Options])
	r.Store.Name, r.Store.Query, r.Store.Options = store, q, o
	return r
}

// SearchResponse answers a SearchRequest.
type SearchResponse[Result any] struct {
	_      wbxml.Root        `wbxml:"Search:Search"`
	Status int               `wbxml:"Search:Status"`
	Store  *Searched[Result] `wbxml:"Search:Response>Search:Store"`
}

// Searched is what was found. Servers that found nothing send an empty Result.
type Searched[Result any] struct {
	Status  int      `wbxml:"Search:Status"`
	Results []Result `wbxml:"Search:Result"`
	Range   string   `wbxml:"Search:Range,omitempty"`
	Total   Number   `wbxml:"Search:Total,omitempty"`
}

// rangeOf is a Range of n results from the first on.
func rangeOf(first, n int) string {
	return strconv.Itoa(first) + "-" + strconv.Itoa(first+max(n, 1)-1)
}

// MailSearchRequest searches the mailbox.
type MailSearchRequest = SearchRequest[MailQuery, MailSearchOptions]

// MailQuery is one And, with everything in it.
type MailQuery struct {
	And MailTerms `wbxml:"Search:And"`
}

// MailTerms is what all that is found has in common. ConversationID is of 14.0
// on; without Folders all are searched.
type MailTerms struct {
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
	p := BodyPreference{Type: uint8(activesync.BodyPlain), TruncationSize: Int(searchText)}
	if v >= activesync.V140 {
		p.Preview = searchPreview
	}
	terms := MailTerms{Class: activesync.ClassEmail, Folders: q.Folders, FreeText: q.Words, After: searchedDate(q.After), Before: searchedDate(q.Before)}
	return newSearch(storeMailbox, MailQuery{terms}, MailSearchOptions{Range: rangeOf(first, min(n, maxMailRange)),
		RebuildResults: first == 0, DeepTraversal: true, BodyPreferences: []BodyPreference{p}})
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

// MailSearchResponse answers a MailSearchRequest.
type MailSearchResponse = SearchResponse[MailSearched]

// MailSearched is one item.
type MailSearched struct {
	Class        activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	LongID       string              `wbxml:"Search:LongId,omitempty"`
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	Properties   *wbxml.Raw          `wbxml:"Search:Properties"`
}

// SearchedMail are the messages of an answer. What cannot be read is left out.
func SearchedMail(s *Searched[MailSearched]) activesync.FoundMail {
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
