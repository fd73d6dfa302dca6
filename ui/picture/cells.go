package picture

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
)

// A cell of a terminal is about twice as high as wide. Where it does not say
// how large it is, these are its pixels.
const (
	CellWidth  = 8
	CellHeight = 16
)

// Cells is how many cells a picture of that many pixels takes: its own size,
// made smaller where it does not fit, never larger.
func Cells(width, height, maxCols, maxRows int) (cols, rows int) {
	if width <= 0 || height <= 0 || maxCols <= 0 || maxRows <= 0 {
		return 0, 0
	}
	w, h := float64(width)/CellWidth, float64(height)/CellHeight
	scale := min(1, float64(maxCols)/w, float64(maxRows)/h)
	round := func(f float64, most int) int { return min(max(int(math.Round(f*scale)), 1), most) }
	return round(w, maxCols), round(h, maxRows)
}

// Shrink makes a picture smaller until no side is longer than most pixels.
func Shrink(m image.Image, most int) image.Image {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	longest := max(w, h)
	if longest <= most {
		return m
	}
	out := image.NewRGBA(image.Rect(0, 0, max(w*most/longest, 1), max(h*most/longest, 1)))
	draw.BiLinear.Scale(out, out.Bounds(), m, m.Bounds(), draw.Src, nil)
	return out
}

// scale makes a picture of exactly that size, on a background.
func scale(m image.Image, width, height int, back color.Color) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), image.NewUniform(back), image.Point{}, draw.Src)
	draw.BiLinear.Scale(out, out.Bounds(), m, m.Bounds(), draw.Over, nil)
	return out
}
