package ui

import (
	"context"
	"encoding/base64"
	"image"
	"maps"
	"net/url"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/picture"
	"eas.example/securemail/ui/style"
)

// The bounds of the pictures of one message.
const (
	mostPictures    = 40
	tallestPicture  = 30 // rows
	largestPicture  = 8 << 20
	picturesAtOnce  = 4
	pictureKeptSide = 1200 // pixels
)

// album are the pictures of the message shown that are here, by their source in
// the HTML; nil for one that could not be had. It does not change once made.
type album map[string]*shot

// shot is a picture as it is kept: made smaller than it came where no screen
// shows all of it.
type shot struct {
	image         image.Image
	width, height int // as it came

	once   sync.Once
	kitty  picture.Kitty
	failed error
}

// develop decodes a picture, and makes it smaller where a side is longer.
func develop(data []byte, side int) *shot {
	m, err := picture.Decode(data)
	if err != nil {
		return nil
	}
	s := &shot{width: m.Bounds().Dx(), height: m.Bounds().Dy()}
	s.image = picture.Shrink(m, side)
	return s
}

// draws reports whether pictures are drawn at all: not in plain ASCII, not
// without colours.
func draws(t *style.Theme) bool { return !t.ASCII && t.Name != style.NoHue }

// cells is how many cells a picture takes; see message.RenderOptions.
func (b album) cells(source string, width, height, room int) (cols, rows int) {
	s := b[source]
	if s == nil {
		return 0, 0
	}
	switch {
	case width > 0 && height > 0:
	case width > 0:
		height = s.height * width / max(s.width, 1)
	case height > 0:
		width = s.width * height / max(s.height, 1)
	default:
		width, height = s.width, s.height
	}
	return picture.Cells(width, height, min(room, widestText), tallestPicture)
}

// blocks draws the pictures that room was left for.
func (b album) blocks(r *message.Rendered, t *style.Theme) [][]string {
	out := make([][]string, len(r.Pictures))
	back := backOf(t)
	for i, p := range r.Pictures {
		out[i] = picture.HalfBlocks(b[p.Source].image, p.Cols, p.Rows, back)
	}
	return out
}

// fetchPictures gets the pictures that came with the message shown, then draws
// it again.
func (r *reader) fetchPictures(a *App) tea.Cmd {
	if !r.have || r.set == nil || !draws(a.theme) {
		return nil
	}
	get, files := r.content(a.backend), r.msg.Attachments
	var missing []string
	for _, s := range r.set.text.Embedded {
		if _, tried := r.album[s]; !tried {
			missing = append(missing, s)
		}
	}
	return r.collect(a, missing, "", func(ctx context.Context, source string) []byte {
		if id, ok := cutScheme(source, "cid"); ok {
			n := pictureNamed(files, id)
			if n < 0 || files[n].Size > 2*largestPicture {
				return nil
			}
			var b bounded
			if get(ctx, n, &b) != nil {
				return nil
			}
			return b.Bytes()
		}
		return dataOf(source)
	})
}

// fetchRemote gets the pictures that lie elsewhere, because the person asked.
func (r *reader) fetchRemote(a *App) tea.Cmd {
	switch {
	case !draws(a.theme):
		return a.say("Pictures are not drawn in plain text. " + a.keys.Key("open-in-browser") + " opens the browser.")
	case a.deps.Fetch == nil:
		return a.say("Pictures cannot be fetched here.")
	}
	fetch := a.deps.Fetch
	var missing []string
	for _, s := range r.set.text.Remote {
		if r.album[s] == nil {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		return a.say("All pictures are here.")
	}
	return tea.Batch(a.say("Fetching the pictures"+a.theme.Ellipsis), r.collect(a, missing, "pictures fetched", func(ctx context.Context, source string) []byte {
		if strings.HasPrefix(source, "//") {
			source = "https:" + source
		}
		b, err := fetch(ctx, source)
		if err != nil {
			return nil
		}
		return b
	}))
}

// collect gets pictures and draws the message again. With words it says how
// many there were.
func (r *reader) collect(a *App, missing []string, words string, get func(ctx context.Context, source string) []byte) tea.Cmd {
	if len(missing) == 0 {
		return nil
	}
	missing = missing[:min(len(missing), mostPictures)]
	gen, edition := r.lane.gen, r.edition
	return a.read(&r.drawing, network, func(ctx context.Context) answer {
		got := make([]*shot, len(missing))
		var work sync.WaitGroup
		for first := range picturesAtOnce {
			work.Go(func() {
				for i := first; i < len(missing); i += picturesAtOnce {
					if b := get(ctx, missing[i]); len(b) > 0 && len(b) <= largestPicture {
						got[i] = develop(b, pictureKeptSide)
					}
				}
			})
		}
		work.Wait()
		return func(a *App) tea.Cmd {
			r := &a.mail.reader
			if gen != r.lane.gen || edition != r.edition {
				return nil
			}
			all := maps.Clone(r.album)
			if all == nil {
				all = album{}
			}
			n := 0
			for i, s := range missing {
				if all[s] = got[i]; got[i] != nil {
					n++
				}
			}
			r.album = all
			r.edition++
			if words == "" {
				return r.render(a)
			}
			return tea.Batch(r.render(a), a.say(number(n)+" of "+number(len(missing))+" "+words))
		}
	})
}

// cutScheme takes the scheme off an address.
func cutScheme(s, scheme string) (string, bool) {
	if len(s) <= len(scheme) || s[len(scheme)] != ':' || !strings.EqualFold(s[:len(scheme)], scheme) {
		return "", false
	}
	return s[len(scheme)+1:], true
}

// dataOf is the content of a data: address (RFC 2397), nil for another one.
func dataOf(source string) []byte {
	rest, ok := cutScheme(source, "data")
	if !ok {
		return nil
	}
	kind, text, ok := strings.Cut(rest, ",")
	if !ok || !strings.Contains(strings.ToLower(kind), ";base64") {
		return nil
	}
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	text = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '=' {
			return -1
		}
		return r
	}, text)
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}
