package agent

import (
	"context"
	"time"

	"eas.example/securemail/activesync"
)

// What is done on the server at once, and waited for.

// MakeFolder makes a folder below another one, 0 for none.
func (l *Local) MakeFolder(ctx context.Context, account activesync.AccountID, parent activesync.FolderID, name string,
	class activesync.Class) (activesync.FolderID, error) {
	m, err := l.member(account)
	if err != nil {
		return 0, err
	}
	return m.engine.MakeFolder(ctx, parent, name, class)
}

// ChangeFolder gives a folder that the person made another name and place.
func (l *Local) ChangeFolder(ctx context.Context, id, parent activesync.FolderID, name string) error {
	m, err := l.of(ctx, id)
	if err != nil {
		return err
	}
	return m.engine.ChangeFolder(ctx, id, parent, name)
}

// DropFolder removes a folder that the person made, with all that is in it.
func (l *Local) DropFolder(ctx context.Context, id activesync.FolderID) error {
	m, err := l.of(ctx, id)
	if err != nil {
		return err
	}
	return m.engine.DropFolder(ctx, id)
}

// Search looks for messages on the server, at most n, and no further back than
// Mail search limit allows; see engine.Search.
func (l *Local) Search(ctx context.Context, account activesync.AccountID, words string, folders []activesync.FolderID, n int) (activesync.FoundMail, error) {
	m, err := l.member(account)
	if err != nil {
		return activesync.FoundMail{}, err
	}
	return m.engine.Search(ctx, words, folders, l.managed().SearchSince(time.Now()), n)
}

// FetchFound brings a message that Search found and that is not here.
func (l *Local) FetchFound(ctx context.Context, account activesync.AccountID, found activesync.FoundMessage) (activesync.Message, error) {
	m, err := l.member(account)
	if err != nil {
		return activesync.Message{}, err
	}
	return m.engine.FetchFound(ctx, found)
}

// OutOfOffice asks the server for the out-of-office message.
func (l *Local) OutOfOffice(ctx context.Context, account activesync.AccountID) (activesync.OutOfOffice, error) {
	m, err := l.member(account)
	if err != nil {
		return activesync.OutOfOffice{}, err
	}
	return m.engine.OutOfOffice(ctx)
}

// SetOutOfOffice has the server answer for the person, or no longer.
func (l *Local) SetOutOfOffice(ctx context.Context, account activesync.AccountID, o activesync.OutOfOffice) error {
	m, err := l.member(account)
	if err != nil {
		return err
	}
	return m.engine.SetOutOfOffice(ctx, o)
}

// SetWholeTexts keeps the whole texts of all mail of an account here, or of
// recent mail only.
func (l *Local) SetWholeTexts(ctx context.Context, account activesync.AccountID, on bool) error {
	m, err := l.member(account)
	if err != nil {
		return err
	}
	err = l.Store.UpdateState(ctx, account, func(s *activesync.AccountState) error {
		s.WholeTexts = on
		return nil
	})
	if err == nil {
		m.engine.Wake()
	}
	return err
}

// SetWholeTexts is Local.SetWholeTexts.
func (c *Client) SetWholeTexts(ctx context.Context, account activesync.AccountID, on bool) error {
	return tell(ctx, c.calls.setWholeTexts, c, autoRefresh{account, on})
}

// The questions of these calls.
type (
	folderChange struct {
		Account activesync.AccountID `json:"account,omitempty"`
		Folder  activesync.FolderID  `json:"folder,omitempty"`
		Parent  activesync.FolderID  `json:"parent"`
		Name    string               `json:"name"`
		Class   activesync.Class     `json:"class,omitempty"`
	}
	oneFolder struct {
		Folder activesync.FolderID `json:"folder"`
	}
	searchQuestion struct {
		Account activesync.AccountID  `json:"account"`
		Words   string                `json:"words"`
		Folders []activesync.FolderID `json:"folders,omitempty"`
		Count   int                   `json:"count"`
	}
	foundQuestion struct {
		Account activesync.AccountID    `json:"account"`
		Found   activesync.FoundMessage `json:"found"`
	}
	oofQuestion struct {
		Account     activesync.AccountID   `json:"account"`
		OutOfOffice activesync.OutOfOffice `json:"outOfOffice"`
	}
)

// serverCalls are the calls that wait for the server.
type serverCalls struct {
	makeFolder     call[folderChange, oneFolder]
	changeFolder   call[folderChange, nothing]
	dropFolder     call[oneFolder, nothing]
	search         call[searchQuestion, activesync.FoundMail]
	fetchFound     call[foundQuestion, activesync.Message]
	outOfOffice    call[ofAccount, activesync.OutOfOffice]
	setOutOfOffice call[oofQuestion, nothing]
	setWholeTexts  call[autoRefresh, nothing]
	report         call[ofItem, activesync.PhishingReport]
}

func newServerCalls(t *table) serverCalls {
	return serverCalls{
		makeFolder: on(t, "folders/make", once, func(ctx context.Context, l *Local, q folderChange) (oneFolder, error) {
			id, err := l.MakeFolder(ctx, q.Account, q.Parent, q.Name, q.Class)
			return oneFolder{id}, err
		}),
		changeFolder: on(t, "folders/change", once, func(ctx context.Context, l *Local, q folderChange) (nothing, error) {
			return nothing{}, l.ChangeFolder(ctx, q.Folder, q.Parent, q.Name)
		}),
		dropFolder: on(t, "folders/drop", once, func(ctx context.Context, l *Local, q oneFolder) (nothing, error) {
			return nothing{}, l.DropFolder(ctx, q.Folder)
		}),
		search: on(t, "search", again, func(ctx context.Context, l *Local, q searchQuestion) (activesync.FoundMail, error) {
			return l.Search(ctx, q.Account, q.Words, q.Folders, q.Count)
		}),
		fetchFound: on(t, "search/fetch", again, func(ctx context.Context, l *Local, q foundQuestion) (activesync.Message, error) {
			return l.FetchFound(ctx, q.Account, q.Found)
		}),
		report:      byItem(t, "report-phishing", once, (*Local).ReportPhishing),
		outOfOffice: byAccount(t, "out-of-office", again, (*Local).OutOfOffice),
		setOutOfOffice: on(t, "out-of-office/set", again, func(ctx context.Context, l *Local, q oofQuestion) (nothing, error) {
			return nothing{}, l.SetOutOfOffice(ctx, q.Account, q.OutOfOffice)
		}),
		setWholeTexts: on(t, "texts", again, func(ctx context.Context, l *Local, q autoRefresh) (nothing, error) {
			return nothing{}, l.SetWholeTexts(ctx, q.Account, q.On)
		}),
	}
}

// MakeFolder is Local.MakeFolder.
func (c *Client) MakeFolder(ctx context.Context, account activesync.AccountID, parent activesync.FolderID, name string,
	class activesync.Class) (activesync.FolderID, error) {
	made, err := c.calls.makeFolder.ask(ctx, c, folderChange{Account: account, Parent: parent, Name: name, Class: class})
	return made.Folder, err
}

// ChangeFolder is Local.ChangeFolder.
func (c *Client) ChangeFolder(ctx context.Context, id, parent activesync.FolderID, name string) error {
	return tell(ctx, c.calls.changeFolder, c, folderChange{Folder: id, Parent: parent, Name: name})
}

// DropFolder is Local.DropFolder.
func (c *Client) DropFolder(ctx context.Context, id activesync.FolderID) error {
	return tell(ctx, c.calls.dropFolder, c, oneFolder{id})
}

// Search is Local.Search.
func (c *Client) Search(ctx context.Context, account activesync.AccountID, words string, folders []activesync.FolderID, n int) (activesync.FoundMail, error) {
	return c.calls.search.ask(ctx, c, searchQuestion{account, words, folders, n})
}

// FetchFound is Local.FetchFound.
func (c *Client) FetchFound(ctx context.Context, account activesync.AccountID, found activesync.FoundMessage) (activesync.Message, error) {
	return c.calls.fetchFound.ask(ctx, c, foundQuestion{account, found})
}

// OutOfOffice is Local.OutOfOffice.
func (c *Client) OutOfOffice(ctx context.Context, account activesync.AccountID) (activesync.OutOfOffice, error) {
	return c.calls.outOfOffice.ask(ctx, c, ofAccount{account})
}

// SetOutOfOffice is Local.SetOutOfOffice.
func (c *Client) SetOutOfOffice(ctx context.Context, account activesync.AccountID, o activesync.OutOfOffice) error {
	return tell(ctx, c.calls.setOutOfOffice, c, oofQuestion{account, o})
}
