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
		found, err := find[wire.GALFound](ctx, c, wire.NewGALFind(words, n))
		if err != nil {
			return activesync.People{}, err
		}
		return wire.FoundPeople(found), nil
	}
	found, err := search[wire.GALSearched](ctx, c, wire.NewGALSearch(v, words, n))
	if err != nil {
		return activesync.People{}, err
	}
	return wire.SearchedPeople(found), nil
}
