package wire

import (
	"bytes"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// maxGALPicture is how many bytes of a picture are asked for (at most 102400,
// MS-ASCMD 2.2.3.104), maxGALPictures of how many people.
const (
	maxGALPicture  = 48 << 10
	maxGALPictures = 5
)

// GALSearchRequest searches the address list up to 16.0.
type GALSearchRequest = SearchRequest[string, GALSearchOptions]

// GALSearchOptions is how much is wanted.
type GALSearchOptions struct {
	Range   string         `wbxml:"Search:Range"`
	Picture *SearchPicture `wbxml:"Search:Picture"` // 14.1 on
}

// SearchPicture asks for pictures of people.
type SearchPicture struct {
	MaxSize     int `wbxml:"Search:MaxSize"`
	MaxPictures int `wbxml:"Search:MaxPictures"`
}

// NewGALSearch asks for the first n people whose name or address begins with
// words.
func NewGALSearch(v activesync.Version, words string, n int) *GALSearchRequest {
	o := GALSearchOptions{Range: rangeOf(0, n)}
	if v >= activesync.V141 {
		o.Picture = &SearchPicture{maxGALPicture, maxGALPictures}
	}
	return newSearch("GAL", words, o)
}

// GALSearchResponse answers a GALSearchRequest.
type GALSearchResponse = SearchResponse[GALSearched]

// GALSearched is one person.
type GALSearched struct {
	Properties *GALProperties `wbxml:"Search:Properties"`
}

// GALFindRequest searches the address list from 16.1 on (MS-ASCMD 2.2.1.2).
type GALFindRequest struct {
	_        wbxml.Root `wbxml:"Find:Find"`
	SearchID string     `wbxml:"Find:SearchId"`
	GAL      FindGAL    `wbxml:"Find:ExecuteSearch>Find:GalSearchCriterion"`
}

// FindGAL is for what the address list is searched.
type FindGAL struct {
	Query   string      `wbxml:"Find:Query"`
	Options FindOptions `wbxml:"Find:Options"`
}

// FindOptions is how much is wanted.
type FindOptions struct {
	Range   string       `wbxml:"Find:Range"`
	Picture *FindPicture `wbxml:"Find:Picture"`
}

// FindPicture asks for pictures of people.
type FindPicture struct {
	MaxSize     int `wbxml:"Find:MaxSize"`
	MaxPictures int `wbxml:"Find:MaxPictures"`
}

// NewGALFind is NewGALSearch for 16.1. Each search has an id of its own.
func NewGALFind(words string, n int) *GALFindRequest {
	return &GALFindRequest{SearchID: NewSearchID(),
		GAL: FindGAL{Query: words, Options: FindOptions{Range: rangeOf(0, n), Picture: &FindPicture{maxGALPicture, maxGALPictures}}}}
}

// GALFindResponse answers a GALFindRequest.
type GALFindResponse = FindResponse[GALFound]

// GALFound is one person.
type GALFound struct {
	Properties *GALProperties `wbxml:"Find:Properties"`
}

// GALProperties are what the address list has of a person.
type GALProperties struct {
	DisplayName  string      `wbxml:"Gal:DisplayName,omitempty"`
	Phone        string      `wbxml:"Gal:Phone,omitempty"`
	Office       string      `wbxml:"Gal:Office,omitempty"`
	Title        string      `wbxml:"Gal:Title,omitempty"`
	Company      string      `wbxml:"Gal:Company,omitempty"`
	Alias        string      `wbxml:"Gal:Alias,omitempty"`
	FirstName    string      `wbxml:"Gal:FirstName,omitempty"`
	LastName     string      `wbxml:"Gal:LastName,omitempty"`
	HomePhone    string      `wbxml:"Gal:HomePhone,omitempty"`
	MobilePhone  string      `wbxml:"Gal:MobilePhone,omitempty"`
	EmailAddress string      `wbxml:"Gal:EmailAddress,omitempty"`
	Picture      *GALPicture `wbxml:"Gal:Picture"`
}

// GALPicture is a picture, or why there is none. Exchange sends its data as
// opaque bytes, the documents want base64.
type GALPicture struct {
	Status int    `wbxml:"Gal:Status,omitempty"`
	Data   []byte `wbxml:"Gal:Data,opaque,omitempty"`
}

// SearchedPeople are the people of an answer to Search.
func SearchedPeople(s *Searched[GALSearched]) activesync.People {
	var all []*GALProperties
	for _, r := range s.Results {
		all = append(all, r.Properties)
	}
	return people(all, s.Total)
}

// FoundPeople are the people of an answer to Find.
func FoundPeople(f *Found[GALFound]) activesync.People {
	var all []*GALProperties
	for _, r := range f.Results {
		all = append(all, r.Properties)
	}
	return people(all, f.Total)
}

func people(all []*GALProperties, total Number) activesync.People {
	out := activesync.People{People: []activesync.Person{}}
	for _, g := range all {
		if g != nil && g.DisplayName+g.EmailAddress+g.Alias != "" {
			out.People = append(out.People, g.person())
		}
	}
	out.Total = max(total.Int(0), len(out.People))
	return out
}

func (g *GALProperties) person() activesync.Person {
	p := activesync.Person{Name: tidy(g.DisplayName), Email: tidy(g.EmailAddress), FirstName: g.FirstName, LastName: g.LastName, Alias: g.Alias, Title: g.Title,
		Company: g.Company, Office: g.Office, Phone: g.Phone, Mobile: g.MobilePhone, HomePhone: g.HomePhone}
	if p.Name == "" { // SOGo tells the parts only
		p.Name = tidy(g.FirstName + " " + g.LastName)
	}
	if g.Picture != nil && len(g.Picture.Data) > 0 {
		p.Picture = g.Picture.Data
		if b, err := decodeBase64(string(g.Picture.Data)); err == nil && !isImage(g.Picture.Data) {
			p.Picture = b
		}
	}
	return p
}

func isImage(b []byte) bool {
	for _, magic := range []string{"\xFF\xD8\xFF", "\x89PNG", "GIF8", "BM", "RIFF"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return true
		}
	}
	return false
}

// EncodePerson is what the address list has of a person; without a picture
// where none was asked for.
func EncodePerson(p activesync.Person, picture bool) *GALProperties {
	g := &GALProperties{DisplayName: p.Name, EmailAddress: p.Email, FirstName: p.FirstName, LastName: p.LastName, Alias: p.Alias, Title: p.Title,
		Company: p.Company, Office: p.Office, Phone: p.Phone, MobilePhone: p.Mobile, HomePhone: p.HomePhone}
	if picture {
		g.Picture = &GALPicture{Status: 173} // no picture
		if len(p.Picture) > 0 {
			g.Picture = &GALPicture{Status: 1, Data: p.Picture}
		}
	}
	return g
}
