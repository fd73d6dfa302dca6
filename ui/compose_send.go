package ui

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/ui/action"
)

// send looks whether the message is fit to be sent and sends it. Checks before
// the one of number from were answered already.
func (w *compose) send(a *App, from int) tea.Cmd {
	if cmd, wrong := w.checkRecipients(a); wrong {
		return cmd
	}
	checks := []func() *question{w.checkSubject, w.checkPromised, w.checkParts, w.checkOutside(a)}
	for i := from; i < len(checks); i++ {
		if q := checks[i](); q != nil {
			q.no = "Go back"
			q.do = func(a *App) tea.Cmd { return w.send(a, i+1) }
			return a.ask(*q)
		}
	}
	return w.hand(a)
}

// checkRecipients goes to the first field that cannot be sent to.
func (w *compose) checkRecipients(a *App) (cmd tea.Cmd, wrong bool) {
	anyone := false
	for _, p := range []int{toPart, ccPart, bccPart} {
		w.look(p)
		if w.wrong[p] != "" {
			w.enter(a, p)
			w.field[p].Bottom()
			return a.tell(note{text: w.wrong[p], alert: true}), true
		}
		anyone = anyone || strings.Trim(w.field[p].Text(), " ,;") != ""
	}
	if !anyone {
		w.enter(a, toPart)
		return a.tell(note{text: "The message has no recipient. Write whom it is for.", alert: true}), true
	}
	return nil, false
}

func (w *compose) checkSubject() *question {
	if strings.TrimSpace(w.field[subjectPart].Text()) != "" {
		return nil
	}
	return &question{title: "No subject", text: "The subject is empty. Send the message nevertheless?", yes: "Send"}
}

// checkPromised asks when the text speaks of an attachment and there is none.
func (w *compose) checkPromised() *question {
	if len(w.files) > 0 {
		return nil
	}
	word := promise(w.field[subjectPart].Text() + "\n" + ownWords(w.text().Text()))
	if word == "" {
		return nil
	}
	return &question{title: "Nothing is attached", text: "The text says “" + word + "”, but nothing is attached. Send it so?", yes: "Send"}
}

// checkParts asks when files cannot be read any more.
func (w *compose) checkParts() *question {
	var names []string
	why := ""
	for i := range w.files {
		if f := &w.files[i]; f.failed != "" {
			names, why = append(names, f.Name), f.failed
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &question{title: "Attachments are missing", yes: "Send without", also: "Try again", other: func(a *App) tea.Cmd {
		for i := range w.files {
			if f := &w.files[i]; f.failed != "" {
				f.failed, f.size = "", -1
			}
		}
		return w.lookAtFiles(a)
	}, text: clean("These attachments are not here: " + strings.Join(names, ", ") + ". " + why)}
}

// ownWords is the text without what is quoted or passed on.
func ownWords(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "-------- ") {
			break
		}
		if !strings.HasPrefix(line, ">") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// promised finds words by which people announce an attachment. Words of
// languages without blanks, and stems, are found anywhere.
var promised = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\p{L}])(` + strings.Join([]string{
		`attached`, `attachments?`, `i attach`, `enclosed`, `enclosures?`, // English
		`anbei`, `anhang`, `anhänge`, `angehängt\p{L}*`, `beigefügt\p{L}*`, `beiliegend\p{L}*`, // German
		`ci-joint\p{L}*`, `pièces? jointes?`, `en pj`, `joint à ce`, // French
		`adjunt\p{L}*`, `anex\p{L}*`, `em anexo`, // Spanish, Portuguese
		`allegat\p{L}*`, `in allegato`, // Italian
		`bijlagen?`, `bijgevoegd\p{L}*`, // Dutch
		`vedlagt\p{L}*`, `vedlegg\p{L}*`, `vedhæft\p{L}*`, `bifoga\p{L}*`, `bilag\p{L}*`, // Scandinavian
		`liitte\p{L}*`, `oheis\p{L}*`, // Finnish
		`załącz\p{L}*`, `w załączeniu`, `přílo\p{L}*`, `přilož\p{L}*`, // Polish, Czech
		`вложени\p{L}*`, `прикрепл\p{L}*`, `во вложении`, // Russian
		`ekli`, `ekteki`, `συνημμέν\p{L}*`, // Turkish, Greek
		`mellékel\p{L}*`, `csatol\p{L}*`, `ataș\p{L}*`, `ataşat\p{L}*`, // Hungarian, Romanian
		`вкладен\p{L}*`, `додат(?:ок|ку)`, `приложен\p{L}*`, `прикачен\p{L}*`, // Ukrainian, Bulgarian
		`(?:ב)?מצורף`, `(?:ה)?מצורפ\p{L}*`, `\p{L}{0,3}مرفق\p{L}*`, // Hebrew, Arabic
		`đính kèm`, `terlampir`, `lampiran`, `संलग्न\p{L}*`, // Vietnamese, Indonesian, Hindi
	}, "|") + `)(?:$|[^\p{L}])|(添付|附件|附上|첨부|แนบ)`)
})

// promise is the word by which a text announces an attachment, "" where it
// does not.
func promise(text string) string {
	m := promised().FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

// sendAt sends the message at a time, or keeps to it once what is missing was
// mended; zero takes an earlier choice back.
func (w *compose) sendAt(a *App, t time.Time) tea.Cmd {
	w.due = t
	touched := w.touched(a)
	if t.IsZero() {
		return tea.Batch(touched, a.say("It goes out as soon as you send it."))
	}
	return tea.Batch(touched, w.send(a, 0))
}

// hand gives the message to the outbox. Until that has it, the text stays.
func (w *compose) hand(a *App) tea.Cmd {
	w.sending, w.stale = true, true
	w.options.close()
	return w.afterKeeping(a, w.handNow)
}

func (w *compose) handNow(a *App) tea.Cmd {
	d := w.stamped()
	d.Hold = a.settings.undoSend()
	d.Attachments = nil
	for _, f := range w.files {
		if f.failed == "" {
			d.Attachments = append(d.Attachments, f.DraftAttachment)
		}
	}
	b := a.backend
	return a.call(network, func(ctx context.Context) answer {
		id, err := b.Send(ctx, d)
		return func(a *App) tea.Cmd {
			w.sending, w.stale = false, true
			if err != nil {
				return tea.Batch(w.keep(a), a.fail("Not sent", err)) // what was written last may not be kept yet
			}
			return tea.Batch(w.takeAway(a), a.nowSending(id, d))
		}
	})
}

// leave closes the screen; what was written is not lost unless the person says so.
func (w *compose) leave(a *App) tea.Cmd {
	if !w.changed() {
		return w.shut(a)
	}
	discard, text := "Discard", "What you wrote can be kept aside; "+a.keys.Key(action.Resume)+" goes on with it."
	if c := a.account(w.account); c != nil && !c.draftsLocal() {
		text = "What you wrote is kept in Drafts; " + a.keys.Key(action.Resume) + " goes on with it."
	}
	if w.keeping.stored {
		discard = "Delete the draft"
	}
	return a.ask(question{title: "Close the message?", no: "Go on", yes: "Keep aside", also: discard, text: text,
		do:    (*App).putAside,
		other: func(a *App) tea.Cmd { return tea.Batch(w.giveUp(a), a.say("Discarded.")) }})
}
