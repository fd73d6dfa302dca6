// Package engine lives the life of one account: it signs in, acknowledges
// policies, keeps folders and their items in step, waits for news by Ping or
// by timer, and carries out what the person did.
//
// It owns no data and no connection: a Store keeps everything that must
// survive, a Server exchanges one command at a time. It decides order, timing
// and what a failure means.
//
// One lane executes all commands of an account in order; only a Ping waits
// beside it. Engine's methods may be called from any goroutine; Run owns every
// goroutine that the engine starts and returns when all have ended.
package engine
