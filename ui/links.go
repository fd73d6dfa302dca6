package ui

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/edit"
	"eas.example/securemail/ui/term"
)

// openLinks lets the person choose a link of the message shown, by its number
// or by letters. The true target stands beside the words.
func (a *App) openLinks() tea.Cmd {
	m := &menu{title: "Open which link?", digits: true, width: 76}
	for i, l := range a.links() {
		it := item{label: strconv.Itoa(i+1) + "  " + l.text, value: l.url, do: func(a *App) tea.Cmd { return a.openLink(l) }}
		if l.text == "" || l.text == l.url {
			it.label, it.value = strconv.Itoa(i+1)+"  "+l.url, ""
		}
		if d, ok := (message.Link{Text: l.text, URL: l.url}).Deceit(); ok {
			it.value = a.theme.Warning + " " + d.Words()
		}
		if !openable(l.url) {
			it.why = "Only web and mail addresses are opened, not " + l.url
		}
		m.items = append(m.items, it)
	}
	if len(m.items) > 9 {
		m.find, m.digits = edit.NewField(""), false
	}
	return a.menu(m)
}

// links are those of what is read.
func (a *App) links() []link {
	if a.screen == calendarScreen {
		return a.agenda.card.links
	}
	return a.mail.reader.links
}

// openLink hands a link to the browser. Where it is not what it seems, it asks
// before.
func (a *App) openLink(l link) tea.Cmd {
	if d, ok := (message.Link{Text: l.text, URL: l.url}).Deceit(); ok {
		words := "It " + d.Words()
		if d.Claims != "" && d.Looks == "" {
			words = "It reads " + clean(d.Claims) + " but leads to " + d.Leads
		}
		return a.ask(question{
			title: "This link is not what it says",
			text:  words + ":\n" + l.url,
			yes:   "Open it all the same", no: "Do not open",
			do: func(a *App) tea.Cmd { return a.follow(l.url) },
		})
	}
	return a.follow(l.url)
}

func (a *App) follow(target string) tea.Cmd {
	open := a.deps.Open
	if open == nil {
		return tea.Batch(term.Copy(target), a.say("Copied: "+target))
	}
	return a.call(quick, func(context.Context) answer {
		err := open(target)
		return func(a *App) tea.Cmd {
			if err != nil {
				return tea.Batch(term.Copy(target), a.fail("Not opened, but copied: "+target, err))
			}
			return a.say("Opened: " + target)
		}
	})
}

// hostOf is the host that an address or words that look like one name, without
// a leading www.
func hostOf(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.ContainsAny(s, " \u00a0") || !strings.Contains(s, ".") {
		return ""
	}
	if rest, ok := strings.CutPrefix(s, "mailto:"); ok {
		_, host, _ := strings.Cut(rest, "@")
		host, _, _ = strings.Cut(host, "?")
		return host
	}
	if !strings.Contains(s, "://") {
		if strings.Contains(s, "@") {
			return ""
		}
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || !strings.Contains(u.Hostname(), ".") {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}
