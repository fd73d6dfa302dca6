package picture

import (
	"image"
	"image/color"
	"strconv"
)

// HalfBlocks draws a picture with two pixels a cell, one above the other, on a
// background of that colour. Each line is cols cells wide and ends in the
// default style.
func HalfBlocks(m image.Image, cols, rows int, back color.Color) []string {
	if cols <= 0 || rows <= 0 {
		return nil
	}
	s := scale(m, cols, 2*rows, back)
	lines := make([]string, rows)
	var b []byte
	for y := range rows {
		b = b[:0]
		var above, below color.RGBA
		for x := range cols {
			up, down := s.RGBAAt(x, 2*y), s.RGBAAt(x, 2*y+1)
			if x == 0 || up != above {
				b = appendColour(b, "38", up)
			}
			if x == 0 || down != below {
				b = appendColour(b, "48", down)
			}
			above, below = up, down
			b = append(b, "▀"...)
		}
		lines[y] = string(append(b, "\x1b[0m"...))
	}
	return lines
}

func appendColour(b []byte, kind string, c color.RGBA) []byte {
	b = append(append(b, "\x1b["...), kind...)
	b = append(b, ";2"...)
	for _, v := range []uint8{c.R, c.G, c.B} {
		b = strconv.AppendUint(append(b, ';'), uint64(v), 10)
	}
	return append(b, 'm')
}
