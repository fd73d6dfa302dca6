package ui

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/picture"
)

// pagePrefix is how the directories of pages for the browser begin, and pageAge
// how long one may lie there that a program which broke off left behind.
const (
	pagePrefix = "page-"
	pageAge    = time.Hour
)

// openPage shows the message in the browser, cleaned. The file lies among those
// of this run and goes with the screens.
func (a *App) openPage() tea.Cmd {
	r := &a.mail.reader
	if !r.have {
		return nil
	}
	open := a.deps.Open
	if open == nil {
		return a.say("There is no browser to show it in.")
	}
	b, id, m, get, scratch := a.backend, r.id, r.msg, r.content(a.backend), a.deps.Scratch
	whole := m.Body.Whole() || r.within() || r.parcel != nil
	return a.call(network, func(ctx context.Context) answer {
		if !whole {
			full, err := b.FetchBody(ctx, id)
			if err != nil {
				return func(a *App) tea.Cmd { return a.fail("The text could not be fetched", err) }
			}
			m = full
		}
		page := message.SafeHTML(pageHead(m), m.Body, inlinePictures(ctx, m.Attachments, get))
		dir, path, err := writePage(scratch, page)
		if err == nil {
			err = open((&url.URL{Scheme: "file", Path: path}).String())
		}
		return func(a *App) tea.Cmd {
			if dir != "" {
				a.pages = append(a.pages, dir)
			}
			if err != nil {
				return a.fail("Not shown in the browser", err)
			}
			return a.say("Shown in the browser")
		}
	})
}

// pageHead are the lines above the text of a page.
func pageHead(m activesync.Message) []message.HeadLine {
	date := ""
	if !m.Date.IsZero() {
		date = m.Date.Format(time.RFC1123Z)
	}
	return []message.HeadLine{{Name: "Subject", Text: m.Subject, Title: true}, {Name: "From", Text: named(m.From)},
		{Name: "To", Text: named(m.To...)}, {Name: "Cc", Text: named(m.Cc...)}, {Name: "Date", Text: date}}
}

// inlinePictures fetches the pictures of a message by their Content-ID.
func inlinePictures(ctx context.Context, files []activesync.Attachment, get content) func(string) (string, []byte) {
	return func(id string) (string, []byte) {
		n := pictureNamed(files, id)
		if n < 0 {
			return "", nil
		}
		var b bounded
		if err := get(ctx, n, &b); err != nil {
			return "", nil
		}
		return picture.Type(b.Bytes()), b.Bytes() // few servers tell the type
	}
}

// pictureNamed is the index of the attachment that a Content-ID means, -1 for
// none.
func pictureNamed(files []activesync.Attachment, id string) int {
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	for n, f := range files {
		if f.ContentID != "" && strings.EqualFold(strings.Trim(f.ContentID, "<>"), strings.Trim(id, "<>")) {
			return n
		}
	}
	return -1
}

// writePage writes a page where only the person can read it.
func writePage(scratch string, page []byte) (dir, path string, err error) {
	if dir, err = pageDir(scratch); err != nil {
		return "", "", fmt.Errorf("write the page: %w", err)
	}
	path, err = filepath.Abs(filepath.Join(dir, "message.html"))
	if err == nil {
		err = os.WriteFile(path, page, 0o600)
	}
	if err != nil {
		return "", "", errors.Join(fmt.Errorf("write the page: %w", err), os.RemoveAll(dir))
	}
	return dir, path, nil
}

// pageDir makes a directory for what another program shows.
func pageDir(scratch string) (string, error) {
	dir, err := scratchDir(scratch, pagePrefix)
	if err == nil && scratch != "" {
		sweepPages(scratch)
	}
	return dir, err
}

// sweepPages removes what screens that were killed left.
func sweepPages(scratch string) {
	old, err := filepath.Glob(filepath.Join(scratch, pagePrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range old {
		if i, err := os.Stat(dir); err == nil && time.Since(i.ModTime()) > pageAge {
			_ = os.RemoveAll(dir) // tried again the next time
		}
	}
}
