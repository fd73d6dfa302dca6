package picture

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func gradient(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, color.RGBA{uint8(i % w * 255 / w), uint8(i / w * 255 / h), 128, 255})
	}
	return m
}

func TestKitty(t *testing.T) {
	m := gradient(300, 200)
	k, err := ForKitty(m)
	if err != nil {
		t.Fatal(err)
	}
	var data strings.Builder
	parts := regexp.MustCompile(`\x1b_G([^;]*);([^\x1b]*)\x1b\\`).FindAllStringSubmatch(k.Load, -1)
	for i, p := range parts {
		data.WriteString(p[2])
		if last := i == len(parts)-1; len(p[2]) > kittyChunk || strings.HasSuffix(p[1], "m=0") != last {
			t.Errorf("part %d of %d has %d letters and says %s", i, len(parts), len(p[2]), p[1])
		}
	}
	b, err := base64.StdEncoding.DecodeString(data.String())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := png.Decode(bytes.NewReader(b)); err != nil || got.Bounds() != m.Bounds() || got.At(100, 50) != m.At(100, 50) {
		t.Errorf("the picture is not the same (%v)", err)
	}
	if got, want := k.Draw(3, 30, 10, 2, 5), fmt.Sprintf("\x1b_Ga=p,i=%d,p=3,c=30,r=3,x=0,y=40,w=300,h=60,C=1,q=2\x1b\\", k.ID); got != want {
		t.Errorf("rows 2 to 5 are drawn by %q, want %q", got, want)
	}
}

// unsixel reads what Draw writes.
func unsixel(t *testing.T, s string) *image.RGBA {
	t.Helper()
	var w, h int
	if _, err := fmt.Sscanf(s, "\x1bP0;1q\"1;1;%d;%d", &w, &h); err != nil {
		t.Fatal(err)
	}
	s = strings.TrimSuffix(s[strings.Index(s, `"1;1;`):], "\x1b\\")
	s = s[strings.Index(s, "#"):]
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	colours := map[int]color.RGBA{}
	x, y, at := 0, 0, 0
	for _, tok := range regexp.MustCompile(`#\d+;2;\d+;\d+;\d+|#\d+|!\d+.|.`).FindAllString(s, -1) {
		switch {
		case strings.HasPrefix(tok, "#"):
			var c, r, g, b int
			if n, _ := fmt.Sscanf(tok, "#%d;2;%d;%d;%d", &c, &r, &g, &b); n == 4 {
				colours[c] = color.RGBA{uint8((r*255 + 50) / 100), uint8((g*255 + 50) / 100), uint8((b*255 + 50) / 100), 255}
			}
			at = c
		case tok == "$":
			x = 0
		case tok == "-":
			x, y = 0, y+6
		default:
			n := 1
			if tok[0] == '!' {
				n, _ = strconv.Atoi(tok[1 : len(tok)-1])
			}
			bits := tok[len(tok)-1] - '?'
			for ; n > 0; n-- {
				for i := range 6 {
					if bits>>i&1 != 0 {
						out.Set(x, y+i, colours[at])
					}
				}
				x++
			}
		}
	}
	return out
}

func TestSixel(t *testing.T) {
	s := ForSixel(gradient(64, 64), 8, 4, 8, 16, color.Black)
	got := unsixel(t, s.Draw(1, 3))
	if got.Bounds() != image.Rect(0, 0, 64, 32) {
		t.Fatalf("the picture has %v", got.Bounds())
	}
	for y := range 32 {
		for x := range 64 {
			want := color.RGBAModel.Convert(color.Palette(palette.Plan9)[s.image.ColorIndexAt(x, y+16)]).(color.RGBA)
			have := got.RGBAAt(x, y)
			for _, d := range []int{int(have.R) - int(want.R), int(have.G) - int(want.G), int(have.B) - int(want.B), int(have.A) - 255} {
				if d < -3 || d > 3 {
					t.Fatalf("the pixel at %d, %d is %v, want %v", x, y, have, want)
				}
			}
		}
	}
}
