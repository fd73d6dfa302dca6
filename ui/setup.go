package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
)

// The fields of the set-up in their order, and the button behind them.
const (
	emailField = iota
	passwordField
	serverField
	userField
	nameField
	appField
	tenantField
	wayRow
	signButton
)

// setup is the form in which an account is set up. Nothing is asked of any
// server before the person signs in.
type setup struct {
	more   bool // there is an account already
	fields [wayRow]*edit.Field
	way    signInWay
	ways   bool // there is more than passwords
	at     int
	wrong  string // why it did not work
	busy   bool   // an answer is awaited
	cancel context.CancelFunc
	quit   bool // the person does not want to wait

	spots []spot // what can be clicked, as drawn last
}

// spot is a line of the form that belongs to a field.
type spot struct{ y, field int }

// openSetup shows the form; more says that it is for one more account.
func (a *App) openSetup(more bool) {
	s := &setup{more: more, ways: a.deps.SignIn != nil}
	if !more {
		s.wrong = a.erased
	}
	for i := range s.fields {
		s.fields[i] = edit.NewField("")
	}
	a.setup = s
}

func (s *setup) key(a *App, k tea.KeyMsg, name string) tea.Cmd {
	if s.busy {
		if name == "esc" {
			s.quit = true
			s.cancel()
		}
		return nil
	}
	switch name {
	case "tab", "down":
		s.step(1)
	case "shift+tab", "up":
		s.step(-1)
	case "enter":
		if s.at != nameField && s.at != signButton {
			s.step(1)
			return nil
		}
		return s.signIn(a)
	case "esc":
		return s.close(a)
	default:
		switch {
		case s.at == signButton && name == "space":
			return s.signIn(a)
		case s.at == wayRow:
			s.turn(name)
		case s.at < wayRow && typeInto(s.fields[s.at], k, name):
			s.wrong = ""
		}
	}
	return nil
}

func (s *setup) paste(text string) {
	if s.at < wayRow && !s.busy {
		s.fields[s.at].Insert(strings.Trim(strings.ReplaceAll(text, "\t", " "), "\r\n"))
		s.wrong = ""
	}
}

// rows are what the form asks for, in the order it does.
func (s *setup) rows() []int {
	rows := []int{emailField, passwordField, serverField, userField, nameField}
	if s.way != byPassword {
		rows = []int{emailField, appField, tenantField, serverField, nameField}
	}
	if s.ways {
		rows = append(rows, wayRow)
	}
	return append(rows, signButton)
}

// step goes to the next row, or the one before.
func (s *setup) step(n int) {
	rows := s.rows()
	i := slices.Index(rows, s.at)
	s.at = rows[(i+n+len(rows))%len(rows)]
}

// turn chooses another way to sign in.
func (s *setup) turn(key string) {
	switch key {
	case "space", "right", "l":
		s.way = (s.way + 1) % signInWays
	case "left", "h":
		s.way = (s.way + signInWays - 1) % signInWays
	}
	s.wrong = ""
}

// begun reports whether anything was typed.
func (s *setup) begun() bool {
	return slices.ContainsFunc(s.fields[:], func(f *edit.Field) bool { return f.Text() != "" })
}

// close leaves the form. On the first start there is nothing else, so that it
// asks whether to leave the program.
func (s *setup) close(a *App) tea.Cmd {
	shut := func(a *App) tea.Cmd {
		a.setup = nil
		return a.arrange()
	}
	switch {
	case !s.more:
		return a.ask(question{title: "Leave securemail?", text: "No account is set up yet. The form comes again at the next start.",
			yes: "Leave", no: "Stay", do: (*App).leave})
	case s.begun():
		return a.ask(question{title: "Give it up?", text: "What was typed here is not kept.", yes: "Give it up", no: "Go on", do: shut})
	}
	return shut(a)
}

// missing says what has to be typed before one can sign in, and where.
func (s *setup) missing() (why string, field int) {
	email := strings.TrimSpace(s.fields[emailField].Text())
	before, after, _ := strings.Cut(email, "@")
	switch {
	case email == "":
		return "Type your e-mail address.", emailField
	case before == "" || after == "":
		return "This is not an e-mail address: " + email, emailField
	case s.way != byPassword && strings.TrimSpace(s.fields[appField].Text()) == "":
		return "Type the id of the app registration.", appField
	case s.way == byPassword && s.fields[passwordField].Text() == "":
		return "Type the password.", passwordField
	}
	return "", 0
}

// serverURL completes what a person types as the server: the name is enough,
// and nothing where the server is to be found by the address.
func serverURL(typed string) string {
	if strings.TrimSpace(typed) == "" {
		return ""
	}
	scheme, rest, ok := strings.Cut(strings.TrimSpace(typed), "://")
	if !ok {
		scheme, rest = "https", scheme
	}
	if rest = strings.TrimSuffix(rest, "/"); !strings.Contains(rest, "/") {
		rest += "/Microsoft-Server-ActiveSync"
	}
	return scheme + "://" + rest
}

// account is what was typed.
func (s *setup) account() activesync.Account {
	text := func(i int) string { return strings.TrimSpace(s.fields[i].Text()) }
	account := activesync.Account{Email: text(emailField), Server: serverURL(text(serverField)), Name: text(nameField)}
	if s.way == byPassword {
		account.User = text(userField)
		return account
	}
	account.Auth, account.OAuth = activesync.AuthOAuth, activesync.OAuth{ClientID: text(appField), Tenant: text(tenantField)}
	return account
}

// signIn has the account tried and kept.
func (s *setup) signIn(a *App) tea.Cmd {
	if s.wrong, s.at = s.missing(); s.wrong != "" {
		return nil
	}
	if s.way == byPassword {
		return s.tryIt(a, s.fields[passwordField].Text())
	}
	s.at = signButton
	return a.signInElsewhere(s.account(), s.way, func(a *App, secret string, err error) tea.Cmd {
		switch {
		case a.setup != s:
			return nil
		case errors.Is(err, context.Canceled):
			s.wrong = "Cancelled. Nothing was kept."
		case err != nil:
			s.refused(err)
		default:
			return s.tryIt(a, secret)
		}
		return nil
	})
}

// tryIt has the account tried with what it signs in with.
func (s *setup) tryIt(a *App, password string) tea.Cmd {
	s.busy, s.quit, s.at = true, false, signButton
	wanted, cancel := context.WithCancel(a.ctx)
	s.cancel = cancel
	b, account := a.backend, s.account()
	return a.call(network, func(ctx context.Context) answer {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(wanted, stop)()
		added, err := b.AddAccount(ctx, account, password)
		return func(a *App) tea.Cmd {
			cancel()
			s.busy = false
			if err == nil {
				return a.signedIn(added)
			}
			s.refused(err)
			return nil
		}
	})
}

// refused says why it did not work, and goes to the field that may be wrong.
// Nothing is tried again by itself.
func (s *setup) refused(err error) {
	switch {
	case s.quit && errors.Is(err, context.Canceled):
		s.wrong = "Cancelled. Nothing was kept."
		return
	case s.ways && s.way == byPassword && offersOAuth(err):
		s.way, s.at = byBrowser, appField
		s.wrong = "This server may take no passwords: it offers to sign in in the browser. " + appHint
		return
	case errors.Is(err, activesync.ErrAuth) && s.way == byPassword:
		s.at = passwordField
	case errors.Is(err, activesync.ErrUnreachable), errors.Is(err, activesync.ErrNotActiveSync), errors.Is(err, activesync.ErrNoServer):
		s.at = serverField
	}
	s.wrong = clean(refusal(err))
}

// offersOAuth reports whether a refused password was not the only way.
func offersOAuth(err error) bool {
	e, ok := errors.AsType[*activesync.HTTPError](err)
	return ok && e.Bearer
}

// refusal is explain for a sign-in, of which nothing is tried again by itself.
func refusal(err error) string {
	switch {
	case errors.Is(err, activesync.ErrSignIn):
		_, why, _ := strings.Cut(err.Error(), activesync.ErrSignIn.Error()+": ")
		return "The sign-in is refused: " + why + "."
	case errors.Is(err, activesync.ErrAuth), errors.Is(err, activesync.ErrForbidden), errors.Is(err, activesync.ErrNotActiveSync):
	case errors.Is(err, activesync.ErrUnreachable):
		return "The server cannot be reached: " + cause(err) + ". Check the network and the server's name, then sign in again."
	case errors.Is(err, activesync.ErrTruncated):
		return "The answer of the server was cut off. Sign in again."
	case errors.Is(err, activesync.ErrBusy):
		return "The server is busy or faulty. Sign in again later."
	case errors.Is(err, activesync.ErrProvision):
		return "The server wants its policies acknowledged and did not take the answer. Ask your administrator."
	}
	return explain(err)
}

// signedIn goes to the mail of the new account. Reads that began before it was
// there do not count any more.
func (a *App) signedIn(added activesync.Account) tea.Cmd {
	a.setup = nil
	a.reload.gen++
	b, gen := a.backend, a.reload.gen
	read := a.call(quick, func(ctx context.Context) answer {
		accounts, err := readAll(ctx, b)
		return func(a *App) tea.Cmd {
			switch {
			case err != nil:
				return a.fail("", err)
			case gen != a.reload.gen:
				return nil
			}
			return tea.Batch(a.haveAccounts(accounts), a.openInboxOf(added.ID))
		}
	})
	return tea.Batch(a.goTo(mailScreen), read, a.say("Signed in. Mail comes from the server now, the newest first."))
}

// openInboxOf opens the Inbox of an account.
func (a *App) openInboxOf(id activesync.AccountID) tea.Cmd {
	c := a.account(id)
	if c == nil {
		return nil
	}
	if f := c.ofType(activesync.FolderInbox); f != nil {
		return a.mail.openFolder(a, f.ID)
	}
	return nil
}
