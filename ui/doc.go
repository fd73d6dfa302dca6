// Package ui is the screens: mail, people, calendar, settings, compose, outbox
// and the set-up of an account, drawn for a terminal of any size.
//
// It owns what is on screen and nothing else. What is shown comes from a
// Backend, what a person does goes to it; the package opens no store and no
// connection, and terminal bytes are the business of ui/term. Text from the
// network is cleaned where it enters (clean.go), before it can reach a screen.
//
// App is the one tea.Model. Update and View run on one goroutine and do no
// I/O; whatever may take time runs in a command with a deadline, at most one
// at a time for a pane, and carries a number by which late results are known
// and dropped. Panes are plain structs that only App calls. Nothing in the
// package may be used from two goroutines at once except Run.
package ui
