package cli

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
)

// printJSON writes one value and a line end.
func (a *app) printJSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if _, err := a.stdout.Write(escapeControls(b.Bytes())); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// escapeControls writes with escapes what JSON may hold as it is and what
// steers a terminal all the same: DEL, the C1 controls, and the marks that
// change the direction of text. The value stays the same.
func escapeControls(b []byte) []byte {
	steers := func(r rune) bool {
		return r >= 0x7F && r <= 0x9F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
	}
	if bytes.IndexFunc(b, steers) < 0 {
		return b
	}
	out := make([]byte, 0, len(b)+16)
	for _, r := range string(b) {
		if steers(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// line prints cells of a table separated by two blanks, cleaned of what could
// steer the terminal.
func (a *app) line(format string, args ...any) error {
	for i, v := range args {
		switch s := v.(type) {
		case string:
			args[i] = message.Clean(s)
		case error:
			args[i] = message.Clean(s.Error())
		}
	}
	if _, err := fmt.Fprintf(a.stdout, format+"\n", args...); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// isTerminal reports whether a person looks at what is written to w.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// localTime is how a person reads a time.
func localTime(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// report says what went wrong, and what can be done about it, on stderr.
func (a *app) report(cmd *cobra.Command, err error) {
	if err == nil || errors.Is(err, errInterrupted) {
		return
	}
	// Most of what is refused never gets to the server.
	text := strings.Replace(message.Clean(err.Error()), activesync.ErrRejected.Error()+": ", "", 1)
	if rest := activesync.Unreached(text); errors.Is(err, activesync.ErrUnreachable) && rest != text {
		// What was asked for, not by which steps.
		what, _, _ := strings.Cut(text, ": ")
		text = what + ": " + rest
	}
	if hint := hint(err); hint != "" {
		text += "\n" + hint
	}
	io.WriteString(a.stderr, "securemail: "+strings.TrimSpace(text)+"\n")
	var wrong usageError
	if errors.As(err, &wrong) {
		io.WriteString(a.stderr, "Try: "+cmd.CommandPath()+" --help\n")
	}
}

// numberOf is a number of things: 1 folder, 2 folders.
func numberOf[N int | int64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// hint is the next step a person can take.
func hint(err error) string {
	switch {
	case errors.Is(err, activesync.ErrSignIn):
		return "Sign in again: securemail account sign-in NAME."
	case offersOAuth(err):
		return "This server may be signed in to by OAuth 2.0 only: --auth oauth2 --client-id ID; see the README, Exchange Online."
	case errors.Is(err, activesync.ErrAuth):
		return "Check the name and the password: securemail account check. It is not tried again by itself, so that the account is not locked."
	case errors.Is(err, activesync.ErrPassphrase):
		return "Nothing was changed. Try again."
	case errors.Is(err, activesync.ErrLocked):
		return "Nothing is lost. securemail key unlock asks for the key again."
	case unknownAuthority(err):
		return "If the certificate is your organisation's own, give it with --ca-file FILE."
	case errors.Is(err, activesync.ErrUnreachable):
		return "Check the network and the server's address: securemail account list."
	case errors.Is(err, activesync.ErrNotActiveSync):
		return "Check the server's address; it usually ends in /Microsoft-Server-ActiveSync."
	case errors.Is(err, activesync.ErrForbidden):
		return "Ask your administrator to allow this device for Exchange ActiveSync" + deviceOf(err) + "."
	case errors.Is(err, activesync.ErrNoServer):
		return "Ask your administrator for the server's name and give it with --server."
	case errors.Is(err, agent.ErrInUse):
		return "A demo has its directory for itself: leave it, or take another one with --data. An account's background process is ended by securemail agent stop."
	case errors.Is(err, agent.ErrOtherPerson):
		return "Nothing was said to it. Set XDG_RUNTIME_DIR to a directory of yours, or have that user remove theirs."
	case errors.Is(err, activesync.ErrQuota):
		return "Delete something, or empty Deleted Items."
	case errors.Is(err, activesync.ErrNoItem):
		return "The ids of messages are shown by securemail list, those of people and events by contacts list and calendar list."
	case errors.Is(err, agent.ErrNoAccount):
		return "Which there are: securemail account list."
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

func offersOAuth(err error) bool {
	e, ok := errors.AsType[*activesync.HTTPError](err)
	return ok && e.Bearer
}

func unknownAuthority(err error) bool {
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

// day formats a date for --from and --to.
const dayFormat = "2006-01-02"

func parseDay(s string) (time.Time, error) {
	t, err := time.ParseInLocation(dayFormat, s, time.Local)
	if err != nil {
		return time.Time{}, usage(fmt.Errorf("%q is not a date such as 2026-11-24", s))
	}
	return t, nil
}
