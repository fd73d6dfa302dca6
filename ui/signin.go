package ui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
	"eas.example/securemail/ui/term"
)

// SignInErrand is what a person does elsewhere to sign in: a page in a browser of
// this machine, or a code to type at a page on any device.
type SignInErrand struct {
	Page  string
	Code  string
	Until time.Time // zero where the server did not say
}

// signInWay is how an account signs in.
type signInWay int

const (
	byPassword signInWay = iota
	byBrowser
	byCode
	signInWays
)

func (w signInWay) name() string {
	return [...]string{"By password", "In the browser", "By a code, on any device"}[w]
}

// signer is a backend whose accounts can sign in anew.
type signer interface {
	// SignIn waits for the network.
	SignIn(ctx context.Context, account activesync.Account, secret string) error
}

// errand is shown while the person signs in elsewhere.
type errand struct {
	SignInErrand
	title  string
	cancel context.CancelFunc
	box    rect
	zones  []zone // of the words that can be clicked, in the last line
}

// signInElsewhere has the person sign in in a browser or by a code, and goes on
// with what that gave.
func (a *App) signInElsewhere(account activesync.Account, way signInWay, then func(a *App, secret string, err error) tea.Cmd) tea.Cmd {
	ctx, cancel := context.WithCancel(a.ctx)
	e := &errand{title: "Sign in to " + clean(account.Email), cancel: cancel}
	shown := make(chan SignInErrand, 1)
	show := a.call(forever, func(context.Context) answer {
		select {
		case what := <-shown:
			return func(a *App) tea.Cmd {
				if ctx.Err() == nil {
					e.SignInErrand = what
				}
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	})
	signIn := a.deps.SignIn
	wait := a.call(forever, func(context.Context) answer {
		secret, err := signIn(ctx, account, way == byCode, func(what SignInErrand) {
			select {
			case shown <- what:
			case <-ctx.Done():
			}
		})
		return func(a *App) tea.Cmd {
			cancel()
			a.drop(e)
			return then(a, secret, err)
		}
	})
	return tea.Batch(a.push(e), show, wait)
}

// drop closes an overlay wherever it lies.
func (a *App) drop(o overlay) {
	for i := len(a.overlays) - 1; i >= 0; i-- {
		if a.overlays[i] == o {
			a.overlays = append(a.overlays[:i], a.overlays[i+1:]...)
		}
	}
}

func (e *errand) key(a *App, _ tea.KeyMsg, name string) tea.Cmd {
	switch name {
	case "esc":
		e.cancel() // what waits closes this
	case "o", "enter":
		return e.open(a)
	case "c":
		return e.copy(a)
	}
	return nil
}

func (e *errand) open(a *App) tea.Cmd {
	if e.Page == "" || a.deps.Open == nil {
		return nil
	}
	if err := a.deps.Open(e.Page); err != nil {
		return tea.Batch(term.Copy(e.Page), a.fail("Not opened, but copied", err))
	}
	return nil
}

func (e *errand) copy(a *App) tea.Cmd {
	if e.Page == "" {
		return nil
	}
	return tea.Batch(term.Copy(e.Page), a.say("Copied: "+clean(e.Page)))
}

func (e *errand) click(a *App, x, y int) tea.Cmd {
	for i, z := range e.zones {
		if y == e.box.h-2 && x >= z.from && x < z.to {
			return [...]func(*App) tea.Cmd{e.open, e.copy, func(*App) tea.Cmd { e.cancel(); return nil }}[i](a)
		}
	}
	return nil
}

func (e *errand) wheel(*App, int) tea.Cmd { return nil }

func (e *errand) draw(a *App) box {
	most, _ := a.boxRoom()
	width := min(68, most)
	var lines []string
	line := func() *style.Line { return a.theme.Line(width, style.Overlay) }
	words := func(r style.Role, text string) {
		for _, w := range wrap(text, width-4) {
			lines = append(lines, line().Skip(2).Put(r, w).String())
		}
	}
	blank := func() { lines = append(lines, line().String()) }
	blank()
	switch {
	case e.Page == "":
		words(style.Dim, "The sign-in is prepared"+a.theme.Ellipsis)
	case e.Code != "":
		words(style.Text, "Open this page on any device:")
		blank()
		words(style.Accent, clean(e.Page))
		blank()
		words(style.Text, "and type this code there:")
		blank()
		words(style.Strong, clean(e.Code))
		if !e.Until.IsZero() {
			blank()
			words(style.Dim, "It can be used until "+a.clock(e.Until)+".")
		}
	default:
		words(style.Text, "Sign in on this page, in a browser of this machine:")
		blank()
		words(style.Accent, clean(e.Page))
	}
	blank()
	e.zones = e.zones[:0]
	l := line().Skip(2)
	for _, k := range [...][2]string{{"o", "open"}, {"c", "copy"}, {"esc", "cancel"}} {
		from := width - l.Room() + 1
		l.Put(style.Strong, k[0]).Skip(1).Put(style.Dim, k[1])
		e.zones = append(e.zones, zone{from: from, to: width - l.Room() + 1})
		l.Skip(3)
	}
	lines = append(lines, l.String())
	b := a.framed(e.title, lines, width, false)
	e.box = b.rect
	return b
}

// signInAgain lets the person choose how an account signs in from now on.
func (a *App) signInAgain(c *account) tea.Cmd {
	k, ok := a.backend.(signer)
	if !ok {
		return nil
	}
	if a.deps.SignIn == nil {
		return a.askPassword(k, c.Account)
	}
	ways := []signInWay{byPassword, byBrowser, byCode}
	return pick(a, "Sign in to "+clean(c.Name), ways, signInWay.name, func(w signInWay) bool { return (w == byBrowser) == (c.Auth == activesync.AuthOAuth) && w != byCode },
		func(a *App, w signInWay) tea.Cmd {
			switch {
			case w == byPassword:
				return a.askPassword(k, c.Account)
			case c.OAuth.ClientID == "":
				return a.askApp(c.Account, func(a *App, account activesync.Account) tea.Cmd { return a.signInAs(k, account, w) })
			}
			return a.signInAs(k, c.Account, w)
		})
}

func (a *App) askPassword(k signer, account activesync.Account) tea.Cmd {
	account.Auth = activesync.AuthBasic
	return a.prompt(&prompt{title: "Sign in to " + clean(account.Email), label: "The password. It is tried, and kept if it works.", field: edit.NewField(""), secret: true,
		check: func(s string) string {
			if s == "" {
				return "Type the password."
			}
			return ""
		},
		do: func(a *App, password string) tea.Cmd { return a.signInWith(k, account, password) }})
}

// askApp asks for the app registration, which an account of before may not name.
func (a *App) askApp(account activesync.Account, then func(*App, activesync.Account) tea.Cmd) tea.Cmd {
	return a.prompt(&prompt{title: "Sign in to " + clean(account.Email), label: appHint, field: edit.NewField(""),
		check: func(s string) string {
			if s == "" {
				return "Type the id."
			}
			return ""
		},
		do: func(a *App, id string) tea.Cmd {
			account.OAuth.ClientID = id
			return then(a, account)
		}})
}

const appHint = "The id of an app registration that may use ActiveSync, from your administrator or made by you in Entra (see the README, Exchange Online)."

func (a *App) signInAs(k signer, account activesync.Account, way signInWay) tea.Cmd {
	account.Auth = activesync.AuthOAuth
	return a.signInElsewhere(account, way, func(a *App, secret string, err error) tea.Cmd {
		if err != nil {
			return a.fail("Not signed in", err)
		}
		return a.signInWith(k, account, secret)
	})
}

func (a *App) signInWith(k signer, account activesync.Account, secret string) tea.Cmd {
	return tea.Batch(a.say("Signing in"+a.theme.Ellipsis), a.call(network, func(ctx context.Context) answer {
		err := k.SignIn(ctx, account, secret)
		return func(a *App) tea.Cmd {
			switch {
			case err == nil:
				return tea.Batch(a.say("Signed in."), a.readAccounts())
			case errors.Is(err, context.Canceled):
				return nil
			}
			return tea.Batch(a.tell(note{text: "Not signed in: " + refusal(err), alert: true}), a.readAccounts())
		}
	}))
}
