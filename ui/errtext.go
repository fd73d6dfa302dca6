package ui

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"unicode/utf8"

	"eas.example/securemail/activesync"
)

// explain puts an error into words a person can act on: what is the matter,
// and what to do next.
func explain(err error) string {
	if err == nil {
		return ""
	}
	for _, e := range explanations() {
		if errors.Is(err, e.is) {
			return e.text(err)
		}
	}
	return sentence(err.Error())
}

type explanation struct {
	is   error
	text func(error) string
}

func explanations() []explanation {
	fixed := func(s string) func(error) string { return func(error) string { return s } }
	return []explanation{
		{activesync.ErrSignIn, func(err error) string {
			_, why, _ := strings.Cut(err.Error(), activesync.ErrSignIn.Error()+": ")
			return "You have to sign in again (Settings, Accounts): " + why + "."
		}},
		{activesync.ErrAuth, fixed("The server refuses the name or the password. Check both; it is not tried again by itself, so that the account is not locked.")},
		{activesync.ErrForbidden, func(err error) string {
			why := ""
			if s, ok := errors.AsType[*activesync.StatusError](err); ok {
				why = ": " + activesync.StatusText(s.Command, s.Code)
			}
			return "The server knows you but does not let this device use ActiveSync" + why + ". Ask your administrator to allow it" + deviceOf(err) + "."
		}},
		{activesync.ErrWipe, fixed("Your organisation has this account erased from this machine. Ask your administrator if that is a mistake.")},
		{activesync.ErrNotActiveSync, func(err error) string {
			return "What answers there is not an ActiveSync server" + host(err) + ". Check the server's name."
		}},
		{activesync.ErrNoServer, func(err error) string {
			said := "No ActiveSync server could be found for this address"
			if _, why, ok := strings.Cut(err.Error(), activesync.ErrNoServer.Error()+": "); ok {
				return said + ": " + why + "."
			}
			return said + ". Ask your administrator for the server's name and enter it."
		}},
		{activesync.ErrUnreachable, func(err error) string {
			return "The server cannot be reached: " + cause(err) + ". Check the network and the server's name; it is tried again by itself."
		}},
		{activesync.ErrTruncated, fixed("The answer of the server was cut off; nothing of it counts. It is tried again.")},
		{activesync.ErrBusy, fixed("The server is busy or faulty. It is tried again later.")},
		{activesync.ErrProvision, fixed("The server wants its policies acknowledged first. See Settings, Policies.")},
		{activesync.ErrPolicy, func(err error) string { return "A policy forbids it. " + sentence(trimmed(err, activesync.ErrPolicy)) }},
		{activesync.ErrQuota, fixed("The mailbox is full. Delete something on the server, then try again.")},
		{activesync.ErrAlreadySent, fixed("The message was sent already.")},
		{activesync.ErrOutgoing, fixed("It waits in the Outbox. Take it back there to change it.")},
		{activesync.ErrNotFound, fixed("It is no longer on the server.")},
		{activesync.ErrNoItem, fixed("It is no longer here.")},
		{activesync.ErrFolderGone, fixed("The mailboxes have changed on the server; they are read again.")},
		{activesync.ErrRejected, func(err error) string { return sentence(trimmed(err, activesync.ErrRejected)) }},
		{activesync.ErrPassphrase, fixed("That is not the passphrase.")},
		{activesync.ErrLocked, func(err error) string {
			return "What is kept here is locked: " + trimmed(err, activesync.ErrLocked) + "."
		}},
		{context.DeadlineExceeded, fixed("It took too long. Try again.")},
		{os.ErrPermission, func(err error) string { return "No permission: " + pathOf(err) + "." }},
		{os.ErrNotExist, func(err error) string { return "There is no " + pathOf(err) + "." }},
	}
}

// trimmed is the text of err without that of what it wraps.
func trimmed(err, inner error) string {
	s := strings.TrimPrefix(err.Error(), inner.Error())
	if s = strings.TrimLeft(s, ": "); s == "" {
		return inner.Error()
	}
	return s
}

// cause is why a server cannot be reached: what stands behind those words in the
// text of err, not what was being done. Where nothing does, what stands before them.
func cause(err error) string {
	before, s, _ := strings.Cut(err.Error(), activesync.ErrUnreachable.Error())
	return cmp.Or(strings.Trim(s, ": \n"), strings.Trim(before, ": \n"), "no answer")
}

func host(err error) string {
	if e, ok := errors.AsType[*activesync.HTTPError](err); ok && e.Host != "" {
		return " at " + e.Host
	}
	return ""
}

// deviceOf is the id by which the server knows this device.
func deviceOf(err error) string {
	if e, ok := errors.AsType[*activesync.DeviceError](err); ok {
		return "; its id is " + e.ID
	}
	return ""
}

func pathOf(err error) string {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Path
	}
	return "such file"
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if c := s[0]; c >= 'a' && c <= 'z' {
		s = string(c-'a'+'A') + s[1:]
	}
	if last, _ := utf8.DecodeLastRuneInString(s); strings.ContainsRune(".!?…", last) {
		return s
	}
	return s + "."
}
