package message

import "strings"

// Cause is why a message did not arrive.
type Cause uint8

// The causes.
const (
	UnknownCause Cause = iota
	NoMailbox
	NoDomain
	MailboxFull
	MailboxClosed
	TooLarge
	Refused  // by a rule or for want of a permission
	Spam     // taken for unwanted mail
	NoServer // the other server could not be reached
	Expired  // tried for too long
	Looping
	Unsafe // what was attached
	Busy   // greylisting, limits: try again later
)

// causeOf are words by which servers give a cause, in lower case. The first
// that is found counts.
var causeOf = []struct {
	cause Cause
	words []string
}{
	{MailboxFull, []string{"mailbox full", "mailbox is full", "over quota", "quota exceeded", "exceeded storage", "quotaexceeded", "over its quota", "out of storage", "mailbox has exceeded", "no space left", "insufficient storage", "exceeds quota", "postfach voll", "maxmessages", "inbox is full", "disk quota"}},
	{Spam, []string{"spam", "blocked using", "blacklist", "blocklist", "block list", "reputation", "rbl", "dnsbl", "junk", "dmarc", "spf ", "dkim", "unsolicited", "poor ip", "banned"}},
	{Unsafe, []string{"virus", "malware", "attachment type", "attachments are not", "infected", "blocked attachment", "executable content"}},
	{TooLarge, []string{"too large", "too big", "size exceed", "message size", "exceeds the maximum", "max message size", "message exceeds", "larger than"}},
	{NoDomain, []string{"host unknown", "domain not found", "no such domain", "nxdomain", "domain does not exist", "host not found", "unknown host", "unrouteable mail domain", "name service error", "host or domain name not found", "couldn't find any host", "invalid domain", "unrouteable domain", "bad destination host", "null mx", "'mx' lookup", "no smtp service", "doesn't receive email", "no mail hosts for domain", "domain name not found", "unresolvable"}},
	{MailboxClosed, []string{"disabled", "inactive", "suspended", "deactivated", "no longer", "account closed", "frozen", "account that you tried to reach is disabled", "not accepting"}},
	{NoMailbox, []string{"user unknown", "unknown user", "no such user", "no mailbox", "user not found", "recipient not found", "recipnotfound", "not found", "does not exist", "doesn't exist", "unknown recipient", "invalid recipient", "recipient unknown", "unknown address", "no such mailbox", "mailbox unavailable", "mailbox not found", "invalid mailbox", "invalid user", "address rejected", "recipient address rejected", "unrouteable address", "unknown mailbox", "not a valid", "mailbox unknown", "account not", "not known here", "couldn't be found", "could not be found", "no such address", "wasn't found", "isn't a valid", "not our customer", "no account", "unknown or illegal alias", "no such recipient", "nicht gefunden", "inconnu", "existe pas", "no existe", "não existe", "nie istnieje", "unknown local part", "not listed in", "undeliverable address", "unknown user account", "user doesn't have a", "no such person", "address unknown", "destination address does not"}},
	{Looping, []string{"too many hops", "loop", "hop count"}},
	{Expired, []string{"expired", "retry timeout", "too old", "timeout exceeded", "message was not delivered within", "retry time", "queue time", "delivery time expired", "4.4.7"}},
	{Busy, []string{"greylist", "try again later", "temporary failure", "currently unavailable", "temporarily", "insufficient system", "too many connections", "rate limit", "temporarily deferred", "too many messages", "too fast", "temporarily rejected", "throttl", "exceeded the max"}},
	{NoServer, []string{"connection timed out", "connection refused", "timed out", "unreachable", "no route", "connect to", "cannot connect", "could not connect", "network is", "connection reset", "lost connection", "connection dropped", "no answer from host", "establish an smtp connection", "unable to connect"}},
	{Refused, []string{"not authorized", "not permitted", "denied", "relay", "rejected", "refused", "policy", "not allowed", "restricted", "prohibited", "authentication required", "only accepts", "permission", "blocked", "unauthenticated"}},
}

// causeWords are all of them.
var causeWords = func() (all []string) {
	for _, c := range causeOf {
		all = append(all, c.words...)
	}
	return all
}()

// Cause is why, as far as code and words tell.
func (f Fate) Cause() Cause {
	lower := strings.ToLower(f.Said)
	byWords := UnknownCause
	for _, c := range causeOf {
		if anyOf(c.words, lower) {
			byWords = c.cause
			break
		}
	}
	parts := strings.SplitN(f.Status, ".", 2)
	if len(parts) < 2 {
		return byWords
	}
	switch parts[1] {
	case "1.1", "1.0", "1.3", "1.10", "1.6":
		if byWords == NoDomain || byWords == Spam {
			return byWords
		}
		return NoMailbox
	case "1.2", "4.4":
		return NoDomain
	case "2.1":
		if byWords == NoMailbox {
			return byWords
		}
		return MailboxClosed
	case "2.2":
		return MailboxFull
	case "2.3", "3.4":
		return TooLarge
	case "4.6":
		return Looping
	case "4.7":
		return Expired
	case "4.1", "4.2", "4.0":
		if byWords == UnknownCause {
			return NoServer
		}
	}
	if byWords == UnknownCause && strings.HasPrefix(parts[1], "7.") {
		return Refused
	}
	if byWords == UnknownCause && parts[0] == "4" {
		return Busy
	}
	return byWords
}

// Words tell why a message did not arrive, and what can be done.
func (c Cause) Words() (why, next string) {
	switch c {
	case NoMailbox:
		return "There is no such mailbox.", "Check the address letter by letter, or ask the person for the new one."
	case NoDomain:
		return "There is no such domain behind the @.", "Check the address letter by letter."
	case MailboxFull:
		return "The mailbox there is full.", "Send it again in a few days, or reach the person in another way."
	case MailboxClosed:
		return "The mailbox there takes no mail any more.", "Ask the person for another address."
	case TooLarge:
		return "The message is larger than the other side takes.", "Send it with smaller files, or with a link to them."
	case Refused:
		return "The other side does not let this message in.", "Ask the person to allow mail from you, or your administrator to look into it."
	case Spam:
		return "The other side takes the message, or the server it came from, for unwanted mail.", "Tell your administrator; they can have the block lifted."
	case Unsafe:
		return "The other side does not take what is attached.", "Send the files in another form, or a link to them."
	case NoServer:
		return "The server there could not be reached.", "Send it again later; if it goes on, tell the person in another way."
	case Expired:
		return "The server there did not take it for so long that it was given up.", "Send it again later; if it goes on, tell the person in another way."
	case Looping:
		return "The message went round in circles between servers.", "Tell your administrator, or that of the other side."
	case Busy:
		return "The other side takes no more messages at the moment.", "Send it again later."
	}
	return "The other side gives no reason that is understood here.", "The words of the server below may tell more."
}
