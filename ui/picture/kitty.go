package picture

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"strings"
)

// kittyChunk is how much of a picture one sequence of kitty's protocol holds.
const kittyChunk = 4096

// Kitty is a picture that a terminal with kitty's graphics protocol keeps.
type Kitty struct {
	ID            uint32
	Load          string // gives the picture to the terminal
	width, height int    // pixels
}

// ForKitty makes the sequences of a picture.
func ForKitty(m image.Image) (Kitty, error) {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		return Kitty{}, fmt.Errorf("write the picture: %w", err)
	}
	k := Kitty{ID: crc32.ChecksumIEEE(b.Bytes()) | 1<<24, width: m.Bounds().Dx(), height: m.Bounds().Dy()}
	data := base64.StdEncoding.EncodeToString(b.Bytes())
	var out strings.Builder
	for first := true; first || data != ""; first = false {
		part := data[:min(len(data), kittyChunk)]
		data = data[len(part):]
		more := 0
		if data != "" {
			more = 1
		}
		if first {
			fmt.Fprintf(&out, "\x1b_Ga=t,f=100,i=%d,q=2,m=%d;%s\x1b\\", k.ID, more, part)
		} else {
			fmt.Fprintf(&out, "\x1b_Gm=%d;%s\x1b\\", more, part)
		}
	}
	k.Load = out.String()
	return k, nil
}

// Drop takes the picture off a place on the screen.
func (k Kitty) Drop(place int) string {
	return fmt.Sprintf("\x1b_Ga=d,d=i,i=%d,p=%d,q=2\x1b\\", k.ID, place)
}

// Draw draws the rows from to to of a picture that takes cols by rows cells,
// without moving the cursor. It may stand in several places, numbered from 1.
func (k Kitty) Draw(place, cols, rows, from, to int) string {
	top, bottom := k.height*from/rows, k.height*to/rows
	return fmt.Sprintf("\x1b_Ga=p,i=%d,p=%d,c=%d,r=%d,x=0,y=%d,w=%d,h=%d,C=1,q=2\x1b\\", k.ID, place, cols, to-from, top, k.width, max(bottom-top, 1))
}
