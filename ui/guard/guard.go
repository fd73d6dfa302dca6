// Package guard keeps Bubble Tea from asking the terminal at program start.
//
// The start-up code of bubbletea v1 asks the terminal for its background and
// waits five seconds for an answer, in every command of a program that links
// it. Being told the answer beforehand, it asks nothing. Go starts packages in
// the order of their import paths as soon as what they import has started;
// this one imports only lipgloss and its path sorts before that of bubbletea,
// so it comes first. ui/term asks for the background itself, without waiting.
//
// The package owns nothing else, has no API and is imported for its effect.
package guard

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
