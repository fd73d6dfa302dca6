package client

import (
	"context"
	"errors"
	"io"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// SearchMail looks for messages on the server, n of them from first on: by
// Search up to 16.0, by Find later unless the question has bounds in time
// (MS-ASCMD 2.2.1.16 and 2.2.1.2). searchID names one search over its pages.
func (c *Client) SearchMail(ctx context.Context, searchID string, q activesync.MailQuery, first, n int) (activesync.FoundMail, error) {
	_, v, _ := c.current()
	if v >= activesync.V161 && q.Before.IsZero() && len(q.Folders) < 2 {
		folder := activesync.ServerID("")
		if len(q.Folders) == 1 {
			folder = q.Folders[0]
		}
		found, err := find[wire.MailFound](ctx, c, wire.NewFindMail(searchID, wire.FindWords(q), folder, first, n))
		if err != nil {
			return activesync.FoundMail{}, err
		}
		return wire.FoundMail(found), nil
	}
	found, err := search[wire.MailSearched](ctx, c, wire.NewMailSearch(v, q, first, n))
	if e, ok := errors.AsType[*activesync.StatusError](err); ok && e.Command == searchStore && e.Code == searchPastEnd && first > 0 {
		return activesync.FoundMail{Messages: []activesync.FoundMessage{}}, nil
	}
	if err != nil {
		return activesync.FoundMail{}, err
	}
	return wire.SearchedMail(found), nil
}

// searchPastEnd is the Status of a Range that begins behind the last result, which
// the answer gives for the store.
const (
	searchPastEnd = 12
	searchStore   = "Search/store"
)

// SearchLibrary lists what is at an address of the document library, the
// address itself first (MS-ASDOC).
func (c *Client) SearchLibrary(ctx context.Context, link string, first, n int) ([]wire.Document, error) {
	found, err := search[wire.LibrarySearched](ctx, c, wire.NewLibrarySearch(link, first, n))
	if err != nil {
		return nil, err
	}
	return wire.SearchedDocuments(found), nil
}

// search asks one store by Search; what has no Store found nothing.
func search[Result any](ctx context.Context, c *Client, in any) (*wire.Searched[Result], error) {
	out := new(wire.SearchResponse[Result])
	if err := c.call(ctx, &request{command: "Search", code: codeSearch}, in, out); err != nil {
		return nil, err
	}
	if err := status("Search", out.Status); err != nil {
		return nil, err
	}
	if out.Store == nil {
		return new(wire.Searched[Result]), nil
	}
	return out.Store, status(searchStore, out.Store.Status)
}

// find asks by Find; what has no Response found nothing.
func find[Result any](ctx context.Context, c *Client, in any) (*wire.Found[Result], error) {
	out := new(wire.FindResponse[Result])
	if err := c.call(ctx, &request{command: "Find", code: codeFind}, in, out); err != nil {
		return nil, err
	}
	if err := status("Find", out.Status); err != nil {
		return nil, err
	}
	if out.Response == nil {
		return new(wire.Found[Result]), nil
	}
	return out.Response, status("Find", out.Response.Status)
}

// FetchDocument writes a file of the document library to w as it comes in, and
// tells how many bytes it wrote.
func (c *Client) FetchDocument(ctx context.Context, link string, w io.Writer) (n int64, err error) {
	_, n, err = c.fetchWhole(ctx, wire.FetchDocument(link), w)
	return n, err
}
