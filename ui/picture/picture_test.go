package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// halves is a picture that is red above and blue below.
func halves(t testing.TB, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 0, 0, 255}
			if y >= h/2 {
				c = color.RGBA{0, 0, 255, 255}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHalfBlocks(t *testing.T) {
	m, err := Decode(halves(t, 32, 32))
	if err != nil {
		t.Fatal(err)
	}
	lines := HalfBlocks(m, 4, 4, color.Black)
	if len(lines) != 4 {
		t.Fatalf("%d lines, want 4", len(lines))
	}
	for i, want := range map[int]string{0: "\x1b[38;2;255;0;0m\x1b[48;2;255;0;0m▀▀▀▀\x1b[0m", 3: "\x1b[38;2;0;0;255m\x1b[48;2;0;0;255m▀▀▀▀\x1b[0m"} {
		if lines[i] != want {
			t.Errorf("line %d is %q, want %q", i, lines[i], want)
		}
		if w := ansi.StringWidth(lines[i]); w != 4 {
			t.Errorf("line %d is %d wide", i, w)
		}
	}
}

func TestPictureIsNeverEnlargedAndFits(t *testing.T) {
	for _, c := range []struct{ w, h, maxCols, maxRows, cols, rows int }{
		{80, 160, 100, 30, 10, 10}, {8000, 1600, 100, 30, 100, 10}, {160, 16000, 100, 30, 1, 30}, {1, 1, 100, 30, 1, 1}, {100, 100, 0, 5, 0, 0},
	} {
		if cols, rows := Cells(c.w, c.h, c.maxCols, c.maxRows); cols != c.cols || rows != c.rows {
			t.Errorf("%d by %d pixels in %d by %d cells take %d by %d, want %d by %d", c.w, c.h, c.maxCols, c.maxRows, cols, rows, c.cols, c.rows)
		}
	}
}

// A few bytes that say they are a picture of 4 gigapixels get no memory.
func TestHugePictureIsRefused(t *testing.T) {
	b := halves(t, 2, 2)
	binary.BigEndian.PutUint32(b[16:], 65535)
	binary.BigEndian.PutUint32(b[20:], 65535)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	if _, err := Decode(b); !errors.Is(err, ErrTooLarge) {
		t.Errorf("decode gives %v, want ErrTooLarge", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(halves(f, 3, 3))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, b []byte) {
		if w, h, err := Size(b); err != nil || w*h > 1<<20 {
			return
		}
		m, err := Decode(b)
		if err != nil {
			return
		}
		for _, l := range HalfBlocks(m, 3, 2, color.White) {
			if ansi.StringWidth(l) != 3 || strings.Count(l, "▀") != 3 {
				t.Errorf("%q is not 3 cells", l)
			}
		}
	})
}
