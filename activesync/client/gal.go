package client

import (
	"context"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// FindPeople searches the organisation's address list for the first n whose
// name or address begins with words: by Find from 16.1 on, by Search before
// (MS-ASCMD 2.2.1.2 and 2.2.1.16).
func (c *Client) FindPeople(ctx context.Context, words string, n int) (activesync.People, error) {
	_, v, _ := c.current()
	if v >= activesync.V161 {
		out := &wire.FindResponse{}
		if err := c.call(ctx, &request{command: "Find", code: codeFind}, wire.NewGALFind(words, n), out); err != nil {
			return activesync.People{}, err
		}
		if err := status("Find", out.Status); err != nil || out.Response == nil {
			return activesync.People{}, err
		}
		return out.Response.People(), status("Find", out.Response.Status)
	}
	out := &wire.SearchResponse{}
	if err := c.call(ctx, &request{command: "Search", code: codeSearch}, wire.NewGALSearch(v, words, n), out); err != nil {
		return activesync.People{}, err
	}
	if err := status("Search", out.Status); err != nil || out.Store == nil {
		return activesync.People{}, err
	}
	return out.Store.People(), status("Search/store", out.Store.Status)
}
