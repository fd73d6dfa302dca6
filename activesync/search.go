package activesync

import (
	"context"
	"slices"
	"strings"
)

// searchBatch is how many rows are read at a time in a search.
const searchBatch = 500

// Words are what is searched for in the mail that is here: all of them, in small
// or capital letters, anywhere in what the list shows of a message.
type Words []string

// WordsOf splits what a person typed.
func WordsOf(text string) Words { return strings.Fields(strings.ToLower(text)) }

// In reports whether each word stands in the sender, the recipients, the subject
// or the first words of a message. No words are in none.
func (w Words) In(h Header) bool {
	var text strings.Builder
	for _, s := range []string{h.Subject, h.Preview, h.From.Name, h.From.Address} {
		text.WriteString(s)
		text.WriteByte('\n')
	}
	for _, list := range [][]Address{h.To, h.Cc} {
		for _, a := range list {
			text.WriteString(a.Name + "\n" + a.Address + "\n")
		}
	}
	all := strings.ToLower(text.String())
	return len(w) > 0 && !slices.ContainsFunc(w, func(word string) bool { return !strings.Contains(all, word) })
}

// Windows is who has the lists.
type Windows interface {
	Window(ctx context.Context, folder FolderID, q WindowQuery) (Window, error)
}

// Find gives the newest messages of some mailboxes that have the words, newest
// first and at most so many (0: all), and how many have them.
func (w Words) Find(ctx context.Context, lists Windows, folders []FolderID, most int) (found []Header, n int, err error) {
	for _, f := range folders {
		for offset := 0; ; {
			rows, err := lists.Window(ctx, f, WindowQuery{Offset: offset, Count: searchBatch})
			if err != nil {
				return nil, 0, err
			}
			for _, h := range rows.Rows {
				if w.In(h) {
					found, n = append(found, h), n+1
				}
			}
			if offset = rows.Offset + len(rows.Rows); len(rows.Rows) == 0 || offset >= rows.Total {
				break
			}
		}
		slices.SortStableFunc(found, func(x, y Header) int { return y.Date.Compare(x.Date) })
		if most > 0 && len(found) > most {
			found = found[:most]
		}
	}
	return found, n, nil
}
