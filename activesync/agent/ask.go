package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/calendar"
	"eas.example/securemail/activesync/engine"
)

var _ Service = (*Client)(nil)

// Accounts are those that are set up.
func (c *Client) Accounts(ctx context.Context) ([]activesync.Account, error) {
	return c.calls.accounts.ask(ctx, c, nothing{})
}

// AddAccount is Local.AddAccount.
func (c *Client) AddAccount(ctx context.Context, a activesync.Account, password string) (activesync.Account, error) {
	var err error
	if a.CAFile, err = absolute(a.CAFile); err != nil {
		return activesync.Account{}, err
	}
	return c.calls.addAccount.ask(ctx, c, newAccount{a, password})
}

// SignIn is Local.SignIn.
func (c *Client) SignIn(ctx context.Context, a activesync.Account, secret string) error {
	return tell(ctx, c.calls.signIn, c, newAccount{a, secret})
}

// absolute makes a path mean the same in the agent, which lives elsewhere.
func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", path, err)
	}
	return abs, nil
}

// RemoveAccount is Local.RemoveAccount.
func (c *Client) RemoveAccount(ctx context.Context, id activesync.AccountID) error {
	return tell(ctx, c.calls.removeAccount, c, ofAccount{id})
}

// Status is what the status line says of an account.
func (c *Client) Status(ctx context.Context, id activesync.AccountID) (activesync.Status, error) {
	l, err := c.calls.status.ask(ctx, c, ofAccount{id})
	return l.status(), err
}

// State is what is known of the server.
func (c *Client) State(ctx context.Context, id activesync.AccountID) (activesync.AccountState, error) {
	return c.calls.state.ask(ctx, c, ofAccount{id})
}

// SetAutoRefresh is Settings › Auto Refresh of an account.
func (c *Client) SetAutoRefresh(ctx context.Context, id activesync.AccountID, on bool) error {
	return tell(ctx, c.calls.setAutoRefresh, c, autoRefresh{id, on})
}

// Folders are those of an account in the order in which they are shown.
func (c *Client) Folders(ctx context.Context, id activesync.AccountID) ([]activesync.Folder, error) {
	return c.calls.folders.ask(ctx, c, ofAccount{id})
}

// SetFolderOptions are the Sync options of a mailbox.
func (c *Client) SetFolderOptions(ctx context.Context, id activesync.FolderID, o activesync.FolderOptions) error {
	return tell(ctx, c.calls.setFolderOptions, c, folderOptions{id, o})
}

// SyncNow has folders looked at and returns at once.
func (c *Client) SyncNow(ctx context.Context, id activesync.AccountID, folders ...activesync.FolderID) error {
	return tell(ctx, c.calls.syncNow, c, someFolders{id, folders})
}

// Sync brings folders in step and waits for it.
func (c *Client) Sync(ctx context.Context, id activesync.AccountID, folders []activesync.FolderID, every bool,
	progress func(activesync.Status)) (engine.Summary, error) {
	body, err := json.Marshal(syncQuestion{id, folders, every})
	if err != nil {
		return engine.Summary{}, fmt.Errorf("ask the agent for a sync: %w", err)
	}
	answer, err := c.post(ctx, "sync", body, true)
	if err != nil {
		return engine.Summary{}, err
	}
	defer answer.Body.Close()
	for dec := json.NewDecoder(answer.Body); ; {
		var l syncLine
		if err := dec.Decode(&l); err != nil {
			return engine.Summary{}, c.broken(ctx, "sync", err)
		}
		if l.Summary != nil {
			return l.Summary.summary(), l.Fault.err()
		}
		if l.Progress != nil && progress != nil {
			progress(l.Progress.status())
		}
	}
}

// Push carries out what waits in the journal now.
func (c *Client) Push(ctx context.Context, id activesync.AccountID) error {
	return tell(ctx, c.calls.push, c, ofAccount{id})
}

// Check signs in and reads the list of folders.
func (c *Client) Check(ctx context.Context, id activesync.AccountID) error {
	return tell(ctx, c.calls.check, c, ofAccount{id})
}

// Traffic is what went over the wire since the agent began.
func (c *Client) Traffic(ctx context.Context, id activesync.AccountID) (Traffic, error) {
	return c.calls.traffic.ask(ctx, c, ofAccount{id})
}

// Window reads the rows of a list that are on screen.
func (c *Client) Window(ctx context.Context, id activesync.FolderID, q activesync.WindowQuery) (activesync.Window, error) {
	return c.calls.window.ask(ctx, c, rows{id, q})
}

// Thread are the messages of the conversation that one is in, oldest first.
func (c *Client) Thread(ctx context.Context, id activesync.ItemID) ([]activesync.Header, error) {
	return c.calls.thread.ask(ctx, c, ofItem{id})
}

// Message is what is here of a message.
func (c *Client) Message(ctx context.Context, id activesync.ItemID) (activesync.Message, error) {
	return c.calls.message.ask(ctx, c, ofItem{id})
}

// FetchBody is Message with the whole text.
func (c *Client) FetchBody(ctx context.Context, id activesync.ItemID) (activesync.Message, error) {
	return c.calls.fetchBody.ask(ctx, c, ofItem{id})
}

// Source is the message as MIME.
func (c *Client) Source(ctx context.Context, id activesync.ItemID) ([]byte, error) {
	var b bytes.Buffer
	if err := c.flow(ctx, "source", ofItem{id}, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// OutboxSource is Local.OutboxSource.
func (c *Client) OutboxSource(ctx context.Context, id activesync.OpID, w io.Writer) error {
	return c.flow(ctx, "outbox/source", ofOps{[]activesync.OpID{id}}, w)
}

// Attachment writes attachment n, counted from 0, to w.
func (c *Client) Attachment(ctx context.Context, id activesync.ItemID, n int, w io.Writer) error {
	return c.flow(ctx, "attachment", attachmentQuestion{id, n}, w)
}

func (c *Client) flow(ctx context.Context, path string, q any, w io.Writer) error {
	body, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("ask the agent for %s: %w", path, err)
	}
	answer, err := c.post(ctx, path, body, true)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	err = drain(w, answer)
	if errors.Is(err, io.ErrUnexpectedEOF) || ctx.Err() != nil {
		return c.broken(ctx, path, err)
	}
	return err
}

// Do writes changes to the journal with their local effect.
func (c *Client) Do(ctx context.Context, ops ...activesync.Op) ([]activesync.OpID, error) {
	m, err := c.calls.change.ask(ctx, c, changes{ops})
	if err != nil {
		return nil, err
	}
	return m.Ops, m.Fault.err()
}

// Respond answers an invitation.
func (c *Client) Respond(ctx context.Context, item activesync.ItemID, answer activesync.Response) (activesync.OpID, error) {
	m, err := c.calls.respond.ask(ctx, c, response{item, answer})
	return m.one(), err
}

// Undo takes changes back.
func (c *Client) Undo(ctx context.Context, ops ...activesync.OpID) error {
	return tell(ctx, c.calls.undo, c, ofOps{ops})
}

// Send puts a draft into the journal as a message.
func (c *Client) Send(ctx context.Context, d activesync.Draft) (activesync.OpID, error) {
	d, err := withAbsolute(d)
	if err != nil {
		return 0, err
	}
	m, err := c.calls.send.ask(ctx, c, d)
	return m.one(), err
}

// withAbsolute names the files of a draft so that another process finds them.
func withAbsolute(d activesync.Draft) (activesync.Draft, error) {
	d.Attachments = append([]activesync.DraftAttachment(nil), d.Attachments...)
	for i := range d.Attachments {
		var err error
		if d.Attachments[i].Path, err = absolute(d.Attachments[i].Path); err != nil {
			return activesync.Draft{}, err
		}
	}
	return d, nil
}

// KeepDraft keeps a message that is being written, by its key.
func (c *Client) KeepDraft(ctx context.Context, key string, d activesync.Draft) error {
	d, err := withAbsolute(d)
	if err != nil {
		return err
	}
	return tell(ctx, c.calls.keepDraft, c, keptDraft{key, d})
}

// Drafts are the messages that are being written, by their keys.
func (c *Client) Drafts(ctx context.Context) (map[string]activesync.Draft, error) {
	return c.calls.drafts.ask(ctx, c, nothing{})
}

// OpenDraft is a message in Drafts, to be gone on with.
func (c *Client) OpenDraft(ctx context.Context, item activesync.ItemID) (activesync.Draft, error) {
	return c.calls.openDraft.ask(ctx, c, ofItem{Item: item})
}

// DropDraft forgets a message that was sent or given up.
func (c *Client) DropDraft(ctx context.Context, key, stamp string) error {
	return tell(ctx, c.calls.dropDraft, c, keptDraft{key, activesync.Draft{Stamp: stamp}})
}

// TakeDraft takes a message out of the outbox, to be written on.
func (c *Client) TakeDraft(ctx context.Context, id activesync.OpID) (activesync.Draft, error) {
	t, err := c.calls.takeDraft.ask(ctx, c, ofOps{[]activesync.OpID{id}})
	return t.Draft, err
}

// Postpone changes when a message of the outbox is sent.
func (c *Client) Postpone(ctx context.Context, id activesync.OpID, due time.Time) error {
	return tell(ctx, c.calls.postpone, c, whenDue{id, due})
}

// one is the record that was made.
func (m made) one() activesync.OpID {
	if len(m.Ops) == 0 {
		return 0
	}
	return m.Ops[0]
}

// SendMIME puts a finished message into the journal, as it is read.
func (c *Client) SendMIME(ctx context.Context, account activesync.AccountID, due time.Time, mime io.Reader) (activesync.OpID, error) {
	q := url.Values{"account": {string(account)}, "due": {due.UTC().Format(time.RFC3339)}}
	answer, err := c.postStream(ctx, "send/mime?"+q.Encode(), mime)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var m made
	if err := json.NewDecoder(answer.Body).Decode(&m); err != nil {
		return 0, c.broken(ctx, "send", err)
	}
	return m.one(), nil
}

// Outbox are the journal records that are not carried out yet.
func (c *Client) Outbox(ctx context.Context, id activesync.AccountID) ([]activesync.Op, error) {
	return c.calls.outbox.ask(ctx, c, ofAccount{id})
}

// Retry has a parked record carried out once more.
func (c *Client) Retry(ctx context.Context, id activesync.OpID) error {
	return tell(ctx, c.calls.retry, c, ofOps{[]activesync.OpID{id}})
}

// Discard drops a journal record.
func (c *Client) Discard(ctx context.Context, id activesync.OpID) error {
	return tell(ctx, c.calls.discard, c, ofOps{[]activesync.OpID{id}})
}

// Sound reports what is wrong with what is kept on this machine.
func (c *Client) Sound(ctx context.Context) error { return tell(ctx, c.calls.sound, c, nothing{}) }

// Withheld are the items that the server removed in such numbers that the
// person has to decide, by folder.
func (c *Client) Withheld(ctx context.Context, id activesync.AccountID) ([]activesync.Withheld, error) {
	return c.calls.withheld.ask(ctx, c, ofAccount{id})
}

// Decide carries out what the person chose for the withheld items of a folder.
func (c *Client) Decide(ctx context.Context, folder activesync.FolderID, d activesync.Decision) error {
	return tell(ctx, c.calls.decide, c, decision{folder, d})
}

// Contacts are all people of an account, by name.
func (c *Client) Contacts(ctx context.Context, id activesync.AccountID) ([]activesync.ContactRow, error) {
	return c.calls.people.list.ask(ctx, c, ofAccount{id})
}

// Contact is one person with all fields.
func (c *Client) Contact(ctx context.Context, id activesync.ItemID) (activesync.Contact, error) {
	return c.calls.people.read.ask(ctx, c, ofItem{id})
}

// Agenda is what happens between two times. Series are expanded here, where it
// is known what time zone the person is in.
func (c *Client) Agenda(ctx context.Context, id activesync.AccountID, from, to time.Time) ([]activesync.Occurrence, error) {
	events, err := c.calls.events.ask(ctx, c, span{id, from, to})
	if err != nil {
		return nil, err
	}
	return calendar.Expand(events, from, to, from.Location()), nil
}

// Event is one event, of a series the whole.
func (c *Client) Event(ctx context.Context, id activesync.ItemID) (activesync.Event, error) {
	return c.calls.event.ask(ctx, c, ofItem{id})
}

// Presence is what the agent does and why.
func (c *Client) Presence(ctx context.Context) (activesync.Presence, error) {
	return c.calls.presence.ask(ctx, c, nothing{})
}

// Background is Settings › Background.
func (c *Client) Background(ctx context.Context) (activesync.Background, error) {
	return c.calls.background.ask(ctx, c, nothing{})
}

// SetBackground changes Settings › Background.
func (c *Client) SetBackground(ctx context.Context, b activesync.Background) error {
	return tell(ctx, c.calls.setBackground, c, b)
}

// Notifications is Settings › Notifications.
func (c *Client) Notifications(ctx context.Context) (activesync.Notifications, error) {
	return c.calls.notifications.ask(ctx, c, nothing{})
}

// SetNotifications changes Settings › Notifications and keeps it.
func (c *Client) SetNotifications(ctx context.Context, n activesync.Notifications) error {
	return tell(ctx, c.calls.setNotifications, c, n)
}
