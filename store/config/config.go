// Package config keeps what a person set up: the accounts and how the screens
// look, in a file that can also be edited by hand.
//
// It owns config.toml and the meaning of its keys, and holds no secret; the
// options of folders are in the store, because they belong to what the server
// has. It keeps nothing in memory. Its functions may be called from any goroutine
// and process; of two that Change the file at the same time each sees what the
// other did.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/wholefile"
	"github.com/pelletier/go-toml/v2"
)

// Config is the content of the file. The zero value is that of a new installation.
type Config struct {
	Accounts      []activesync.Account
	UI            UI
	Background    activesync.Background // the token of its topic is not kept here
	Notifications activesync.Notifications
	SMIME         []SMIME
}

// SMIME says where a key of the person for S/MIME lies: a certificate and its
// key, or a PKCS #12 file. The password of that is what a command prints.
type SMIME struct {
	Certificate     string   `toml:"certificate,omitempty"`
	Key             string   `toml:"key,omitempty"`
	PKCS12          string   `toml:"pkcs12,omitempty"`
	PasswordCommand []string `toml:"password_command,omitempty"`
}

// UI are the choices about the screens. The zero value is what a new
// installation has. It has the fields of ui.Settings, so that one converts to
// the other.
type UI struct {
	Theme   string `toml:"theme,omitempty"`   // "auto", "dark", "light" or "plain"
	Symbols string `toml:"symbols,omitempty"` // "auto", "unicode" or "ascii"
	// Rows is how many lines a message takes in the list, 1 to 3; 0 is as fits.
	Rows     int  `toml:"rows,omitempty"`
	MouseOff bool `toml:"mouse_off,omitempty"`
	BellOff  bool `toml:"bell_off,omitempty"`
	// ConversationsOff shows a row for each message.
	ConversationsOff bool `toml:"conversations_off,omitempty"`
	// UndoSend is how long a message can be taken back: "off" or a time such as
	// "10s", which it is where nothing is said.
	UndoSend string `toml:"undo_send,omitempty"`
	// Format is "markdown" where new messages are written in it, Quote "above"
	// where answers stand below what they quote.
	Format string `toml:"format,omitempty"`
	Quote  string `toml:"quote,omitempty"`
	// Language is the dictionary of the spelling program, its own choice when empty.
	Language string `toml:"language,omitempty"`
	// Signatures stand below new messages, ReplySignatures below answers, by account.
	Signatures      map[activesync.AccountID]string `toml:"signatures,omitempty,multiline"`
	ReplySignatures map[activesync.AccountID]string `toml:"reply_signatures,omitempty,multiline"`
	// Aliases are other addresses that a person writes from, by account.
	Aliases map[activesync.AccountID][]string `toml:"aliases,omitempty"`
	// Templates are texts for messages by name.
	Templates map[string]string `toml:"templates,omitempty"`
	// Keys replaces the keys of actions, by the action's name.
	Keys map[string][]string `toml:"keys,omitempty"`
	// Archive is the mailbox that archiving moves to, by account.
	Archive map[activesync.AccountID]activesync.FolderID `toml:"archive,omitempty"`
}

// file is the form of the file.
type file struct {
	UI            UI            `toml:"ui,omitempty"`
	Background    background    `toml:"background,omitempty"`
	Notifications notifications `toml:"notifications,omitempty"`
	Account       []account     `toml:"account,omitempty"`
	SMIME         []SMIME       `toml:"smime,omitempty"`
}

type account struct {
	ID     activesync.AccountID `toml:"id"`
	Name   string               `toml:"name,omitempty"`
	Email  string               `toml:"email"`
	Server string               `toml:"server,omitempty"`
	User   string               `toml:"user,omitempty"`
	Auth   string               `toml:"auth,omitempty"`
	CAFile string               `toml:"ca_file,omitempty"`

	// Of a sign-in by OAuth 2.0; without addresses it is that of Exchange Online.
	ClientID  string `toml:"oauth_client_id,omitempty"`
	Tenant    string `toml:"oauth_tenant,omitempty"`
	AuthURL   string `toml:"oauth_auth_url,omitempty"`
	TokenURL  string `toml:"oauth_token_url,omitempty"`
	DeviceURL string `toml:"oauth_device_url,omitempty"`
	Scope     string `toml:"oauth_scope,omitempty"`
}

// Error is something wrong in the file. Line and Column count from 1; they are
// 0 where what is wrong has no one place.
type Error struct {
	Path         string
	Line, Column int
	Reason       string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Reason)
}

// Load reads the file. Where there is none it gives the zero Config.
func Load(path string) (Config, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, b)
}

// Parse reads the content of a file; path is for its errors, which are *Error.
// A key that is not known is an error.
func Parse(path string, content []byte) (Config, error) {
	var f file
	err := toml.NewDecoder(bytes.NewReader(content)).DisallowUnknownFields().Decode(&f)
	if err != nil {
		return Config{}, locate(path, err)
	}
	c := Config{UI: f.UI, SMIME: f.SMIME}
	if c.Background, err = f.Background.setting(); err != nil {
		return Config{}, &Error{Path: path, Reason: err.Error()}
	}
	if c.Notifications, err = f.Notifications.setting(); err != nil {
		return Config{}, &Error{Path: path, Reason: err.Error()}
	}
	for _, a := range f.Account {
		c.Accounts = append(c.Accounts, activesync.Account{ID: a.ID, Name: a.Name, Email: a.Email, Server: a.Server,
			User: a.User, Auth: a.Auth, CAFile: a.CAFile,
			OAuth: activesync.OAuth{ClientID: a.ClientID, Tenant: a.Tenant, AuthURL: a.AuthURL, TokenURL: a.TokenURL, DeviceURL: a.DeviceURL, Scope: a.Scope}})
	}
	if err := c.check(); err != nil {
		return Config{}, &Error{Path: path, Reason: err.Error()}
	}
	return c, nil
}

// locate says where and what is wrong. It repeats keys, never values.
func locate(path string, err error) error {
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		e := &unknown.Errors[0]
		line, column := e.Position()
		return &Error{Path: path, Line: line, Column: column, Reason: fmt.Sprintf("unknown key %q", strings.Join(e.Key(), "."))}
	}
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := e.Position()
		return &Error{Path: path, Line: line, Column: column, Reason: strings.TrimPrefix(e.Error(), "toml: ")}
	}
	return &Error{Path: path, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
}

// check tells what the form of the file alone does not: whether the values
// make sense.
func (c Config) check() error {
	if err := oneOf("ui.theme", c.UI.Theme, "auto", "dark", "light", "plain"); err != nil {
		return err
	}
	if err := oneOf("ui.symbols", c.UI.Symbols, "auto", "unicode", "ascii"); err != nil {
		return err
	}
	if d, err := time.ParseDuration(c.UI.UndoSend); c.UI.UndoSend != "" && c.UI.UndoSend != "off" && (err != nil || d < 0 || d > time.Hour) {
		return errors.New("ui.undo_send is neither off nor a time such as 10s")
	}
	if err := oneOf("ui.format", c.UI.Format, "plain", "markdown"); err != nil {
		return err
	}
	if err := oneOf("ui.quote", c.UI.Quote, "above", "below"); err != nil {
		return err
	}
	if c.UI.Rows < 0 || c.UI.Rows > 3 {
		return errors.New("ui.rows is not one of 0, 1, 2, 3")
	}
	for i, k := range c.SMIME {
		if (k.PKCS12 != "") == (k.Certificate != "" || k.Key != "") || (k.Certificate == "") != (k.Key == "") {
			return fmt.Errorf("smime %d: name either certificate and key, or pkcs12", i+1)
		}
	}
	seen := map[activesync.AccountID]bool{}
	for i, a := range c.Accounts {
		name := fmt.Sprintf("account %d", i+1)
		if !validID(a.ID) {
			return fmt.Errorf("%s: id is not made of lower-case letters and digits", name)
		}
		if seen[a.ID] {
			return fmt.Errorf("%s: id %q is used twice", name, a.ID)
		}
		seen[a.ID] = true
		if !strings.Contains(a.Email, "@") {
			return fmt.Errorf("account %q: email is not an address", a.ID)
		}
		if err := oneOf("auth", a.Auth, activesync.AuthBasic, activesync.AuthOAuth); err != nil {
			return fmt.Errorf("account %q: %w", a.ID, err)
		}
		if u, err := url.Parse(a.Server); a.Server != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
			return fmt.Errorf("account %q: server is not an https address", a.ID)
		} else if err == nil && u.User != nil {
			return fmt.Errorf("account %q: server holds a name or a password; neither belongs there", a.ID)
		}
	}
	return nil
}

// oneOf accepts the words and nothing at all.
func oneOf(key, value string, words ...string) error {
	if value == "" {
		return nil
	}
	for _, w := range words {
		if value == w {
			return nil
		}
	}
	return fmt.Errorf("%s is not one of %s", key, strings.Join(words, ", "))
}

func validID(id activesync.AccountID) bool {
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return id != ""
}

// Change has change make something else of what is in the file. Nobody else does
// so meanwhile, in this process or another; an error of change leaves the file.
func Change(path string, change func(*Config) error) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	lock, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	defer lock.Close()
	// The file is replaced, so it is the directory that is locked. Some file systems
	// know no locks; there the last one wins.
	_ = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
	c, err := Load(path)
	if err != nil {
		return err
	}
	if err := change(&c); err != nil {
		return err
	}
	return Save(path, c)
}

// Save writes the file so that at any moment the old or the new one is there
// whole. Only its owner can read it.
func Save(path string, c Config) error {
	if err := c.check(); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	b, err := encode(c)
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	old, err := os.ReadFile(path)
	if err == nil {
		if b, err = keepComments(old, b); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
	}
	if err := wholefile.Replace(path, b); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

func encode(c Config) ([]byte, error) {
	f := file{UI: c.UI, Background: newBackground(c.Background), Notifications: newNotifications(c.Notifications), SMIME: c.SMIME}
	for _, a := range c.Accounts {
		f.Account = append(f.Account, account{ID: a.ID, Name: a.Name, Email: a.Email, Server: a.Server, User: a.User, Auth: a.Auth, CAFile: a.CAFile,
			ClientID: a.OAuth.ClientID, Tenant: a.OAuth.Tenant, AuthURL: a.OAuth.AuthURL, TokenURL: a.OAuth.TokenURL, DeviceURL: a.OAuth.DeviceURL, Scope: a.OAuth.Scope})
	}
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).SetTablesInline(false).Encode(f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
