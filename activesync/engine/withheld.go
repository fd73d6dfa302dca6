package engine

import (
	"context"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
)

// inStep notes that a folder equals the server's, but for what is withheld.
func (e *Engine) inStep(ctx context.Context, f activesync.Folder) error {
	words := ""
	all, err := e.store.Withheld(ctx, e.account.ID)
	if err != nil {
		return err
	}
	for _, w := range all {
		if n := len(w.Items); w.Folder == f.ID && n > 0 {
			words = fmt.Sprintf("the server removed %d items at once; they stay here until you decide", n)
		}
	}
	return e.store.NoteFolder(ctx, f.ID, time.Now().UTC(), words)
}

// withheld tells that the person has to decide.
func (e *Engine) withheld(f activesync.Folder, n int) {
	e.log.Warn("deletions withheld", "folder", f.ID, "items", n)
	e.tell(activesync.Notice{Kind: activesync.NoticeWithheld, Folder: f.ID})
}
