package message

import (
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Deceit is how a link is other than it seems.
type Deceit struct {
	// Claims is the place that its words name, Looks what the name of its host
	// is made to look like; "" where it is not that.
	Claims, Looks string
	// Leads is where it leads: the host in ASCII, or the address of a mailto.
	Leads string
	// Number says that Leads is the number of a machine, not a name.
	Number bool
}

// Words tell the deceit in half a sentence.
func (d Deceit) Words() string {
	switch {
	case d.Looks != "":
		return "looks like " + d.Looks + " but leads to " + d.Leads
	case d.Number:
		return "leads to a machine without a name, " + d.Leads
	}
	return "leads to " + d.Leads
}

// Deceit reports whether a link leads elsewhere than its words or the looks of
// its host say.
func (l Link) Deceit() (Deceit, bool) {
	t := targetOf(l.URL)
	if t.scheme == "mailto" {
		return mailDeceit(l.Text, t.path)
	}
	host, shown := hostNames(t.host)
	if host == "" {
		return Deceit{}, false
	}
	d := Deceit{Leads: host, Claims: t.user} // https://bank.example@elsewhere.example
	for _, claim := range claims(l.Text, t.path) {
		start, shortened := strings.CutSuffix(claim, "…")
		if shortened && start != "" && strings.HasPrefix(host, start) {
			continue
		}
		if claim, _ = hostNames(start); registered(claim) != registered(host) {
			d.Claims = claim
			break
		}
	}
	d.Looks = lookalike(shown)
	d.Number = number(host) && !strings.Contains(l.Text, host)
	return d, d.Claims != "" || d.Looks != "" || d.Number
}

// target is where a link leads.
type target struct{ scheme, user, host, path string }

// targetOf takes an address apart as browsers do (WHATWG URL 4.4): they go to
// many that no standard allows.
func targetOf(address string) target {
	address = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, strings.TrimSpace(address))
	scheme, rest, _ := strings.Cut(address, ":")
	t := target{scheme: strings.ToLower(scheme), path: rest}
	switch t.scheme {
	case "http", "https", "ftp":
		rest = strings.TrimLeft(rest, `/\`)
	default:
		var ok bool
		if rest, ok = strings.CutPrefix(rest, "//"); !ok {
			return t
		}
	}
	end := len(rest)
	if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
		end = i
	}
	t.host, t.path = rest[:end], rest[end:]
	if i := strings.IndexAny(t.path, "?#"); i >= 0 {
		t.path = t.path[:i]
	}
	if i := strings.LastIndexByte(t.host, '@'); i >= 0 {
		t.user, _, _ = strings.Cut(t.host[:i], ":")
		t.host = t.host[i+1:]
	}
	if i := strings.IndexByte(t.host, ']'); i >= 0 {
		t.host = t.host[:i+1]
	} else {
		t.host, _, _ = strings.Cut(t.host, ":")
	}
	t.user, t.host, t.path = unescaped(t.user), unescaped(t.host), unescaped(t.path)
	return t
}

// unescaped undoes the percent signs where all are of use.
func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// number reports whether browsers take a host for the number of a machine, in
// whatever way it is written (WHATWG URL 3.5).
func number(host string) bool {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	_, err := strconv.ParseUint(host[strings.LastIndexByte(host, '.')+1:], 0, 64)
	return err == nil
}

// mailDeceit compares the address that is shown with the one written to.
func mailDeceit(text, to string) (Deceit, bool) {
	to, _, _ = strings.Cut(to, "?")
	if to, err := url.PathUnescape(to); err == nil {
		for word := range strings.FieldsSeq(Clean(text)) {
			word = strings.Trim(word, edges)
			if at := strings.IndexByte(word, '@'); at > 0 && strings.Contains(word[at:], ".") && !strings.Contains(strings.ToLower(to), strings.ToLower(word)) {
				return Deceit{Claims: word, Leads: Clean(to)}, true
			}
		}
	}
	return Deceit{}, false
}

// edges are what stands around an address in a text.
const edges = "<>()[]{}\"'“”‘’«».,;:!?"

// claims are the hosts that the words of a link name; one that was shortened ends
// with "…". A name without a scheme counts where it stands alone and is no file of
// the target.
func claims(text, target string) []string {
	words := strings.Fields(Clean(text))
	var out []string
	for _, w := range words {
		w = strings.ToLower(strings.Trim(w, edges))
		scheme, rest, ok := strings.Cut(w, "://")
		switch {
		case ok && (scheme == "http" || scheme == "https" || scheme == "ftp"):
		case !ok && strings.HasPrefix(w, "www."):
			rest = w
		case !ok && len(words) == 1 && !strings.Contains(w, "@"):
			name, _, _ := strings.Cut(w, "/")
			if _, listed := publicsuffix.PublicSuffix(name); !listed || !strings.Contains(name, ".") || slices.Contains(fileEndings, path.Ext(name)) ||
				strings.Contains(strings.ToLower(target), w) {
				continue
			}
			rest = w
		default:
			continue
		}
		if end := strings.IndexAny(rest, "/?#:"); end >= 0 {
			rest = rest[:end]
		}
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			rest = rest[i+1:]
		}
		if strings.Contains(rest, ".") && !strings.HasSuffix(rest, "..") {
			out = append(out, rest)
		}
	}
	return out
}

// fileEndings are domains that are more often the ending of a file.
var fileEndings = []string{".md", ".sh", ".rs", ".zip", ".mov", ".py", ".pl", ".ps", ".ai", ".pm", ".so", ".cc", ".ml", ".py", ".app", ".name", ".do"}

// longestHost is more than any name that leads anywhere: to write a longer one in
// ASCII takes time by the square of its length.
const longestHost = 1000

// hostNames are a host in ASCII and as it is shown to people.
func hostNames(host string) (ascii, shown string) {
	if len(host) > longestHost {
		host = strings.ToValidUTF8(host[:longestHost], "")
	}
	host = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(Clean(host)), "."))
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		if ascii, err = idna.Punycode.ToASCII(host); err != nil {
			return host, host
		}
	}
	if shown, err = idna.Punycode.ToUnicode(ascii); err != nil {
		shown = ascii
	}
	return ascii, shown
}

// registered is the part of a host that someone can register.
func registered(host string) string {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return host
	}
	if r, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return r
	}
	return host
}

// lookalike is the host of ASCII letters that another one is made to look
// like, "" where it is not. Whole words of another script under a domain of
// that script are names like any other.
func lookalike(host string) string {
	if onlyASCII(host) {
		return ""
	}
	labels := strings.Split(host, ".")
	if !onlyASCII(labels[len(labels)-1]) {
		return ""
	}
	found := false
	for i, label := range labels {
		if onlyASCII(label) {
			continue
		}
		plain := skeleton(label)
		// All of it looks like ASCII, or it mixes letters that look alike with
		// those of ASCII.
		if onlyASCII(plain) || plain != label && mixesScripts(label) {
			found = true
		}
		labels[i] = plain
	}
	if !found {
		return ""
	}
	return strings.Join(labels, ".")
}

func onlyASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

func mixesScripts(s string) bool {
	latin := strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) >= 0
	return latin && strings.IndexFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee)
	}) >= 0
}

// skeleton replaces letters that look like ones of ASCII (after Unicode
// Technical Standard 39, those that occur in names).
func skeleton(s string) string {
	return strings.Map(func(r rune) rune {
		if i := slices.Index(twins, r); i >= 0 {
			return rune(twinOf[i])
		}
		return r
	}, s)
}

// twins look like the letters of twinOf, one for one.
var twins = []rune("аеорсухіјѕԁԛԝһӏьᴦ" + "αογνρικυχѡω" + "օոսհցզ" + "ıɑɡⅼǀℓ")

const twinOf = "aeopcyxijsdqwhlbr" + "aoyvpikuxww" + "onuhgq" + "iaglll"
