package wbxml

// element is one token of a code page: its name and the protocol versions
// times ten from which on and up to which it may be sent. since is 0 for what
// is named in the tables but not in use, until is 0 where there is no end.
type element struct {
	name         string
	since, until uint8
}

// codePage is a namespace and its elements by token.
type codePage struct {
	name     string
	elements [tokens]element
}

const pageCount = 26

// pages are the code pages (MS-ASWBXML 2.1.2.1). They have gaps: a token that is
// not listed has no meaning. Page 3 is of old versions and never sent.
var pages = [pageCount]codePage{
	0:  pageAirSync,
	1:  pageContacts,
	2:  pageEmail,
	3:  pageAirNotify,
	4:  pageCalendar,
	5:  pageMove,
	6:  pageGetItemEstimate,
	7:  pageFolderHierarchy,
	8:  pageMeetingResponse,
	9:  pageTasks,
	10: pageResolveRecipients,
	11: pageValidateCert,
	12: pageContacts2,
	13: pagePing,
	14: pageProvision,
	15: pageSearch,
	16: pageGal,
	17: pageAirSyncBase,
	18: pageSettings,
	19: pageDocumentLibrary,
	20: pageItemOperations,
	21: pageComposeMail,
	22: pageEmail2,
	23: pageNotes,
	24: pageRightsManagement,
	25: pageFind,
}
