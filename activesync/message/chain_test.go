package message

import (
	"fmt"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

// chainWords writes chains down: the lines, and who wrote what is in them.
func chainWords(r *Rendered) string {
	var out []string
	for _, c := range r.Chains() {
		var names []string
		for _, e := range c.Earlier {
			n := e.From
			if e.Forwarded {
				n += " (forwarded)"
			}
			names = append(names, fmt.Sprintf("%d %s", e.At, n))
		}
		own := ""
		if !c.Own {
			own = " alone"
		}
		out = append(out, fmt.Sprintf("%s to %d%s", strings.Join(names, ", "), c.End, own))
	}
	return strings.Join(out, "; ")
}

func TestChainsInPlainText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"none", "Hello,\nthe plan: we meet at 10.\nFrom: here to there.\n", ""},
		{"gmail", "Fine.\n\nOn Tue, 3 Mar 2026 at 10:00, Ana Souza <ana@example.test> wrote:\n\n> Shall we?\n>\n> Ana\n", "2 Ana Souza to 7"},
		{"broken over two lines", "Fine.\n\nOn Tue, 3 Mar 2026 at 10:00 AM Ana Souza\n<ana@example.test> wrote:\n> Shall we?\n> Ana\n", "2 Ana Souza to 6"},
		{"german", "Gut.\n\nAm 03.03.26 um 10:00 schrieb Jörg Müller:\n> Treffen wir uns?\n> Jörg\n", "2 Jörg Müller to 5"},
		{"french", "Oui.\n\nLe mar. 3 mars 2026 à 10:00, Zoé Martin <zoe@example.test> a écrit :\n> On y va ?\n> Zoé\n", "2 Zoé Martin to 5"},
		{"spanish", "Sí.\n\nEl mar, 3 mar 2026 a las 10:00, Luz Gil (<luz@example.test>) escribió:\n> ¿Vamos?\n> Luz\n", "2 Luz Gil to 5"},
		{"russian", "Да.\n\n3 марта 2026 г., в 10:00, Иван Петров <ivan@example.test> написал(а):\n> Идём?\n> Иван\n", "2 Иван Петров to 5"},
		{"japanese", "了解。\n\n2026年3月3日(火) 10:00 田中 <tanaka@example.test>:\n> 明日ですか\n> 田中\n", "2 田中 to 5"},
		{"a name with a comma", "Ok.\n\nOn 3/3/26 10:00 AM, Souza, Ana wrote:\n> a\n> b\n", "2 Souza, Ana to 5"},
		{"outlook", "Yes.\n\n-----Original Message-----\nFrom: Ben Ito [mailto:ben@example.test]\nSent: Monday, 2 March 2026 09:12\nTo: Ana Souza; Cy Lee\nSubject: RE: Quay\n\nPlease see below.\n\nFrom: Cy Lee\nSent: Friday\nTo: Ben Ito\nSubject: Quay\n\nFirst.\n",
			"2 Ben Ito, 10 Cy Lee to 16"},
		{"outlook in german", "Ja.\n\n________________________________\nVon: Müller, Jörg <joerg@example.test>\nGesendet: Montag, 2. März 2026 09:12\nAn: Ana\nBetreff: AW: Kai\n\nText\n", "2 Müller, Jörg to 9"},
		{"recipients over several lines", "Ok\n\nFrom: Ben Ito\nSent: Monday\nTo: Ana Souza <ana@example.test>; Cy Lee <cy@example.test>;\n Dee Oh <dee@example.test>\nSubject: x\n\nText\n", "2 Ben Ito to 9"},
		{"answers between", "On Tue, Ana <ana@example.test> wrote:\n> One?\n\nYes.\n\n> Two?\n\nNo.\n", ""},
		{"a long quote between", "On Tue, Ana <ana@example.test> wrote:\n" + strings.Repeat("> line\n", 20) + "\nYes.\n", "0 Ana to 21"},
		{"answer below with a signature", "> a\n> b\n> c\n> d\n\nYes.\n-- \nAna\n", ""},
		{"quote before the foot of a list", "Yes.\n\nOn 3 Mar, Ana <ana@example.test> wrote:\n> a\n> b\n\n_______________________________________________\nList mailing list\n", "2 Ana to 5"},
		{"passed on", "Look.\n\n---------- Forwarded message ---------\nFrom: Ben Ito <ben@example.test>\nDate: Mon, 2 Mar 2026\nSubject: Quay\nTo: Ana\n\nText\n", "2 Ben Ito (forwarded) to 9"},
		{"passed on without a word", "Begin forwarded message:\n\nFrom: Ben Ito <ben@example.test>\nSubject: Quay\nDate: 2 March 2026\nTo: Ana\n\nText\n", "0 Ben Ito (forwarded) to 8 alone"},
		{"three of them", "New.\n\nOn Wed 4 Mar, Ana wrote:\n> Two.\n>\n> On Tue 3 Mar, Ben wrote:\n>> One.\n>>\n>> On Mon 2 Mar, Cy wrote:\n>>> Zero.\n", "2 Ana, 5 Ben, 8 Cy to 10"},
		{"a colon and no quote", "We need on 3 March, Ana wrote:\nnothing.\nmore\nand more\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := RenderText(activesync.Body{Type: activesync.BodyPlain, Data: []byte(tt.in)}, RenderOptions{Width: 90})
			if got := chainWords(r); got != tt.want {
				t.Errorf("got %q, want %q in\n%s", got, tt.want, r)
			}
		})
	}
}

func TestChainsInHTML(t *testing.T) {
	const outlook = `<p class=MsoNormal>Thanks.</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> Ben Ito &lt;ben@example.test&gt; <br><b>Sent:</b> Monday, 2 March 2026 09:12<br><b>To:</b> Ana Souza &lt;ana@example.test&gt;<br><b>Subject:</b> RE: Quay</p></div></div><p class=MsoNormal>See below.</p><p>Ben</p>`
	tests := []struct{ name, in, want string }{
		{"outlook", outlook, "2 Ben Ito to 10"},
		{"outlook on the web", `<div>Sure</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Kimden:</b> Ben &lt;ben@example.test&gt;<br><b>X:</b> 2 March<br><b>Y:</b> Ana<br><b>Z:</b> Quay</div><div><p>Text</p><p>More</p></div>`, "1 Ben to 10"},
		{"gmail", `<div dir="ltr">Fine</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, 3 Mar 2026 at 10:00, Ana Souza &lt;<a href="mailto:ana@example.test">ana@example.test</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex"><div>Shall we?</div><div>Ana</div></blockquote></div>`, "1 Ana Souza to 5"},
		{"apple", `<div>Fine</div><br><div><br><blockquote type="cite"><div>On 3 Mar 2026, at 10:00, Ana Souza &lt;ana@example.test&gt; wrote:</div><br><div>Shall we?</div><div>Ana</div></blockquote></div>`, "2 Ana Souza to 5"},
		{"thunderbird", `<p>Fine</p><div class="moz-cite-prefix">Am 03.03.26 um 10:00 schrieb Jörg:<br></div><blockquote type="cite" cite="mid:1@example.test"><p>Treffen?</p><p>J</p></blockquote>`, "2 Jörg to 7"},
		{"plain text as HTML", `<div class="PlainText">Fine<br><br>On 3 Mar 2026, Ana wrote:<br>&gt; Shall we?<br>&gt; Ana<br></div>`, "2 Ana to 5"},
		{"indented", `<p>a</p><blockquote style="margin:0 0 0 40px;border:none;padding:0px">not a quote<br>b<br>c<br>d</blockquote>`, ""},
		{"a line at the left", `<p>My answer</p><div style="border:none;border-left:solid blue 1.5pt;padding:0 0 0 4pt"><p>old</p><p>older</p></div>`, "2  to 5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := renderHTML(tt.in, RenderOptions{Width: 90})
			if got := chainWords(r); got != tt.want {
				t.Errorf("got %q, want %q in\n%s", got, tt.want, r)
			}
		})
	}
}

func TestFindAcrossLines(t *testing.T) {
	r := renderPlain("The Harbour office opens at ten; the harbour\noffice closes at five.", RenderOptions{Width: 12})
	hits := r.Find("harbour  OFFICE")
	if len(hits) != 1 {
		t.Fatalf("%d matches in\n%s", len(hits), r)
	}
	var got string
	for _, p := range hits[0] {
		got += r.Lines[p.Line].Text()[p.From:p.To] + "|"
	}
	if got != "Harbour|office|" {
		t.Errorf("pieces %q", got)
	}
	if n := len(r.Find("harbour")); n != 2 {
		t.Errorf("harbour: %d matches", n)
	}
	if n := len(renderPlain("ÄPFEL und äpfel", RenderOptions{}).Find("Äpfel")); n != 2 {
		t.Errorf("Äpfel: %d matches", n)
	}
}

func FuzzChains(f *testing.F) {
	f.Add("a\n\nOn 3 Mar, Ana wrote:\n> b\n\nFrom: x\nSent: y\nTo: z\n", "wrote")
	f.Fuzz(func(t *testing.T, s, words string) {
		r := renderPlain(s, RenderOptions{Width: 20})
		at := 0
		for _, c := range r.Chains() {
			for _, e := range c.Earlier {
				if e.At < at || e.At >= c.End {
					t.Fatalf("chain %+v after line %d", c, at)
				}
				at = e.At
				safe(t, e.From, false)
			}
			if at = c.End; at > len(r.Lines) {
				t.Fatalf("chain %+v ends after line %d", c, len(r.Lines))
			}
		}
		for _, hit := range r.Find(words) {
			for _, p := range hit {
				if text := r.Lines[p.Line].Text(); p.From > p.To || p.To > len(text) {
					t.Fatalf("match %+v in %q", p, text)
				}
			}
		}
	})
}
