// Command screens makes the pictures of the README: it runs the demo of a built
// securemail in a terminal of its own, types keys, and draws what is on the
// screen as SVG.
//
//	go build -o /tmp/securemail . && go run ./.ci/screens -bin /tmp/securemail -o .github
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"

	"eas.example/securemail/ui/term/vt"
)

// picture is one screen: how large, and which keys lead to it.
type picture struct {
	name          string
	width, height int
	keys          []string
}

var pictures = []picture{
	{"mail", 150, 38, []string{"j", "j"}},
	{"sync-options", 80, 24, []string{".", "\r", "\r"}},
	{"auto-refresh", 80, 24, []string{",", "\r"}},
	{"people", 110, 30, []string{"gp", "j", "j"}},
	{"calendar", 110, 30, []string{"gd", "J", "j", "j"}},
	{"compose", 80, 24, []string{"j", "r"}},
}

func main() {
	bin := flag.String("bin", "securemail", "the built program")
	out := flag.String("o", ".", "directory for the pictures")
	flag.Parse()
	for _, p := range pictures {
		svg, err := p.take(*bin)
		if err == nil {
			err = os.WriteFile(filepath.Join(*out, p.name+".svg"), []byte(svg), 0o644)
		}
		if err != nil {
			log.Fatalf("%s: %v", p.name, err)
		}
	}
}

// take runs the demo, types and draws.
func (p picture) take(bin string) (string, error) {
	cmd := exec.Command(bin, "demo")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(p.width), Rows: uint16(p.height)})
	if err != nil {
		return "", err
	}
	defer func() {
		// As if the terminal went away: the demo ends by itself and cleans up.
		cmd.Process.Signal(syscall.SIGHUP)
		cmd.Wait()
		tty.Close()
	}()
	screen := vt.New(p.width, p.height)
	screen.Answer(tty, true)
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, err := tty.Read(buf)
			screen.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	time.Sleep(5 * time.Second)
	for _, k := range p.keys {
		if _, err := tty.WriteString(k); err != nil {
			return "", err
		}
		time.Sleep(700 * time.Millisecond)
	}
	return draw(screen), nil
}

const (
	cellW, cellH = 8.4, 18.0
	margin       = 10.0
	ground       = "#16181d"
	ink          = "#d6d9df"
)

// draw writes the screen as SVG: what lies under the letters, then the letters.
func draw(s *vt.Screen) string {
	w, h := s.Size()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14">`,
		float64(w)*cellW+2*margin, float64(h)*cellH+2*margin)
	fmt.Fprintf(&b, "\n<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"%s\"/>\n", ground)
	for y := range h {
		for x := 0; x < w; {
			c := s.Cell(x, y)
			n := 1
			for x+n < w && s.Cell(x+n, y).Style == c.Style {
				n++
			}
			drawRun(&b, s, x, y, n)
			x += n
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// drawRun draws n cells of one style.
func drawRun(b *strings.Builder, s *vt.Screen, x, y, n int) {
	st := s.Cell(x, y).Style
	fg, bg := colour(st.FG, ink), colour(st.BG, "")
	if st.Attr&vt.Reverse != 0 {
		fg, bg = colour(st.BG, ground), colour(st.FG, ink)
	}
	px, py := margin+float64(x)*cellW, margin+float64(y)*cellH
	if bg != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", px, py, float64(n)*cellW+0.3, cellH+0.3, bg)
	}
	more := ""
	if st.Attr&vt.Bold != 0 {
		more += ` font-weight="bold"`
	}
	if st.Attr&vt.Dim != 0 {
		more += ` opacity="0.6"`
	}
	if st.Underline > 0 || st.Attr&vt.Underline != 0 {
		more += ` text-decoration="underline"`
	}
	for i := 0; i < n; {
		text, cells := word(s, x+i, y, n-i)
		if strings.TrimSpace(text) != "" {
			fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s"%s textLength="%.1f" xml:space="preserve">%s</text>`+"\n",
				px+float64(i)*cellW, py+cellH*0.75, fg, more, float64(cells)*cellW, escape(text))
		}
		i += cells
	}
}

// word is the text from a cell on, up to two blanks in a row or a wide cell, so
// that letters stay in their columns whatever font is used.
func word(s *vt.Screen, x, y, n int) (text string, cells int) {
	for cells < n {
		c := s.Cell(x+cells, y)
		if c.Width == 2 {
			if cells == 0 {
				return c.Text, min(2, n)
			}
			return text, cells
		}
		t := c.Text
		if t == "" {
			t = " "
		}
		if t == " " && (cells == 0 || strings.HasSuffix(text, " ")) {
			if cells == 0 {
				return " ", 1
			}
			return text, cells
		}
		text += t
		cells++
	}
	return text, cells
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// colour writes a colour of the terminal for SVG.
func colour(c vt.Colour, own string) string {
	switch c.Kind {
	case 1:
		return palette(int(c.Value))
	case 2:
		return fmt.Sprintf("#%06x", c.Value)
	}
	return own
}

// palette is xterm's table of 256 colours.
func palette(n int) string {
	first := []string{"#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
		"#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"}
	switch {
	case n < 16:
		return first[n]
	case n < 232:
		level := func(i int) int {
			if i == 0 {
				return 0
			}
			return 55 + 40*i
		}
		n -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	}
	g := 8 + 10*(n-232)
	return fmt.Sprintf("#%02x%02x%02x", g, g, g)
}
