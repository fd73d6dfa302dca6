package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
)

func jsonTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// shown is a message as `show --json` has it.
type shown struct {
	row
	Cc          []activesync.Address       `json:"cc"`
	Text        string                     `json:"text"`
	Attachments []shownAttachment          `json:"attachments"`
	Note        string                     `json:"note,omitempty"`
	Checked     []checked                  `json:"checked,omitempty"` // of one that is signed or encrypted
	Meeting     *activesync.MeetingRequest `json:"meeting,omitempty"`
}

type shownAttachment struct {
	N           int    `json:"n"` // counted from 1
	Name        string `json:"name"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size"`
	Inline      bool   `json:"inline"`
}

func shownAttachments(list []activesync.Attachment) []shownAttachment {
	out := []shownAttachment{}
	for i, at := range list {
		out = append(out, shownAttachment{N: i + 1, Name: at.Name, ContentType: at.ContentType, Size: at.Size, Inline: at.Inline})
	}
	return out
}

func (a *app) showCommand() *cobra.Command {
	var raw, html, headers bool
	c := &cobra.Command{
		Use: "show ID", Short: "Show a message", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseItems(args)
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				switch {
				case raw:
					return a.showRaw(ctx, l, ids[0])
				case headers:
					return a.showHeaders(ctx, l, ids[0])
				}
				return a.show(ctx, l, ids[0], html)
			})
		},
	}
	c.Flags().BoolVar(&raw, "raw", false, "the source, byte for byte; not on a terminal")
	c.Flags().BoolVar(&html, "html", false, "the HTML of the message")
	c.Flags().BoolVar(&headers, "headers", false, "the header lines of the source")
	c.MarkFlagsMutuallyExclusive("raw", "html", "headers")
	return c
}

func (a *app) showRaw(ctx context.Context, l agent.Service, id activesync.ItemID) error {
	if isTerminal(a.stdout) {
		return usage(errors.New("--raw is for files and pipes: what a message holds could steer the terminal"))
	}
	mime, err := l.Source(ctx, id)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(mime)
	return err
}

func (a *app) showHeaders(ctx context.Context, l agent.Service, id activesync.ItemID) error {
	mime, err := l.Source(ctx, id)
	if err != nil {
		return err
	}
	head := bytes.ReplaceAll(mime, []byte("\r\n"), []byte("\n"))
	if i := bytes.Index(head, []byte("\n\n")); i >= 0 {
		head = head[:i]
	}
	_, err = fmt.Fprintln(a.stdout, message.CleanText(string(head)))
	return err
}

func (a *app) show(ctx context.Context, l agent.Service, id activesync.ItemID, html bool) error {
	m, err := l.FetchBody(ctx, id)
	if err != nil && m.ID == 0 {
		// Show what is here, and say what is missing.
		here, merr := l.Message(ctx, id)
		if merr != nil {
			return err
		}
		m, m.Note = here, joinNotes(here.Note, "Only a part of the text is here: "+err.Error())
	}
	x, err := a.unpack(ctx, l, m)
	if err != nil {
		x.Note = joinNotes(x.Note, "It could not be fetched to be opened and checked: "+err.Error())
	}
	text := message.PlainText(m.Body)
	source := ""
	switch {
	case x.mail != nil:
		text, source = x.mail.PlainText(), x.mail.HTML
	case m.Body.Type == activesync.BodyHTML:
		source = string(m.Body.Data)
	}
	if html {
		if source == "" {
			return errors.New("the message has no HTML")
		}
		text = message.CleanText(source)
	}
	return a.printMessage(x.Message, text, x.words...)
}

// printMessage puts out a message with its text, and what was verified of it.
func (a *app) printMessage(m activesync.Message, text string, words ...message.Word) error {
	if a.json {
		return a.printJSON(shown{row: newRow(m.Header), Cc: orEmpty(m.Cc), Text: text, Attachments: shownAttachments(m.Attachments), Note: m.Note,
			Checked: checkedOf(words), Meeting: m.Meeting})
	}
	var b strings.Builder
	head := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-9s%s\n", name+":", message.Clean(value))
		}
	}
	head("From", addresses([]activesync.Address{m.From}))
	head("To", addresses(m.To))
	head("Cc", addresses(m.Cc))
	head("Date", localTime(m.Date))
	head("Subject", m.Subject)
	if mt := m.Meeting; mt != nil {
		head("Meeting", fmt.Sprintf("%s to %s, %s", localTime(mt.Start), localTime(mt.End), mt.Location))
	}
	for _, at := range shownAttachments(m.Attachments) {
		head("File", fmt.Sprintf("%d  %s  (%d bytes)", at.N, at.Name, at.Size))
	}
	head("Note", m.Note)
	for _, w := range words {
		head("Checked", w.Text)
	}
	b.WriteString("\n" + strings.TrimRight(text, "\n") + "\n")
	_, err := a.stdout.Write([]byte(b.String()))
	return err
}

func joinNotes(notes ...string) string {
	return strings.TrimSpace(strings.Join(notes, " "))
}

func orEmpty(list []activesync.Address) []activesync.Address {
	if list == nil {
		return []activesync.Address{}
	}
	return list
}

func addresses(list []activesync.Address) string {
	var out []string
	for _, ad := range list {
		switch {
		case ad.Name != "" && ad.Address != "":
			out = append(out, ad.Name+" <"+ad.Address+">")
		case ad.Name+ad.Address != "":
			out = append(out, ad.Name+ad.Address)
		}
	}
	return strings.Join(out, ", ")
}
