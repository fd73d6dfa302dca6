package message

import "testing"

func TestDeceitfulLinks(t *testing.T) {
	for _, c := range []struct{ text, url, want string }{
		{"https://bank.example", "https://evil.example/x", "leads to evil.example"},
		{"Sign in at www.bank.example now", "https://bank.example.evil.example/", "leads to bank.example.evil.example"},
		{"bank.com", "https://bank.com.evil.net", "leads to bank.com.evil.net"},
		{"www.bank.example", "https://login.bank.example/?x", ""},
		{"https://a.github.io/", "https://b.github.io/", "leads to b.github.io"},
		{"Click here", "https://evil.example/", ""},
		{"report.pdf", "https://files.example/report.pdf", ""},
		{"readme.md", "https://files.example/x", ""},
		{"https://bank.example/a…", "https://bank.example/abc", ""},
		{"click", "https://bank.example@evil.example/", "leads to evil.example"},
		{"Log in", "https://xn--80ak6aa92e.com/", "looks like apple.com but leads to xn--80ak6aa92e.com"},
		{"Log in", "https://аррӏе.com/", "looks like apple.com but leads to xn--80ak6aa92e.com"},
		{"Log in", "https://pаypal.com/", "looks like paypal.com but leads to xn--pypal-4ve.com"},
		{"Müller", "https://müller.de/", ""},
		{"почта", "https://почта.рф/", ""},
		{"сор", "https://сор.рф/", ""},
		{"münchen.de", "https://xn--mnchen-3ya.de/", ""},
		{"Log in", "http://192.0.2.7/login", "leads to a machine without a name, 192.0.2.7"},
		{"http://192.0.2.7/", "http://192.0.2.7/login", ""},
		{"ana@example.test", "mailto:eve@evil.example?subject=x", "leads to eve@evil.example"},
		{"ana@example.test", "mailto:Ana@example.test", ""},
		{"ana@example.test", "https://example.test/ana", ""},
		{"x", "://", ""},
		// Browsers go to these, whatever a standard says.
		{"https://bank.example", "https://evil.example/%zz", "leads to evil.example"},
		{"https://bank.example", `https://evil.example\@bank.example/`, "leads to evil.example"},
		{"https://bank.example", "https:evil.example", "leads to evil.example"},
		{"https://bank.example", `https:/\/evil.example`, "leads to evil.example"},
		{"https://bank.example", "https://ev\til.exam\nple/", "leads to evil.example"},
		{"https://bank.example", "https://evil%2Eexample/", "leads to evil.example"},
		{"https://bank.example", "https://bank.example:x@evil.example:443/", "leads to evil.example"},
		{"Log in", "http://3221225991/", "leads to a machine without a name, 3221225991"},
		{"Log in", "http://0xc0.0x00.0x02.0x07/", "leads to a machine without a name, 0xc0.0x00.0x02.0x07"},
		{"http://[2001:db8::1]/", "http://[2001:db8::1]:80/x", ""},
		{"https://www.bank.example…", "https://evil.example/", "leads to evil.example"},
		{"https://www.bank.exam…", "https://www.bank.example/x", ""},
	} {
		d, ok := Link{c.text, c.url}.Deceit()
		got := ""
		if ok {
			got = d.Words()
		}
		if got != c.want {
			t.Errorf("%q to %s: %q, want %q", c.text, c.url, got, c.want)
		}
	}
}

func TestDeceitStandsBehindTheLink(t *testing.T) {
	r := renderHTML(`<p>Go to <a href="https://evil.example/x">https://bank.example</a> today.</p><a href="https://evil.example/y"><table><tr><td>www.bank.example</td></tr></table></a>`,
		RenderOptions{Width: 70, Numbers: true})
	const want = "Go to https://bank.example[1] ▲ leads to evil.example today.\n\nwww.bank.example\n[2] ▲ leads to evil.example\n"
	if got := r.String(); got != want {
		t.Errorf("it reads\n%s\nwant\n%s", got, want)
	}
}
