package ui

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/action"
	"eas.example/securemail/ui/picture"
)

// filesMenu lets the person choose one of the files of the message shown.
func (a *App) filesMenu(title string, do func(a *App, from parts, n int) tea.Cmd) tea.Cmd {
	from := a.mail.reader.parts(a.backend)
	m := &menu{title: title, digits: true, width: 64}
	for n, f := range from.files {
		if f.Inline {
			continue
		}
		value := size(f.Size)
		if message.Risk(f.Name, f.ContentType) != "" {
			value = a.theme.Warning + " " + value
		}
		m.items = append(m.items, item{label: strconv.Itoa(len(m.items)+1) + "  " + fileName(f), value: value,
			do: func(a *App) tea.Cmd { return do(a, from, n) }})
	}
	switch len(m.items) {
	case 0:
		return a.say("The message has no attachments.")
	case 1:
		return m.items[0].do(a)
	}
	return a.menu(m)
}

// openFile opens a file with the system's program for it. One that can do harm
// is opened only after asking.
func (a *App) openFile(from parts, n int) tea.Cmd {
	f := from.files[n]
	if a.deps.Open == nil {
		return a.say("There is no program here to open it with. Save it instead.")
	}
	if risk := message.Risk(f.Name, f.ContentType); risk != "" {
		return a.ask(question{
			title: "Open " + cutTo(fileName(f), 40, a.theme) + "?",
			text:  risk + " Open it only if you know what it is and expected it from this sender.",
			yes:   "Open it all the same", no: "Do not open",
			do: func(a *App) tea.Cmd { return a.handOver(from, n) },
		})
	}
	return a.handOver(from, n)
}

// handOver writes a file among those of this run, where only the person can read
// it, and gives it to the system. It goes with the screens.
func (a *App) handOver(from parts, n int) tea.Cmd {
	open, scratch := a.deps.Open, a.deps.Scratch
	name := message.FileName(fileName(from.files[n]))
	return a.bring(name, func(ctx context.Context, t *transfer) answer {
		dir, path := "", ""
		err := from.bring(ctx, n, t)
		if err == nil {
			dir, path, err = Unsealed(scratch, name, func(w io.Writer) error { return from.get(ctx, n, w) })
		}
		if err == nil {
			err = open((&url.URL{Scheme: "file", Path: path}).String())
		}
		return func(a *App) tea.Cmd {
			if dir != "" {
				a.pages = append(a.pages, dir)
			}
			if err != nil {
				return a.notBrought("Not opened", err)
			}
			return a.say("Opened: " + name + ". The copy is removed when you leave.")
		}
	})
}

// Unsealed writes a file into a directory of its own under scratch, where only the
// person can read it. What was written there long ago goes.
func Unsealed(scratch, name string, write func(io.Writer) error) (dir, path string, err error) {
	if dir, err = pageDir(scratch); err != nil {
		return "", "", err
	}
	if path, err = filepath.Abs(filepath.Join(dir, name)); err == nil {
		var f *os.File
		if f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			err = errors.Join(write(f), f.Close())
		}
	}
	if err != nil {
		return "", "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, path, nil
}

// previewText is how much of a text is shown.
const previewText = 1 << 20

var errNoPreview = errors.New("there is no preview of this kind of file; open or save it")

// previewFile shows a text, a page or a picture in the reading pane.
func (a *App) previewFile(from parts, n int) tea.Cmd {
	f := from.files[n]
	if isMessage(f) {
		return a.mail.reader.enterMessage(a, from, n)
	}
	if !previewable(f) {
		return a.fail("Not shown", errNoPreview)
	}
	return a.bring(fileName(f), func(ctx context.Context, t *transfer) answer {
		var b start
		err := from.bring(ctx, n, t)
		if err == nil {
			if err = from.get(ctx, n, &b); errors.Is(err, errEnough) {
				err = nil
			}
		}
		var p *parcel
		if err == nil {
			p, err = previewOf(f, b.bytes, b.cut)
		}
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			switch {
			case err != nil:
				return a.notBrought("Not shown", err)
			case from.gen != r.lane.gen:
				return nil
			}
			r.outer = append(r.outer, outer{r.msg, r.parcel, r.source, r.open, r.album, r.page.top})
			r.msg, r.parcel, r.source, r.view, r.find, r.album, r.set = p.msg, p, nil, textView, "", nil, nil
			r.page.top = 0
			r.edition++
			return tea.Batch(a.mail.enterIfAlone(a), r.render(a), r.fetchPictures(a), a.say(a.keys.Key(action.Back)+" goes back to the message."))
		}
	})
}

// errEnough ends the reading of a file of which the start is enough.
var errEnough = errors.New("enough was read")

// start keeps the start of a file.
type start struct {
	bytes []byte
	cut   bool
}

func (s *start) Write(p []byte) (int, error) {
	room := largestPreview - len(s.bytes)
	s.bytes = append(s.bytes, p[:min(room, len(p))]...)
	if len(p) > room {
		s.cut = true
		return room, errEnough
	}
	return len(p), nil
}

// largestPreview is how much of a file is read to show it.
const largestPreview = largestPicture

// previewable reports whether a file may be one that can be shown.
func previewable(f activesync.Attachment) bool {
	switch strings.ToLower(filepath.Ext(f.Name)) {
	case ".zip", ".gz", ".7z", ".rar", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".exe", ".mp3", ".mp4", ".mov", ".avi", ".iso":
		return false
	}
	return true
}

// previewOf makes a message of a file, as which it is shown.
func previewOf(f activesync.Attachment, b []byte, cut bool) (*parcel, error) {
	p := &parcel{}
	p.msg.Subject = fileName(f)
	ext := strings.ToLower(filepath.Ext(f.Name))
	switch {
	case picture.Type(b) != "":
		if cut {
			return nil, errTooLarge
		}
		p.msg.Body = activesync.Body{Type: activesync.BodyHTML, Data: []byte(`<img src="cid:preview">`)}
		p.files = []message.File{{Name: f.Name, ContentType: picture.Type(b), ContentID: "preview", Inline: true, Content: b}}
		p.msg.Attachments = []activesync.Attachment{{Name: f.Name, ContentType: picture.Type(b), ContentID: "preview", Inline: true, Size: int64(len(b))}}
	case !textual(b):
		return nil, errNoPreview
	case ext == ".html" || ext == ".htm" || strings.HasPrefix(f.ContentType, "text/html"):
		p.msg.Body = activesync.Body{Type: activesync.BodyHTML, Data: b}
	default:
		if len(b) > previewText {
			b, cut = b[:previewText], true
		}
		p.msg.Body = activesync.Body{Type: activesync.BodyPlain, Data: []byte(message.Text(b, f.ContentType))}
	}
	p.msg.Body.Size = int64(len(p.msg.Body.Data))
	if cut {
		p.msg.Note = "this is the beginning of the file only"
	}
	return p, nil
}

// textual reports whether data is text that can be shown.
func textual(b []byte) bool {
	head := b[:min(len(b), 8<<10)]
	odd := 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == 0 {
			return strings.HasPrefix(string(head), "\xff\xfe") || strings.HasPrefix(string(head), "\xfe\xff")
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != 0x1b {
			odd++
		}
		i += n
	}
	return odd*50 <= len(head)
}
