package sample

import (
	"image"
	"image/color"
	"math"
)

// picture is somebody drawn in two colours, as on a poster: head, hair and
// shoulders before a plain wall. Every third is a PNG, the others are JPEGs, as
// phones make them.
func picture(n int, name string) []byte {
	const size = 96
	pick := func(i int, of ...color.RGBA) color.RGBA { return of[mix(name, i)%uint32(len(of))] }
	wall := pick(0, color.RGBA{216, 228, 236, 255}, color.RGBA{236, 226, 208, 255}, color.RGBA{220, 232, 214, 255}, color.RGBA{232, 216, 226, 255}, color.RGBA{205, 214, 230, 255})
	shirt := pick(3, color.RGBA{31, 78, 121, 255}, color.RGBA{120, 44, 60, 255}, color.RGBA{54, 104, 72, 255}, color.RGBA{84, 84, 92, 255}, color.RGBA{176, 108, 40, 255})
	skin, hair := shade(wall, 84), shade(shirt, 60)
	long, bald, glasses := mix(name, 4)%3 == 0, mix(name, 5)%7 == 0, mix(name, 6)%3 == 0
	in := func(x, y, cx, cy, rx, ry float64) bool { return (x-cx)*(x-cx)/(rx*rx)+(y-cy)*(y-cy)/(ry*ry) <= 1 }
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for py := range size {
		for px := range size {
			x, y := float64(px), float64(py)
			c := wall
			switch {
			case glasses && (math.Abs(math.Hypot(x-40, y-43)-6) < 1 || math.Abs(math.Hypot(x-56, y-43)-6) < 1):
				c = color.RGBA{40, 40, 44, 255}
			case in(x, y, 40, 43, 1.8, 2.2), in(x, y, 56, 43, 1.8, 2.2):
				c = color.RGBA{48, 40, 40, 255}
			case y > 54 && math.Abs(math.Hypot(x-48, y-50)-9) < 0.9 && math.Abs(x-48) < 6:
				c = shade(skin, 60)
			case !bald && y < 36 && in(x, y, 48, 40, 20, 24) && !in(x, y, 48, 48, 17, 18):
				c = hair
			case in(x, y, 48, 44, 17, 21):
				c = skin
			case !bald && long && y > 30 && y < 74 && in(x, y, 48, 50, 23, 27):
				c = hair
			case !bald && in(x, y, 48, 40, 20, 23) && y < 46:
				c = hair
			case math.Abs(x-48) < 7 && y > 60 && y < 74:
				c = skin
			case in(x, y, 48, 104, 38, 34):
				c = shirt
			}
			img.SetRGBA(px, py, c)
		}
	}
	if n%3 == 0 {
		return encodePNG(img)
	}
	return encodeJPEG(img)
}

// shade is a colour with so many hundredths of its light.
func shade(c color.RGBA, percent int) color.RGBA {
	part := func(v uint8) uint8 { return uint8(int(v) * percent / 100) }
	return color.RGBA{part(c.R), part(c.G), part(c.B), 255}
}
