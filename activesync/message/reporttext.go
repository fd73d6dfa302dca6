package message

import "strings"

// reporters begin the addresses and names of those who report on deliveries.
var reporters = []string{"mailer-daemon", "mail-daemon", "mailerdaemon", "postmaster", "mail delivery", "mailer daemon", "microsoftexchange", "microsoft outlook",
	"system administrator", "systemadministrator", "maildelivery", "mail-delivery", "mdaemon", "bounce", "internet mail delivery", "delivery subsystem"}

// reportSubjects are how the subjects of such reports begin, in lower case.
var reportSubjects = []string{"undeliver", "delivery status", "delivery fail", "failure notice", "returned mail", "mail delivery", "unzustellbar", "undelivered",
	"delivery notification", "non remis", "no se puede entregar", "não é possível", "nao entregue", "não entregue", "mail could not", "message not delivered",
	"delivery delayed", "delivery problems", "message delayed", "warning: could not send", "warning: message", "mail failure", "unable to deliver", "your message",
	"mail system error", "non recapitabile", "onbestelbaar", "nie można dostarczyć", "недоставлен", "не удается доставить", "delayed mail", "returned to sender",
	"could not deliver", "delivery has failed", "nondeliverable", "user unknown", "email not delivered", "could not be delivered", "配信不能", "无法送达", "無法傳遞", "returned message",
	"message delivery has failed", "message you sent", "dsn:", "mail status report", "zustellung", "permanent delivery failure", "delivery error"}

// LooksLikeReport reports whether a message may report on a delivery, by what
// a list shows of it.
func LooksLikeReport(class, from, subject string) bool {
	class = strings.ToUpper(class)
	if strings.HasPrefix(class, "REPORT.") {
		return true
	}
	from, subject = strings.ToLower(from), strings.ToLower(strings.TrimSpace(subject))
	for _, r := range reporters {
		if strings.HasPrefix(from, r) || strings.Contains(from, " "+r) || strings.Contains(from, "\""+r) {
			for _, s := range reportSubjects {
				if strings.Contains(subject, s) {
					return true
				}
			}
			return strings.HasPrefix(from, "mailer-daemon") || strings.HasPrefix(from, "microsoftexchange")
		}
	}
	return false
}

// ReportText reads a report that has only words: from is who sent it, failed
// the addresses that a field of its header names. It gives nil where the words
// tell no address.
func ReportText(from, subject, text, failed string) *Report {
	if failed == "" && !LooksLikeReport("", from, subject) {
		return nil
	}
	r := &Report{}
	whole := Delayed
	if !delayWords(subject) && !delayWords(text[:min(len(text), 600)]) {
		whole = Failed
	}
	for _, a := range addressPattern().FindAllString(failed, -1) {
		r.add(Fate{Address: a, Outcome: whole})
	}
	known := len(r.Fates) > 0
	at := -1 // the fate whose words follow
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if i > 400 {
			break
		}
		line = strings.TrimSpace(Clean(line))
		if i > 0 && copied(line, lines, i) {
			r.Subject = copiedSubject(lines[i:])
			break
		}
		if line == "" {
			if at >= 0 && r.Fates[at].Said != "" {
				at = -1
			}
			continue
		}
		if a, rest := leadingAddress(line); a != "" && !own(a, from) {
			if n := r.find(a); n >= 0 {
				at = n
			} else if !known {
				r.add(Fate{Address: a, Outcome: whole})
				at = r.find(a)
			}
			line = rest
		}
		r.say(at, line)
	}
	if len(r.Fates) == 0 {
		r.inSentences(lines, from, whole)
	}
	if len(r.Fates) == 0 {
		return nil
	}
	return r
}

// inSentences finds addresses that stand in the middle of a sentence, such as
// "There was an error delivering your mail to <ben@example.test>."
func (r *Report) inSentences(lines []string, from string, whole Outcome) {
	for i, line := range lines {
		line = strings.TrimSpace(Clean(line))
		if i > 100 || i > 0 && copied(line, lines, i) {
			break
		}
		lower := strings.ToLower(line)
		if len(r.Fates) == 0 && !anyOf(sentenceWords, lower) && !anyOf(causeWords, lower) {
			continue
		}
		if a := addressPattern().FindString(line); a != "" && len(r.Fates) == 0 && !own(a, from) {
			r.add(Fate{Address: plainAddress(a), Outcome: whole})
		}
		r.say(-1, line)
	}
}

var sentenceWords = []string{"deliver", "could not", "couldn't", "failed", "recipient", "undeliver", "unable", "error", "rejected", "not sent", "bounce"}

// own reports whether an address is that of the reporter itself.
func own(address, from string) bool {
	a := strings.ToLower(address)
	return strings.HasPrefix(a, "postmaster@") || strings.HasPrefix(a, "mailer-daemon@") || strings.Contains(strings.ToLower(from), a)
}

func (r *Report) find(address string) int {
	for i, f := range r.Fates {
		if strings.EqualFold(f.Address, address) {
			return i
		}
	}
	return -1
}

// say adds a line to what was said of a recipient.
func (r *Report) say(at int, line string) {
	status, reply := statusIn(line), replyPattern().FindStringSubmatch(line)
	if at < 0 {
		if len(r.Fates) != 1 || status == "" && reply == nil && !anyOf(causeWords, strings.ToLower(line)) {
			return
		}
		at = 0
	}
	if strings.Trim(line, "-=_*#. :") == "" {
		return
	}
	f := &r.Fates[at]
	if f.Status == "" {
		f.Status = status
	}
	if line = strings.Trim(line, " :"); line != "" && len(f.Said)+len(line) < 600 {
		f.Said = strings.TrimSpace(f.Said + " " + line)
	}
	if f.Status == "" && reply != nil {
		f.Status = reply[1][:1] + ".0.0"
	}
}

// leadingAddress is the address that a line begins with, and what follows it.
func leadingAddress(line string) (address, rest string) {
	t := strings.TrimLeft(line, "<*-•[('\" \t")
	for _, label := range []string{"to:", "recipient:", "recipients:", "rcpt to:", "final-recipient:", "original-recipient:", "failed recipient:", "address:", "error for:", "mailto:", "rfc822;", "rfc822:", "e-mail:", "user"} {
		if len(t) > len(label) && strings.EqualFold(t[:len(label)], label) {
			t = strings.TrimLeft(t[len(label):], "< \t\"")
		}
	}
	m := addressPattern().FindStringIndex(t)
	switch {
	case m == nil:
		return "", line
	case m[0] == 0:
		return t[:m[1]], strings.TrimLeft(t[m[1]:], ">])'\": \t,-")
	case m[0] > 0 && t[m[0]-1] == '<' && len(t) == m[1]+1 && m[0] < 50, m[0] > 7 && strings.HasSuffix(t[:m[0]], "mailto:"):
		return t[m[0]:m[1]], "" // "Ben Ito <ben@example.test>"
	}
	return "", line
}

// copied reports whether from line i on the report holds a copy of the message.
func copied(line string, lines []string, i int) bool {
	lower := strings.ToLower(line)
	if strings.HasPrefix(lower, "received: ") || strings.HasPrefix(lower, "return-path:") || strings.HasPrefix(lower, "message-id:") {
		return true
	}
	if !strings.Contains(lower, "message") && !strings.Contains(lower, "header") && !strings.Contains(lower, "copy") && !strings.Contains(lower, "unsent") {
		return false
	}
	for _, w := range []string{"copy of the message", "copy of your message", "original message follows", "original message headers", "message headers follow",
		"returned message", "original message header", "original message:", "original message --", "-original message-", "- the original message was included as attachment -", "headers of the original",
		"unsent message", "message header follows", "the message headers", "message follows", "copy of the first part"} {
		if strings.Contains(lower, w) {
			return i+1 < len(lines)
		}
	}
	return false
}

// copiedSubject is the subject in the header of a copy.
func copiedSubject(lines []string) string {
	for i, line := range lines {
		if i > 80 {
			break
		}
		line = strings.TrimLeft(line, "> \t|")
		if len(line) > 8 && strings.EqualFold(line[:8], "subject:") {
			return Clean(decodeWords(strings.TrimSpace(line[8:])))
		}
	}
	return ""
}

func delayWords(s string) bool {
	return anyOf([]string{"delayed", "will be retried", "will keep trying", "not yet been delivered", "has not been delivered yet", "still being tried",
		"will continue to be attempted", "warning message only", "do not need to resend", "verzögert", "retardé", "retrasado", "atrasad"}, strings.ToLower(s))
}
