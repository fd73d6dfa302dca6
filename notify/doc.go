// Package notify decides what to tell the person of and when, how much of it
// may be said, and by which way: the desktop over D-Bus, the terminal by a bell
// or by the notifications of OSC 9, 99 and 777, through tmux and screen where
// need be, or a command of the person's. A Teller does all of it for the
// accounts of an agent. A Topic is the push channel by which another machine
// tells that there is news.
//
// What was told is kept by the agent, so that it outlives this process; the
// package itself remembers nothing. It never reads from the terminal. A Teller
// is used by one goroutine, its Run; a Bus and a Topic may be used by several; all
// else is pure.
package notify
