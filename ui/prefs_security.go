package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// keyPrefs is what Settings › Security knows of what holds the key.
type keyPrefs struct {
	known bool
	busy  bool // a change is under way
	state activesync.KeyState
	err   string
	lane  lane
}

// openSecurity opens Settings at Security.
func (a *App) openSecurity() tea.Cmd { return a.prefs.show(a, securitySection) }

func (g *keyPrefs) load(a *App) tea.Cmd {
	k, ok := a.backend.(keyKeeper)
	if !ok {
		return nil
	}
	return a.read(&g.lane, quick, func(ctx context.Context) answer {
		s, err := k.Key(ctx)
		return func(a *App) tea.Cmd {
			g := &a.prefs.key
			if g.known, g.err = err == nil, ""; err != nil {
				g.err = explain(err)
			} else {
				g.state = s
			}
			a.prefs.rebuild(a)
			return nil
		}
	})
}

// holderName is what a holder is called.
func holderName(h activesync.KeyHolder) string {
	return map[activesync.KeyHolder]string{activesync.KeyInKeyring: "Keyring", activesync.KeyByPassphrase: "Passphrase",
		activesync.KeyByCommand: "Command", activesync.KeyInFile: "Key file"}[h]
}

// securityRows are the section Security.
func (p *prefs) securityRows(a *App, s *prefSheet) {
	p.sealRows(a, s)
	p.mailKeyRows(a, s)
}

// loadSecurity reads what the section Security shows.
func (p *prefs) loadSecurity(a *App) tea.Cmd { return tea.Batch(p.key.load(a), p.mailKeys.load(a)) }

// sealRows say what holds the key of this machine.
func (p *prefs) sealRows(a *App, s *prefSheet) {
	g := &p.key
	s.lead("Mail, contacts, events, drafts and passwords are kept sealed on this machine, under one key. What holds that key can be changed at any time.")
	switch {
	case g.err != "":
		s.words(style.Warn, 0, a.theme.Warning+" "+clean(g.err))
		return
	case !g.known:
		s.words(style.Dim, 0, "Reading"+a.theme.Ellipsis)
		return
	}
	s.heading("The key is held by")
	for _, h := range []struct {
		holder activesync.KeyHolder
		mark   string
		do     func(*App) tea.Cmd
	}{
		{activesync.KeyInKeyring, "of your desktop or system", func(a *App) tea.Cmd { return a.holdKey(activesync.KeyChoice{Holder: activesync.KeyInKeyring}) }},
		{activesync.KeyByPassphrase, "asked for when securemail starts", (*App).choosePassphrase},
		{activesync.KeyByCommand, "that prints a passphrase", (*App).chooseKeyCommand},
		{activesync.KeyInFile, "anyone who can read it can read your mail", (*App).chooseKeyFile},
	} {
		s.choice("key"+string(h.holder), holderName(h.holder), h.mark, g.state.Holder == h.holder, h.do)
	}
	s.blank()
	switch {
	case g.busy:
		s.words(style.Dim, 0, "Changing what holds the key"+a.theme.Ellipsis)
	case g.state.Holder == activesync.KeyByCommand:
		s.entry("The command", style.Text, clean(strings.Join(g.state.Command, " ")))
	case g.state.Holder == activesync.KeyByPassphrase:
		s.words(style.Dim, 0, "Choose it again to change the passphrase. One that is forgotten cannot be recovered; the server has your mail.")
	}
}

// holdKey has something else hold the key.
func (a *App) holdKey(c activesync.KeyChoice) tea.Cmd {
	k, ok := a.backend.(keyKeeper)
	if !ok || a.prefs.key.busy {
		return nil
	}
	a.prefs.key.busy = true
	a.prefs.rebuild(a)
	return a.call(network, func(ctx context.Context) answer {
		err := k.HoldKey(ctx, c)
		return func(a *App) tea.Cmd {
			a.prefs.key.busy = false
			told := a.say("The key is held by: " + holderName(c.Holder) + ".")
			if err != nil {
				told = a.fail("Nothing was changed", err)
			}
			return tea.Batch(told, a.prefs.key.load(a))
		}
	})
}

// choosePassphrase asks twice, since nobody else knows it.
func (a *App) choosePassphrase() tea.Cmd {
	return a.newPassphrase("")
}

func (a *App) newPassphrase(wrong string) tea.Cmd {
	full := func(s string) string {
		if s == "" {
			return "Type a passphrase."
		}
		return ""
	}
	return a.prompt(&prompt{title: "Passphrase", label: "A new passphrase, best of several words. It is kept nowhere.", field: edit.NewField(""), secret: true, wrong: wrong, check: full,
		do: func(a *App, first string) tea.Cmd {
			return a.prompt(&prompt{title: "Passphrase", label: "Once more, the same.", field: edit.NewField(""), secret: true, check: full,
				do: func(a *App, again string) tea.Cmd {
					if again != first {
						return a.newPassphrase("The two were not the same. Nothing was changed.")
					}
					return a.holdKey(activesync.KeyChoice{Holder: activesync.KeyByPassphrase, Passphrase: first})
				}})
		}})
}

func (a *App) chooseKeyCommand() tea.Cmd {
	return a.prompt(&prompt{title: "Command", label: "A command whose first line of output is the passphrase. It is run without a shell.", hint: "such as: pass show securemail",
		field: edit.NewField(strings.Join(a.prefs.key.state.Command, " ")),
		check: func(s string) string {
			if strings.TrimSpace(s) == "" {
				return "Type a command."
			}
			return ""
		},
		do: func(a *App, s string) tea.Cmd {
			return a.holdKey(activesync.KeyChoice{Holder: activesync.KeyByCommand, Command: strings.Fields(s)})
		}})
}

func (a *App) chooseKeyFile() tea.Cmd {
	if a.prefs.key.state.Holder == activesync.KeyInFile {
		return nil
	}
	return a.ask(question{title: "Keep the key in a file?", text: "Who gets hold of that file and of the mail beside it, as in a backup, can read everything.",
		yes: "Keep it in a file", do: func(a *App) tea.Cmd { return a.holdKey(activesync.KeyChoice{Holder: activesync.KeyInFile}) }})
}
