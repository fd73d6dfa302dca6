package wire

// LibrarySearchRequest lists a document, or a folder of documents with what is
// in it (MS-ASDOC).
type LibrarySearchRequest = SearchRequest[LibraryQuery, LibrarySearchOptions]

// LibraryQuery is one EqualTo.
type LibraryQuery struct {
	EqualTo LibraryAddress `wbxml:"Search:EqualTo"`
}

// LibraryAddress is a UNC path or a URL.
type LibraryAddress struct {
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
	return newSearch(storeLibrary, LibraryQuery{LibraryAddress{LinkID: true, Value: link}}, LibrarySearchOptions{Range: rangeOf(first, n)})
}

// LibrarySearchResponse answers a LibrarySearchRequest: the address itself
// first, then what is in it.
type LibrarySearchResponse = SearchResponse[LibrarySearched]

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

// SearchedDocuments are the documents of an answer.
func SearchedDocuments(s *Searched[LibrarySearched]) []Document {
	var out []Document
	for _, r := range s.Results {
		if r.Properties != nil && r.Properties.LinkID != "" {
			out = append(out, *r.Properties)
		}
	}
	return out
}
