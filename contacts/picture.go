package contacts

import (
	"bytes"
	"image"
	"image/color"
	_ "image/gif" // pictures of this kind are read too
	"image/jpeg"
	_ "image/png" // likewise
)

// MaxPicture is how many bytes a picture may have that Exchange takes.
const MaxPicture = 36 << 10

const (
	maxPixels     = 40 << 20 // of a picture that is decoded
	shownSide     = 480      // pixels of the longer side that a picture begins with
	smallestSide  = 48
	pictureAsJPEG = 85 // quality
)

// FitPicture is a picture that Exchange takes: the same where it is small
// enough, else a smaller JPEG of it. ok is false for what is no picture.
func FitPicture(b []byte) (fit []byte, ok bool) {
	if len(b) <= MaxPicture {
		return b, true
	}
	cfg, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > maxPixels/cfg.Height {
		return nil, false
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	for side := shownSide; side >= smallestSide; side = side * 3 / 4 {
		img = shrink(img, side) // of the last one: the first look at a large one takes a second
		var out bytes.Buffer
		if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: pictureAsJPEG}); err != nil {
			return nil, false
		}
		if out.Len() <= MaxPicture {
			return out.Bytes(), true
		}
	}
	return nil, false
}

// shrink makes the longer side of a picture at most side pixels long. Each new
// pixel is the mean of those that it stands for, on white.
func shrink(img image.Image, side int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	nw, nh := w, h
	if longer := max(w, h); longer > side {
		nw, nh = max(w*side/longer, 1), max(h*side/longer, 1)
	}
	out := image.NewRGBA(image.Rect(0, 0, nw, nh))
	for y := range nh {
		for x := range nw {
			out.SetRGBA(x, y, mean(img, image.Rect(b.Min.X+x*w/nw, b.Min.Y+y*h/nh, b.Min.X+max((x+1)*w/nw, x*w/nw+1), b.Min.Y+max((y+1)*h/nh, y*h/nh+1))))
		}
	}
	return out
}

func mean(img image.Image, part image.Rectangle) color.RGBA {
	var r, g, b, n uint64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			cr, cg, cb, ca := img.At(x, y).RGBA()
			white := uint64(0xFFFF - ca)
			r, g, b, n = r+uint64(cr)+white, g+uint64(cg)+white, b+uint64(cb)+white, n+1
		}
	}
	return color.RGBA{uint8(r / n >> 8), uint8(g / n >> 8), uint8(b / n >> 8), 255}
}
