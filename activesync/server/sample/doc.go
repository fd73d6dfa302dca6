// Package sample is the mailbox of the demo: mail, people and appointments of
// Alice Marlow, who leads projects at the Harbour Office of Westhaven, a port
// that does not exist. Everything in it was written for this program.
//
// The texts lie in mail/*.txt and people.txt, one block a message or person;
// the package turns them into RFC 5322 sources, contacts and events with dates
// around a given moment. The same moment gives the same bytes. It knows the
// mailbox of package server and no other part of the program; functions may be
// called from any goroutine.
package sample
