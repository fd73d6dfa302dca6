package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"strconv"
)

// Sixel is a picture in the few colours that a terminal with sixel graphics
// takes, as large as it is drawn.
type Sixel struct {
	image  *image.Paletted
	height int // pixels of a row of cells
}

// ForSixel makes a picture that takes cols by rows cells of that many pixels.
func ForSixel(m image.Image, cols, rows, cellWidth, cellHeight int, back color.Color) Sixel {
	full := scale(m, cols*cellWidth, rows*cellHeight, back)
	out := image.NewPaletted(full.Bounds(), palette.Plan9)
	draw.FloydSteinberg.Draw(out, out.Bounds(), full, image.Point{})
	return Sixel{out, cellHeight}
}

// Draw draws the rows of cells from to to. The cursor may be anywhere after it.
func (s Sixel) Draw(from, to int) string {
	b := s.image.Bounds()
	top, bottom := from*s.height, min(to*s.height, b.Dy())
	out := fmt.Appendf(nil, "\x1bP0;1q\"1;1;%d;%d", b.Dx(), bottom-top)
	var known [256]bool
	for y := top; y < bottom; y += 6 {
		out = s.band(out, &known, y, min(y+6, bottom))
		out = append(out, '-')
	}
	return string(append(out, "\x1b\\"...))
}

// band appends six lines of pixels: those of each colour one over the other.
func (s Sixel) band(out []byte, known *[256]bool, top, bottom int) []byte {
	width := s.image.Bounds().Dx()
	var used [256]bool
	for y := top; y < bottom; y++ {
		for _, c := range s.image.Pix[y*s.image.Stride : y*s.image.Stride+width] {
			used[c] = true
		}
	}
	for c, is := range used {
		if !is {
			continue
		}
		out = strconv.AppendInt(append(out, '#'), int64(c), 10)
		if !known[c] {
			known[c] = true
			r, g, b, _ := s.image.Palette[c].RGBA()
			out = fmt.Appendf(out, ";2;%d;%d;%d", r*100/0xffff, g*100/0xffff, b*100/0xffff)
			out = strconv.AppendInt(append(out, '#'), int64(c), 10)
		}
		out = s.line(out, byte(c), top, bottom)
		out = append(out, '$')
	}
	return out
}

// line appends the sixels of one colour, runs of the same one as their number.
func (s Sixel) line(out []byte, c byte, top, bottom int) []byte {
	width := s.image.Bounds().Dx()
	run, last := 0, byte(0)
	flush := func() {
		switch {
		case run > 3:
			out = append(strconv.AppendInt(append(out, '!'), int64(run), 10), last)
		default:
			for range run {
				out = append(out, last)
			}
		}
	}
	for x := range width {
		bits := byte(0)
		for y := top; y < bottom; y++ {
			if s.image.Pix[y*s.image.Stride+x] == c {
				bits |= 1 << (y - top)
			}
		}
		if sign := '?' + bits; run > 0 && sign == last {
			run++
		} else {
			flush()
			run, last = 1, sign
		}
	}
	if last != '?' {
		flush()
	}
	return out
}
