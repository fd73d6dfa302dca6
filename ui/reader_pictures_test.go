package ui_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/ui"
	"eas.example/securemail/ui/term"
)

// swatch is a picture of one colour, 160 by 64 pixels.
func swatch(t *testing.T, c color.RGBA) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 160, 64))
	for i := range 160 * 64 {
		m.Set(i%160, i/160, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func illustrated(t *testing.T) []byte {
	t.Helper()
	return letter("Quay", "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n"+
		`<p>Above</p><img src="cid:quay@x" alt="the quay"><p>Below</p><img src="https://pictures.example/crane.png" alt="the crane"><p>End</p>`+
		"\n--b\nContent-Type: image/png\nContent-ID: <quay@x>\nContent-Disposition: inline; filename=q.png\nContent-Transfer-Encoding: base64\n\n"+
		base64.StdEncoding.EncodeToString(swatch(t, color.RGBA{0, 0, 255, 255}))+"\n--b--\n")
}

func TestPicturesAreDrawn(t *testing.T) {
	asked := []string{}
	deps := ui.Deps{Fetch: func(_ context.Context, address string) ([]byte, error) {
		asked = append(asked, address)
		return swatch(t, color.RGBA{255, 0, 0, 255}), nil
	}}
	reading(t, illustrated(t), deps, func(d *driver) {
		row := strings.Repeat("▀", 20)
		if n := strings.Count(strings.Join(d.screen(), "\n"), row); n != 4 {
			t.Errorf("%d rows of pictures, want the 4 of the one that came along:\n%s", n, strings.Join(d.screen(), "\n"))
		}
		d.want("[the crane]", "1 picture of this message lies elsewhere", "I fetches them")
		d.lacks("[the quay]")
		if len(asked) != 0 {
			t.Fatalf("%v was fetched without being asked for", asked)
		}
		d.press("I")
		d.want("1 of 1 pictures fetched")
		if len(asked) != 1 || asked[0] != "https://pictures.example/crane.png" {
			t.Errorf("%v was fetched", asked)
		}
		if n := strings.Count(strings.Join(d.screen(), "\n"), row); n != 8 {
			t.Errorf("%d rows of pictures, want 8:\n%s", n, strings.Join(d.screen(), "\n"))
		}
		d.lacks("[the crane]", "lies elsewhere")
	})
}

func TestNoPicturesInPlainText(t *testing.T) {
	for name, s := range map[string]ui.Settings{"ASCII": {Symbols: "ascii"}, "no colours": {Theme: "plain"}} {
		t.Run(name, func(t *testing.T) {
			reading(t, illustrated(t), ui.Deps{Settings: s}, func(d *driver) {
				time.Sleep(time.Second)
				synctest.Wait()
				d.want("[the quay]", "[the crane]")
				d.lacks("▀")
			})
		})
	}
}

func TestPicturesByThePixel(t *testing.T) {
	reading(t, illustrated(t), ui.Deps{}, func(d *driver) {
		for name, g := range map[string]term.GraphicsMsg{"kitty": {Graphics: term.Kitty}, "sixel": {Graphics: term.Sixel, CellWidth: 8, CellHeight: 16}} {
			d.msgs <- g
			synctest.Wait()
			d.lacks("▀")
			pics := d.app.Pictures()
			if len(pics) != 1 {
				t.Fatalf("%s: %d pictures", name, len(pics))
			}
			above := 0
			for y, line := range d.screen() {
				if strings.Contains(line, "Above") {
					above = y
				}
			}
			if p := pics[0]; p.X != 1 || p.Y != above+2 || p.Draw == "" || (p.Load != "") != (name == "kitty") {
				t.Errorf("%s: the picture is at %d, %d; the text above it in line %d", name, p.X, p.Y, above)
			}
			d.press("?")
			if pics := d.app.Pictures(); len(pics) != 0 {
				t.Errorf("%s: %d pictures lie over the help", name, len(pics))
			}
			d.press("esc", "v")
			if pics := d.app.Pictures(); len(pics) != 0 {
				t.Errorf("%s: %d pictures lie over the source", name, len(pics))
			}
			d.press("v")
		}
		d.msgs <- term.GraphicsMsg{Graphics: term.Sixel}
		synctest.Wait()
		d.want("▀▀▀▀")
	})
}
