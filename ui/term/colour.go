package term

import "strings"

// profile is how much style a terminal shows.
type profile uint8

const (
	noStyle   profile = iota // nothing at all
	noColour                 // bold, underline and their like
	colour16                 // the 16 of old
	colour256                // and the cube and the greys of xterm
	trueColour
)

// profileOf reads it from the environment. NO_COLOR is that of no-color.org.
func profileOf(getenv func(string) string) profile {
	name := getenv("TERM")
	switch {
	case name == "dumb":
		return noStyle
	case getenv("NO_COLOR") != "" || strings.HasPrefix(name, "vt") && !strings.HasPrefix(name, "vte"):
		return noColour
	case getenv("COLORTERM") == "truecolor" || getenv("COLORTERM") == "24bit":
		if strings.HasPrefix(name, "screen") && getenv("TMUX") == "" {
			return colour256 // GNU screen hands the variable on, not the colours
		}
		return trueColour
	case name == "linux" || name == "ansi" || name == "cons25" || name == "cygwin":
		return colour16
	}
	for _, known := range []string{"kitty", "ghostty", "alacritty", "wezterm", "foot", "contour", "direct"} {
		if strings.Contains(name, known) {
			return trueColour
		}
	}
	return colour256
}

// colour is a colour of text: its kind in the upper byte, then its value. The
// zero value is the terminal's own.
type colour uint32

const (
	indexed colour = 1 << 24 // 0 to 255; the first 16 are the theme's
	direct  colour = 2 << 24 // red, green, blue
)

// kind is 0, indexed or direct.
func (c colour) kind() colour { return c &^ 0xffffff }

// fit is the nearest colour that the terminal has.
func (p profile) fit(c colour) colour {
	switch {
	case p <= noColour:
		return 0
	case p == trueColour || c == 0:
		return c
	case p == colour256:
		if c.kind() == direct {
			return indexed | nearest256(c)
		}
		return c
	case c.kind() == indexed && c&0xff < 16:
		return c
	}
	return indexed | nearest16(c.rgb())
}

// rgb gives the parts of a colour; those of the first 16 are xterm's.
func (c colour) rgb() [3]int {
	if c.kind() == direct {
		return [3]int{int(c >> 16 & 0xff), int(c >> 8 & 0xff), int(c & 0xff)}
	}
	n := int(c & 0xff)
	switch {
	case n < 16:
		return ansi16(n)
	case n < 232:
		n -= 16
		return [3]int{cube(n / 36), cube(n / 6 % 6), cube(n % 6)}
	}
	g := 8 + (n-232)*10
	return [3]int{g, g, g}
}

// cube is a step of the colour cube.
func cube(i int) int {
	if i == 0 {
		return 0
	}
	return 55 + 40*i
}

func ansi16(n int) [3]int {
	switch {
	case n == 7:
		return [3]int{0xe5, 0xe5, 0xe5}
	case n == 8:
		return [3]int{0x7f, 0x7f, 0x7f}
	}
	on := 0xcd
	if n > 8 {
		on = 0xff
	}
	var c [3]int
	for i := range c {
		if n>>i&1 != 0 {
			c[i] = on
		}
	}
	return c
}

func nearest256(c colour) colour {
	v := c.rgb()
	var i, near [3]int
	for k, x := range v {
		switch {
		case x < 48:
			i[k] = 0
		case x < 115:
			i[k] = 1
		default:
			i[k] = (x - 35) / 40
		}
		near[k] = cube(i[k])
	}
	grey := min(max((v[0]+v[1]+v[2])/3-3, 0)/10, 23)
	g := 8 + grey*10
	if apart(v, [3]int{g, g, g}) < apart(v, near) {
		return colour(232 + grey)
	}
	return colour(16 + 36*i[0] + 6*i[1] + i[2])
}

func nearest16(v [3]int) colour {
	best, least := 0, 1<<30
	for n := range 16 {
		if d := apart(v, ansi16(n)); d < least {
			best, least = n, d
		}
	}
	return colour(best)
}

// apart is how different two colours look, by "redmean".
func apart(a, b [3]int) int {
	mean := (a[0] + b[0]) / 2
	r, g, bl := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return ((512+mean)*r*r)>>8 + 4*g*g + ((767-mean)*bl*bl)>>8
}
