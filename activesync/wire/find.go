package wire

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// FindResponse answers a search by Find (MS-ASCMD 2.2.1.2).
type FindResponse[Result any] struct {
	_        wbxml.Root     `wbxml:"Find:Find"`
	Status   int            `wbxml:"Find:Status"`
	Response *Found[Result] `wbxml:"Find:Response"`
}

// Found is what was found.
type Found[Result any] struct {
	Store   string   `wbxml:"ItemOperations:Store,omitempty"`
	Status  int      `wbxml:"Find:Status"`
	Results []Result `wbxml:"Find:Result"`
	Range   string   `wbxml:"Find:Range,omitempty"`
	Total   Number   `wbxml:"Find:Total,omitempty"`
}

// FindMailRequest searches the mail from 16.1 on (MS-ASCMD 2.2.1.2). The pages
// of one search have one SearchID; a new one begins at 0.
type FindMailRequest struct {
	_        wbxml.Root `wbxml:"Find:Find"`
	SearchID string     `wbxml:"Find:SearchId"`
	Mail     FindMail   `wbxml:"Find:ExecuteSearch>Find:MailBoxSearchCriterion"`
}

// FindMail is what is looked for.
type FindMail struct {
	Query   FindMailQuery   `wbxml:"Find:Query"`
	Options FindMailOptions `wbxml:"Find:Options"`
}

// FindMailQuery holds words in the language of the server's search (KQL).
type FindMailQuery struct {
	Class        activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	FreeText     string              `wbxml:"Find:FreeText"`
}

// FindMailOptions is how much is wanted.
type FindMailOptions struct {
	Range         string `wbxml:"Find:Range"`
	DeepTraversal bool   `wbxml:"Find:DeepTraversal,empty"`
}

// NewFindMail looks for messages; folder is empty for all of them. searchID is
// that of NewSearchID.
func NewFindMail(searchID, words string, folder activesync.ServerID, first, n int) *FindMailRequest {
	return &FindMailRequest{SearchID: searchID, Mail: FindMail{
		Query:   FindMailQuery{Class: activesync.ClassEmail, CollectionID: folder, FreeText: words},
		Options: FindMailOptions{Range: rangeOf(first, min(n, maxMailRange)), DeepTraversal: true},
	}}
}

// FindReceived is how KQL says from which day on messages are meant.
const FindReceived = "received>="

// FindWords is what is looked for, in KQL.
func FindWords(q activesync.MailQuery) string {
	words := asKQL(q.Words)
	if q.After.IsZero() {
		return words
	}
	return words + " " + FindReceived + q.After.UTC().Format(time.DateOnly)
}

// asKQL has a word that means something else in KQL looked for as it is; who puts
// words in quotes writes KQL.
func asKQL(words string) string {
	if n := strings.Count(words, `"`); n > 0 && n%2 == 0 {
		return words
	}
	list := strings.Fields(strings.ReplaceAll(words, `"`, " "))
	for i, w := range list {
		property, _, _ := strings.Cut(strings.ToLower(w), ":")
		if slices.Contains(kqlOperators, w) || strings.ContainsAny(w, ":()<>=") && !slices.Contains(kqlProperties, property) {
			list[i] = `"` + w + `"`
		}
	}
	return strings.Join(list, " ")
}

// Words of KQL (MS-KQL 2.1), and what a person may ask of by them (MS-ASCMD
// 2.2.3.80.1).
var (
	kqlOperators  = []string{"AND", "OR", "NOT", "NEAR", "ONEAR", "XRANK", "WORDS", "ALL", "ANY"}
	kqlProperties = []string{"from", "to", "cc", "bcc", "subject", "body", "sent", "received", "participants", "attachment", "hasattachment", "kind"}
)

// NewSearchID names a search: a GUID.
func NewSearchID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80 // RFC 9562 5.4
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// FindMailResponse answers a FindMailRequest.
type FindMailResponse = FindResponse[MailFound]

// MailFound is one message.
type MailFound struct {
	Class        activesync.Class    `wbxml:"AirSync:Class,omitempty"`
	ServerID     activesync.ServerID `wbxml:"AirSync:ServerId,omitempty"`
	CollectionID activesync.ServerID `wbxml:"AirSync:CollectionId,omitempty"`
	Properties   *FoundProperties    `wbxml:"Find:Properties"`
}

// FoundProperties is what Find tells of a message.
type FoundProperties struct {
	Subject        string `wbxml:"Email:Subject,omitempty"`
	DateReceived   *Stamp `wbxml:"Email:DateReceived"`
	DisplayTo      string `wbxml:"Email:DisplayTo,omitempty"`
	DisplayCc      string `wbxml:"Find:DisplayCc,omitempty"`
	DisplayBcc     string `wbxml:"Find:DisplayBcc,omitempty"`
	Importance     Number `wbxml:"Email:Importance,omitempty"`
	Read           Switch `wbxml:"Email:Read,omitempty"`
	IsDraft        Switch `wbxml:"Email2:IsDraft,omitempty"`
	Preview        string `wbxml:"Find:Preview,omitempty"`
	HasAttachments Switch `wbxml:"Find:HasAttachments,omitempty"`
	From           string `wbxml:"Email:From,omitempty"`
}

// EncodeFound is what Find tells of a message.
func EncodeFound(m *activesync.Message) *FoundProperties {
	e := EncodeEmail(m, activesync.V161)
	return &FoundProperties{Subject: m.Subject, DateReceived: e.DateReceived, DisplayTo: displayed(m.To), DisplayCc: displayed(m.Cc), DisplayBcc: displayed(m.Bcc),
		Importance: encodeImportance(m.Importance), Read: MakeSwitch(m.Read), IsDraft: MakeSwitch(m.Draft), Preview: m.Preview,
		HasAttachments: MakeSwitch(m.HasAttachments), From: value(e.From)}
}

// displayed are the names of people, as DisplayTo has them.
func displayed(list []activesync.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Label())
	}
	return strings.Join(out, "; ")
}

// Header is what Find tells of a message.
func (p *FoundProperties) Header() activesync.Header {
	h := activesync.Header{From: activesync.ParseAddress(p.From), Subject: tidy(p.Subject), Read: p.Read.Bool(), Draft: p.IsDraft.Bool(),
		Preview: tidy(p.Preview), HasAttachments: p.HasAttachments.Bool(), Importance: decodeImportance(p.Importance)}
	h.Date, _ = p.DateReceived.Time()
	for name := range strings.SplitSeq(p.DisplayTo, ";") {
		if name = tidy(name); name != "" {
			h.To = append(h.To, activesync.Address{Name: name})
		}
	}
	return h
}

// FoundMail are the messages of an answer.
func FoundMail(f *Found[MailFound]) activesync.FoundMail {
	out := activesync.FoundMail{Messages: []activesync.FoundMessage{}}
	for _, r := range f.Results {
		if r.Properties != nil {
			out.Messages = append(out.Messages, activesync.FoundMessage{Header: r.Properties.Header(), ServerID: r.ServerID, Folder: r.CollectionID})
		}
	}
	out.Total = max(f.Total.Int(0), len(out.Messages))
	return out
}
