package contacts

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"
)

func TestPictureIsMadeToFit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	img := image.NewNRGBA(image.Rect(3, 5, 803, 405))
	for i := range img.Pix {
		img.Pix[i] = uint8(r.Uint32()) // noise: the hardest to make small
	}
	img.SetNRGBA(3, 5, color.NRGBA{255, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	fit, ok := FitPicture(b.Bytes())
	if !ok || len(fit) > MaxPicture {
		t.Fatalf("%d bytes, %t", len(fit), ok)
	}
	out, err := jpeg.Decode(bytes.NewReader(fit))
	if err != nil {
		t.Fatal(err)
	}
	if s := out.Bounds(); s.Dx() < 100 || s.Dx() > shownSide || s.Dx()/s.Dy() != 2 {
		t.Errorf("made %v of it", s)
	}
	if small := []byte("anything small"); true {
		if same, ok := FitPicture(small); !ok || !bytes.Equal(same, small) {
			t.Error("what fits is changed")
		}
	}
	if _, ok := FitPicture(make([]byte, MaxPicture+1)); ok {
		t.Error("nonsense is a picture")
	}
}
