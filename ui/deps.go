package ui

import (
	"context"
	"io"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message/smime"
)

// Deps is what the screens need from outside. Only Backend must be set.
type Deps struct {
	Backend Backend
	// Settings are how the person wants it to look; Save keeps a change of them.
	// A nil Save makes them last as long as the screen.
	Settings Settings
	Save     func(Settings) error
	Version  string
	// Getenv reads the environment: NO_COLOR, TERM, LANG, EDITOR. Nil is os.Getenv.
	Getenv func(string) string
	// Location is where the person is. Nil is time.Local.
	Location *time.Location
	// Open hands a link to a browser. Nil shows the link instead.
	Open func(url string) error
	// SignIn has the person sign in in a browser, or by a code on another device, and
	// returns what is kept for the account; show tells what to do there. Nil offers
	// passwords only.
	SignIn func(ctx context.Context, account activesync.Account, device bool, show func(SignInErrand)) (secret string, err error)
	// Fetch gets a picture from elsewhere, when the person asks for it. Nil
	// fetches none.
	Fetch func(ctx context.Context, address string) ([]byte, error)
	// Scratch is the directory for files of the editor, which are removed after
	// use. Empty is the system's directory for temporary files.
	Scratch string
	// SaveFile writes a file of that name into dir, under another name where
	// there is one already, whole or not at all. Nil offers no saving.
	SaveFile func(dir, name string, write func(io.Writer) error) (path string, err error)
	// Downloads is where attachments are saved unless the person says otherwise.
	// Empty is the working directory.
	Downloads string
	// External reports whether an address lies outside the organisation, as far
	// as that named its own. Nil is none.
	External func(address string) bool
	// Speller is the program that finds misspelt words and its arguments, which
	// speaks as ispell -a does; empty where there is none.
	Speller []string
	// Forbidden says why a policy forbids what needs it, "" when it does not.
	// Nil forbids nothing.
	Forbidden func(policy string) string
	// Keys are the person's keys for S/MIME; with an error those that could be
	// read. Nil is none.
	Keys func() ([]smime.Key, error)
	// MailKeys sets those keys up. Nil leaves that to the configuration file.
	MailKeys MailKeys
	// GPG is the path of gpg, "" where there is none; Environ the environment
	// that it gets.
	GPG     string
	Environ []string
	// QuitAll ends the background process too. Nil where there is none.
	QuitAll func() error
	// First is what the screens are asked to do when they open, such as to show a
	// message.
	First activesync.Alert
	// Notice is shown when the screens open, such as what the demo is.
	Notice string
}

// Settings are the person's choices about the screens. The zero value is what
// a new installation has.
type Settings struct {
	Theme   string `toml:"theme,omitempty" json:"theme,omitempty"`     // "auto", "dark", "light" or "plain"
	Symbols string `toml:"symbols,omitempty" json:"symbols,omitempty"` // "auto", "unicode" or "ascii"
	// Rows is how many lines a message takes in the list, 1 to 3; 0 is as fits.
	Rows     int  `toml:"rows,omitempty" json:"rows,omitempty"`
	MouseOff bool `toml:"mouse_off,omitempty" json:"mouseOff,omitempty"`
	BellOff  bool `toml:"bell_off,omitempty" json:"bellOff,omitempty"`
	// ConversationsOff shows a row for each message.
	ConversationsOff bool `toml:"conversations_off,omitempty" json:"conversationsOff,omitempty"`
	// UndoSend is how long a message can be taken back: "off" or a time such as
	// "10s", which it is where nothing is said.
	UndoSend string `toml:"undo_send,omitempty" json:"undoSend,omitempty"`
	// Format is "markdown" where new messages are written in it, Quote "above"
	// where answers stand below what they quote.
	Format string `toml:"format,omitempty" json:"format,omitempty"`
	Quote  string `toml:"quote,omitempty" json:"quote,omitempty"`
	// Language is the dictionary of the spelling program, its own choice when empty.
	Language string `toml:"language,omitempty" json:"language,omitempty"`
	// Signatures stand below new messages, ReplySignatures below answers, by account.
	Signatures      map[activesync.AccountID]string `toml:"signatures,omitempty,multiline" json:"signatures,omitempty"`
	ReplySignatures map[activesync.AccountID]string `toml:"reply_signatures,omitempty,multiline" json:"replySignatures,omitempty"`
	// Aliases are other addresses that a person writes from, by account.
	Aliases map[activesync.AccountID][]string `toml:"aliases,omitempty" json:"aliases,omitempty"`
	// Templates are texts for messages by name.
	Templates map[string]string `toml:"templates,omitempty" json:"templates,omitempty"`
	// Keys replaces the keys of actions, by the action's name in the table.
	Keys map[string][]string `toml:"keys,omitempty" json:"keys,omitempty"`
	// Archive is the mailbox that e moves to, by account.
	Archive map[activesync.AccountID]activesync.FolderID `toml:"archive,omitempty" json:"archive,omitempty"`
}
