package message

import (
	"fmt"
	"strings"
	"testing"
)

// reportWords writes a report down.
func reportWords(r *Report) string {
	if r == nil {
		return "none"
	}
	var out []string
	for _, f := range r.Fates {
		out = append(out, fmt.Sprintf("%s outcome %d cause %d %s", f.Address, f.Outcome, f.Cause(), f.Status))
	}
	return r.Subject + ": " + strings.Join(out, "; ")
}

const statusReport = `From: MAILER-DAEMON@mx.example.test (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry to have to inform you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; ben@example.test
Original-Recipient: rfc822;ben.ito@example.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ben@example.test>: User
    unknown

Final-Recipient: rfc822; cy@example.test
Action: delayed
Status: 4.4.1

--b
Content-Type: text/rfc822-headers

Subject: =?utf-8?Q?K=C3=A4se?=
To: ben.ito@example.test

--b--
`

func TestReports(t *testing.T) {
	words := func(from, subject, text string) string {
		return "From: " + from + "\nSubject: " + subject + "\n\n" + text
	}
	tests := []struct{ name, in, want string }{
		{"with fields", statusReport, "Käse: ben.ito@example.test outcome 1 cause 1 5.1.1; cy@example.test outcome 2 cause 8 4.4.1"},
		{"a receipt", "From: ben@example.test\nSubject: Read: Quay\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;ben@example.test\nDisposition: manual-action/MDN-sent-automatically; displayed\n\n--b--\n",
			": ben@example.test outcome 5 cause 0 "},
		{"qmail", words("MAILER-DAEMON@mx.example.test", "failure notice", "Hi. This is the program at mx.example.test.\nIt could not deliver to these addresses.\n\n<ben@example.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nSubject: Quay\n"),
			"Quay: ben@example.test outcome 1 cause 1 5.1.1"},
		{"postfix words", words("MAILER-DAEMON@mx.example.test (Mail Delivery System)", "Undelivered Mail Returned to Sender", "This is the mail system.\n\n<ben@example.test>: host mx2.example.test said: 552 5.2.2 Mailbox\n    full (in reply to RCPT TO command)\n"),
			": ben@example.test outcome 1 cause 3 5.2.2"},
		{"exchange words", words("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.test>", "Undeliverable: Quay", "Delivery has failed to these recipients or groups:\n\nBen Ito (ben@example.test)<mailto:ben@example.test>\nYour message is larger than the other side takes.\n\nDiagnostic information for administrators:\n\nben@example.test\n#550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient ##\n\nOriginal message headers:\n\nSubject: Quay\n"),
			"Quay: ben@example.test outcome 1 cause 5 5.2.3"},
		{"exim delay", words("Mail Delivery System <Mailer-Daemon@mx.example.test>", "Warning: message 1abc delayed 24 hours", "The message has not yet been delivered to all of its recipients.\n\n  ben@example.test\n    Delay reason: Connection timed out\n"),
			": ben@example.test outcome 2 cause 8 "},
		{"a sentence", words("MAILER-DAEMON <mailer-daemon@mx.example.test>", "Mail delivery failed", "There was an error delivering your mail to <ben@example.test>.\n\nmx2: 550 5.7.1 spam message rejected\n"),
			": ben@example.test outcome 1 cause 7 5.7.1"},
		{"no report", words("Ana Souza <ana@example.test>", "Undelivered parcels", "ben@example.test: the user is unknown to me.\n"), "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := reportWords(ReadReport(ParseBytes([]byte(tt.in)))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestEveryCauseHasWords(t *testing.T) {
	seen := map[string]Cause{}
	for c := UnknownCause; c <= Busy; c++ {
		why, next := c.Words()
		if other, ok := seen[why]; ok || next == "" {
			t.Errorf("cause %d says %q as %d does", c, why, other)
		}
		seen[why] = c
	}
}

// Of real reports, nearly all name an address, and most a cause.
func TestCorpusReportsAreUnderstood(t *testing.T) {
	reports, named, understood := 0, 0, 0
	for _, m := range corpusReports(t) {
		reports++
		r := ReadReport(m)
		if r == nil {
			continue
		}
		named++
		for _, f := range r.Fates {
			safe(t, f.Address+f.Said+r.Subject+r.By, false)
			if f.Cause() != UnknownCause || f.Outcome > Delayed {
				understood++
				break
			}
		}
	}
	t.Logf("%d reports, %d with an address, %d with a cause", reports, named, understood)
	if named*100 < reports*95 || understood*100 < reports*85 {
		t.Errorf("of %d reports %d have an address and %d a cause", reports, named, understood)
	}
}

// corpusReports are those of the corpus that are made as reports.
func corpusReports(t *testing.T) (out []*Mail) {
	for _, m := range corpusMail(t) {
		kind, params := parameters(m.Header.Raw("Content-Type"))
		if kind == "multipart/report" && params["report-type"] != "feedback-report" {
			out = append(out, m)
		}
	}
	return out
}

func FuzzReport(f *testing.F) {
	f.Add([]byte(statusReport))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := ReadReport(ParseBytes(b)); r != nil {
			for _, x := range r.Fates {
				safe(t, x.Address+x.Said+x.Status+r.Subject+r.By, false)
				x.Cause()
			}
		}
	})
}
