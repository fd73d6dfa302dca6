package activesync

import (
	"context"
	"slices"
	"testing"
	"time"
)

// lists are mailboxes of which at most three rows are told at a time.
type lists map[FolderID][]Header

func (l lists) Window(_ context.Context, folder FolderID, q WindowQuery) (Window, error) {
	all := l[folder]
	at := min(q.Offset, len(all))
	return Window{Rows: all[at:min(at+min(q.Count, 3), len(all))], Offset: at, Total: len(all)}, nil
}

// What has the words comes from all mailboxes, the newest first; so many at most,
// and all are counted.
func TestWordsAreFoundInAllMailboxes(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	row := func(id ItemID, hours int, subject string) Header {
		return Header{ID: id, Subject: subject, Date: now.Add(-time.Duration(hours) * time.Hour)}
	}
	l := lists{
		1: {row(1, 1, "The crane"), row(2, 2, "Lunch"), row(3, 3, "Lunch"), row(4, 9, "CRANE and quay"), row(5, 10, "crane")},
		2: {row(6, 4, "A crane of the quay")},
	}
	for _, c := range []struct {
		words string
		most  int
		want  []ItemID
		n     int
	}{
		{"crane", 0, []ItemID{1, 6, 4, 5}, 4},
		{"Crane  QUAY", 0, []ItemID{6, 4}, 2},
		{"crane", 2, []ItemID{1, 6}, 4},
		{"crane lunch", 0, nil, 0},
		{" ", 0, nil, 0},
	} {
		found, n, err := WordsOf(c.words).Find(t.Context(), l, []FolderID{1, 2, 3}, c.most)
		var got []ItemID
		for _, h := range found {
			got = append(got, h.ID)
		}
		if err != nil || n != c.n || !slices.Equal(got, c.want) {
			t.Errorf("%q: found %v of %d, %v; want %v of %d", c.words, got, n, err, c.want, c.n)
		}
	}
}

func TestWordsAreSoughtInWhatTheListShows(t *testing.T) {
	h := Header{
		From: Address{Name: "Ana Souza", Address: "ana@example.test"}, Subject: "Größe", Preview: "first words",
		To: []Address{{Name: "Bo", Address: "bo@example.test"}}, Cc: []Address{{Name: "Cy Öst", Address: "cy@example.test"}},
	}
	for words, want := range map[string]bool{
		"souza": true, "ANA@EXAMPLE": true, "GRÖSSE": false, "größe": true, "words first": true, "bo@": true, "öst": true, "cy@ bo souza": true,
		"dora": false, "souza dora": false, "": false, "souzagröße": false,
	} {
		if got := WordsOf(words).In(h); got != want {
			t.Errorf("%q: %t", words, got)
		}
	}
}
