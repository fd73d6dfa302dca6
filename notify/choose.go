package notify

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is a way to tell the person through the terminal.
type Kind string

// The ways there are.
const (
	KindAuto   Kind = "auto" // what the terminal is known to do
	KindNone   Kind = "none"
	KindBell   Kind = "bell"
	KindOSC9   Kind = "osc9"   // iTerm2: one text
	KindOSC777 Kind = "osc777" // rxvt-unicode: title and text
	KindOSC99  Kind = "osc99"  // kitty: title and text, replaceable
)

// Kinds are the ways in the order in which they are offered.
func Kinds() []Kind {
	return []Kind{KindAuto, KindOSC99, KindOSC777, KindOSC9, KindBell, KindNone}
}

// ParseKind reads a way as the configuration writes it; "" is auto.
func ParseKind(s string) (Kind, error) {
	if s == "" {
		return KindAuto, nil
	}
	if k := Kind(strings.ToLower(strings.TrimSpace(s))); slices.Contains(Kinds(), k) {
		return k, nil
	}
	return "", fmt.Errorf("notification %q is not one of auto, osc99, osc777, osc9, bell, none", s)
}

// Wrap is what stands between the program and the terminal.
type Wrap uint8

// What can stand between.
const (
	WrapNone Wrap = iota
	WrapTmux      // needs its option allow-passthrough
	WrapScreen
)

// Choice is a way and the road it takes.
type Choice struct {
	Kind Kind
	Wrap Wrap
	// Bell is rung as well, because what goes through a multiplexer is lost where
	// it forbids that, and because it marks the window.
	Bell bool
}

// Choose finds the way for a terminal by its environment: what the person
// wishes, or for KindAuto what the terminal is known to do. Inside tmux and
// screen the traces of the terminal around them decide; zellij lets nothing
// through but the bell.
func Choose(wish Kind, getenv func(string) string) Choice {
	term := getenv("TERM")
	var c Choice
	switch {
	case getenv("TMUX") != "" || strings.HasPrefix(term, "tmux"):
		c.Wrap = WrapTmux
	case getenv("STY") != "" || strings.HasPrefix(term, "screen"):
		c.Wrap = WrapScreen
	}
	c.Kind = wish
	if wish == KindAuto || wish == "" {
		c.Kind = known(term, getenv)
		if getenv("ZELLIJ") != "" && c.Kind != KindNone {
			c.Kind = KindBell
		}
	}
	switch c.Kind {
	case KindNone, KindBell:
		c.Wrap = WrapNone // multiplexers know the bell themselves
	default:
		c.Bell = c.Wrap != WrapNone
	}
	return c
}

// known is what a terminal does. Those that swallow a sequence unseen get the
// bell.
func known(term string, getenv func(string) string) Kind {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return getenv(n) != "" })
	}
	is := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return term == n || strings.HasPrefix(term, n+"-") })
	}
	program := strings.ToLower(getenv("TERM_PROGRAM"))
	switch {
	case term == "" || term == "dumb":
		return KindNone
	case is("xterm-kitty"), has("KITTY_WINDOW_ID"):
		return KindOSC99
	case is("foot", "xterm-ghostty", "rxvt-unicode", "wezterm", "contour"), has("GHOSTTY_RESOURCES_DIR", "WEZTERM_PANE"):
		return KindOSC777
	case slices.Contains([]string{"ghostty", "wezterm", "warpterminal"}, program):
		return KindOSC777
	case program == "iterm.app", getenv("LC_TERMINAL") == "iTerm2", has("ITERM_SESSION_ID"):
		return KindOSC9
	}
	return KindBell
}
