// Package notify decides what to say of new mail, how much of it may be said,
// and how to say it through the terminal: by a bell, or by the notifications of
// OSC 9, 99 and 777, through tmux and screen where need be. A Topic is the push
// channel by which another machine tells that there is news.
//
// It does not know what the person is looking at, remembers nothing over a
// restart and never reads from the terminal. Functions are pure; a Terminal may
// be used by several goroutines if its writer may, an Arrivals by one at a time.
package notify
