package ui

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/style"
)

// confirmer is a backend that knows the person by the password of an account.
type confirmer interface {
	Confirms(context.Context) (bool, error)
	Confirm(ctx context.Context, words string) (bool, error)
}

// afterWrong is how long the next try waits after a wrong password.
const afterWrong = time.Second

// screenLock covers the screen until the person has said a password. What is
// below stays as it is, and what is being written is kept as always.
type screenLock struct {
	field *edit.Field
	said  string // what is wrong, or what goes on
	busy  bool
}

// idleLock is after how long without a key the screen locks, 0 for never: the
// shortest that the organisation of an account wants. Where no account has a
// password there is nothing to open it by.
func (a *App) idleLock() (limit time.Duration) {
	if !slices.ContainsFunc(a.accounts, func(c *account) bool { return c.Auth != activesync.AuthOAuth }) {
		return 0
	}
	for _, c := range a.accounts {
		if d := policy.FromServer(c.state.Policy).IdleLock(); d > 0 && (limit == 0 || d < limit) {
			limit = d
		}
	}
	return limit
}

// unused is for how long nobody has touched a key. The time in which the machine
// slept counts, which one of the two clocks does not see.
func (a *App) unused() time.Duration {
	return max(a.now.Sub(a.touched), a.now.Round(0).Sub(a.touched.Round(0)))
}

// expired locks the screen where nobody has touched a key for long enough.
func (a *App) expired() tea.Cmd {
	if limit := a.idleLock(); limit > 0 && a.unused() >= limit && a.lock == nil && a.setup == nil {
		return a.shut()
	}
	return nil
}

// idle is expired, and has it looked again when the screen may have to lock. One
// timer waits for that, whatever is touched meanwhile.
func (a *App) idle() tea.Cmd {
	if locked := a.expired(); locked != nil {
		return locked
	}
	limit := a.idleLock()
	if limit == 0 || a.lock != nil || a.setup != nil {
		return nil
	}
	left := limit - a.unused()
	at := a.now.Add(left)
	if !a.locks.IsZero() && !at.Before(a.locks) {
		return nil
	}
	a.locks = at
	return a.after(left, func(a *App) tea.Cmd {
		if a.locks.Equal(at) {
			a.locks = time.Time{}
		}
		return a.idle()
	})
}

// shut locks the screen, and opens it again where none of the passwords is known.
func (a *App) shut() tea.Cmd {
	b, can := a.backend.(confirmer)
	if !can {
		return nil
	}
	a.lock = &screenLock{field: edit.NewField("")}
	return a.call(quick, func(ctx context.Context) answer {
		can, err := b.Confirms(ctx)
		return func(a *App) tea.Cmd {
			if err == nil && !can {
				a.lock, a.touched = nil, a.now // it is tried again after the same time
				return a.idle()
			}
			return nil
		}
	})
}

func (s *screenLock) key(a *App, k tea.KeyMsg, name string) tea.Cmd {
	switch {
	case s.busy:
	case name == "enter":
		return s.open(a)
	case typeInto(s.field, k, name):
		s.said = ""
	}
	return nil
}

// open looks whether what was typed is a password.
func (s *screenLock) open(a *App) tea.Cmd {
	b, can := a.backend.(confirmer)
	words := s.field.Text()
	if !can || words == "" {
		return nil
	}
	s.busy, s.said = true, "Looking"+a.theme.Ellipsis
	return a.call(quick, func(ctx context.Context) answer {
		right, err := b.Confirm(ctx, words)
		return func(a *App) tea.Cmd {
			switch {
			case a.lock != s:
				return nil
			case err == nil && right:
				a.lock, a.touched = nil, a.now
				return a.idle()
			case err != nil:
				s.said = explain(err)
			default:
				s.said = "That is not the password."
			}
			s.field = edit.NewField("")
			return a.after(afterWrong, func(*App) tea.Cmd {
				s.busy = false
				return nil
			})
		}
	})
}

// draw is the screen with nothing on it but the question.
func (s *screenLock) draw(a *App) []string {
	lines := make([]string, a.height)
	for i := range lines {
		lines[i] = style.Blanks(a.width)
	}
	most, _ := a.boxRoom()
	width := min(60, most)
	var inside []string
	line := func() *style.Line { return a.theme.Line(width, style.Overlay).Skip(2) }
	for _, w := range wrap("Your organisation has the screen locked when nobody uses it. What you were writing is kept.", width-4) {
		inside = append(inside, line().Put(style.Dim, w).String())
	}
	inside = append(inside, line().Put(style.Text, "Password of your account").String())
	l := line()
	a.fieldInto(l, style.Resting, s.field, max(width-4, 1), true, !s.busy)
	inside = append(inside, l.String())
	if s.said != "" {
		inside = append(inside, line().Put(style.Warn, cutTo(clean(s.said), width-4, a.theme)).String())
	}
	a.cover(lines, a.framed("Locked", inside, width, false))
	return lines
}
