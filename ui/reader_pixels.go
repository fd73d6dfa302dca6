package ui

import (
	"image/color"

	"eas.example/securemail/activesync/message"
	"eas.example/securemail/ui/picture"
	"eas.example/securemail/ui/style"
	"eas.example/securemail/ui/term"
)

// pixels is a picture of a text for a terminal that draws by the pixel.
type pixels struct {
	kitty picture.Kitty
	sixel picture.Sixel
	by    term.Graphics
}

// shotAt is where on a page a picture is drawn by the pixel.
type shotAt struct {
	line, x int
	place   message.Picture
	pixels  *pixels
}

// byPixel reports whether the terminal draws pictures by the pixel, and says
// what is needed for it.
func byPixel(g term.GraphicsMsg) bool {
	return g.Graphics == term.Kitty || g.Graphics == term.Sixel && g.CellWidth > 0 && g.CellHeight > 0
}

// pixels are the pictures of a text by the pixel, nil where they are drawn in
// blocks.
func (b album) pixels(r *message.Rendered, t *style.Theme, g term.GraphicsMsg) []*pixels {
	if !byPixel(g) {
		return nil
	}
	out := make([]*pixels, len(r.Pictures))
	for i, p := range r.Pictures {
		out[i] = &pixels{by: g.Graphics}
		if g.Graphics == term.Sixel {
			out[i].sixel = picture.ForSixel(b[p.Source].image, p.Cols, p.Rows, g.CellWidth, g.CellHeight, backOf(t))
			continue
		}
		k, err := b[p.Source].forKitty()
		if err != nil {
			return nil
		}
		out[i].kitty = k
	}
	return out
}

// backOf is the colour behind what is clear in a picture.
func backOf(t *style.Theme) color.Color {
	if t.Name == style.Light {
		return color.White
	}
	return color.Black
}

func (s *shot) forKitty() (picture.Kitty, error) {
	s.once.Do(func() { s.kitty, s.failed = picture.ForKitty(s.image) })
	return s.kitty, s.failed
}

// strip is a part of a picture that is on screen.
type strip struct {
	pixels   *pixels
	from, to int
}

// Pictures are those on screen that the terminal draws by the pixel.
func (a *App) Pictures() []term.Picture {
	r := &a.mail.reader
	part := a.part(onReader)
	if a.lock != nil || a.setup != nil || a.write != nil || len(a.overlays) > 0 || part.w == 0 || !r.have || r.view != textView {
		return nil
	}
	var out []term.Picture
	for i, s := range r.shots {
		from, to := max(r.page.top-s.line, 0), min(r.page.top+r.page.height-s.line, s.place.Rows)
		if from >= to {
			continue
		}
		p := term.Picture{X: part.x + s.x, Y: part.y + s.line + from - r.page.top}
		if s.pixels.by == term.Kitty {
			k := s.pixels.kitty
			p.ID, p.Load, p.Drop, p.Draw = k.ID, k.Load, k.Drop(i+1), k.Draw(i+1, s.place.Cols, s.place.Rows, from, to)
		} else {
			p.Draw = r.sixel(strip{s.pixels, from, to})
		}
		out = append(out, p)
	}
	return out
}

// mostStrips bounds the strips that are kept as they were drawn.
const mostStrips = 64

// sixel draws a strip, or finds it drawn.
func (r *reader) sixel(s strip) string {
	if drawn, ok := r.strips[s]; ok {
		return drawn
	}
	if r.strips == nil || len(r.strips) >= mostStrips {
		r.strips = map[strip]string{}
	}
	drawn := s.pixels.sixel.Draw(s.from, s.to)
	r.strips[s] = drawn
	return drawn
}
