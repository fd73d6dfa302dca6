package edit

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"eas.example/securemail/ui/style"
)

func show(b *Buffer) string {
	rows, x, y := b.View()
	var out []string
	for i, r := range rows {
		s := r.Text
		if i == y {
			at, _ := style.Cut(s, x, "")
			s = at + style.Blanks(x-style.Width(at)) + "|" + strings.TrimPrefix(s, at)
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      int
		want       string
	}{
		{"words", "the quick brown fox jumps", 11, "the quick \nbrown fox \njumps"},
		{"long word", "see https://example.test/a/very/long/path now", 12, "see \nhttps://exa\nmple.test/a\n/very/long/\npath now"},
		{"wide letters", "日本語のテキスト", 7, "日本語\nのテキ\nスト"},
		{"blanks hang over", "abc    def", 5, "abc    \ndef"},
		{"exact", "abcd efgh", 5, "abcd \nefgh"},
		{"tab", "a\tb", 20, "a    b"},
		{"family stays whole", "ab👨‍👩‍👧cd", 4, "ab\n👨‍👩‍👧c\nd"},
		{"empty lines", "a\n\nb", 9, "a\n\nb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := New(c.text)
			b.Resize(c.width, 20)
			rows, _, _ := b.View()
			var got []string
			for _, r := range rows {
				got = append(got, r.Text)
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("got\n%s\nwant\n%s", s, c.want)
			}
		})
	}
}

func TestTypingIsUndoneByWord(t *testing.T) {
	b := New("")
	for _, r := range "hello big world" {
		b.Insert(string(r))
	}
	var got []string
	for b.Undo() {
		got = append(got, b.Text())
	}
	if want := "hello big|hello|"; strings.Join(got, "|") != want {
		t.Errorf("undo gave %q, want %q", strings.Join(got, "|"), want)
	}
	if b.Changed() {
		t.Error("everything was undone, yet the text counts as changed")
	}
	for b.Redo() {
	}
	if b.Text() != "hello big world" {
		t.Errorf("redo gave %q", b.Text())
	}
}

func TestChangedAfterAnotherBranch(t *testing.T) {
	b := New("a")
	b.Insert("x")
	b.Undo()
	b.Insert("y")
	if !b.Changed() {
		t.Error("the text differs and does not count as changed")
	}
}

func TestUpAndDownKeepTheColumn(t *testing.T) {
	b := New("a long first line\nx\nanother long line")
	b.Resize(40, 10)
	for range 10 {
		b.Right()
	}
	b.Down(1)
	b.Down(1)
	if b.At() != (Pos{2, 10}) {
		t.Errorf("at %v, want line 2 byte 10", b.At())
	}
}

func TestPasteIsCleaned(t *testing.T) {
	b := New("")
	b.Insert("one\r\ntwo\x1b[31m\x00\rthree\tfour")
	if got, want := b.Text(), "one\ntwo[31m\nthree\tfour"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCursorIsShown(t *testing.T) {
	b := New(strings.Repeat("line\n", 1000))
	b.Resize(20, 5)
	b.Bottom()
	b.Insert("end")
	if got, want := show(b), "line\nline\nline\nline\nend|"; got != want {
		t.Errorf("got\n%s", got)
	}
	b.Top()
	if got := show(b); !strings.HasPrefix(got, "|line\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestClick(t *testing.T) {
	b := New("first line\nsecond 日本 line")
	b.Resize(40, 5)
	b.Click(9, 1)
	if got, want := show(b), "first line\nsecond 日|本 line"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReplace(t *testing.T) {
	b := New("to an, and")
	b.Replace(Pos{0, 3}, Pos{0, 5}, "Ana")
	if got, want := show(b), "to Ana|, and"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.Undo()
	if b.Text() != "to an, and" || b.Changed() {
		t.Errorf("undo gave %q, changed %t", b.Text(), b.Changed())
	}
}

func TestField(t *testing.T) {
	f := NewField("a rather long text\nof two lines")
	text, x := f.View(10)
	if text != "two lines" || x != 9 {
		t.Errorf("view %q, cursor at %d", text, x)
	}
	f.Home()
	if text, x = f.View(10); text != "a rather l" || x != 0 {
		t.Errorf("view %q, cursor at %d", text, x)
	}
	f.Replace(2, 8, "very")
	if f.Text() != "a very long text of two lines" || f.At() != 6 {
		t.Errorf("%q at %d", f.Text(), f.At())
	}
}

// The buffer does what a plain string would do, undo brings back every earlier
// text, and what is shown is the text.
func TestBufferModel(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", " ", "word", "\n", "é", "e\u0301", "日本", "👨‍👩‍👧", "\t", "two\nlines", strings.Repeat("x", 30)})
	rapid.Check(t, func(t *rapid.T) {
		b := New(rapid.StringMatching(`[a-z \n]{0,40}`).Draw(t, "text"))
		history := []string{b.Text()}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			before, at := b.Text(), offset(b)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2:
				s := piece.Draw(t, "piece")
				b.Insert(s)
				if want := before[:at] + s + before[at:]; b.Text() != want {
					t.Fatalf("insert %q at %d of %q gave %q", s, at, before, b.Text())
				}
			case 3:
				b.Backspace()
				if !strings.HasPrefix(before, b.Text()[:offset(b)]) || !strings.HasSuffix(before, b.Text()[offset(b):]) {
					t.Fatalf("backspace at %d of %q gave %q", at, before, b.Text())
				}
			case 4:
				b.DeleteWord()
			case 5:
				b.DeleteToEnd()
			case 6:
				b.Up(rapid.IntRange(-5, 5).Draw(t, "n"))
			case 7:
				b.Left()
			case 8:
				b.Right()
			case 9:
				b.Resize(rapid.IntRange(1, 30).Draw(t, "width"), rapid.IntRange(1, 10).Draw(t, "height"))
			}
			if b.Text() != before {
				history = append(history, b.Text())
			}
			look(t, b)
		}
		final := b.Text()
		for b.Undo() {
			for len(history) > 0 && history[len(history)-1] != b.Text() {
				history = history[:len(history)-1]
			}
			if len(history) == 0 {
				t.Fatalf("undo made a text that never was: %q", b.Text())
			}
			look(t, b)
		}
		for b.Redo() {
			look(t, b)
		}
		if b.Text() != final {
			t.Fatalf("undo and redo made %q of %q", b.Text(), final)
		}
	})
}

func offset(b *Buffer) int {
	n := b.at.Byte
	for i := range b.at.Line {
		n += len(b.lines[i]) + 1
	}
	return n
}

func look(t *rapid.T, b *Buffer) {
	rows, x, y := b.View()
	if len(rows) == 0 || len(rows) > b.height || y >= len(rows) || x < 0 || x > b.width {
		t.Fatalf("%d rows, cursor at %d,%d of %d×%d", len(rows), x, y, b.width, b.height)
	}
	for _, r := range rows {
		if w := style.Width(strings.TrimRight(r.Text, " ")); w > b.width && w > 2 {
			t.Fatalf("row %q is wider than %d", r.Text, b.width)
		}
	}
}

func FuzzInsert(f *testing.F) {
	f.Add("hello\nworld", "x\x1b[0m", 7)
	f.Add("🇩🇪🇫🇷", "\u200d", 1)
	f.Fuzz(func(t *testing.T, text, s string, width int) {
		b := New(text)
		b.Resize(width%100, 10)
		b.Bottom()
		b.Insert(s)
		b.View()
		b.Backspace()
		b.Up(3)
		b.View()
		for b.Undo() {
		}
		if b.Text() != Clean(text) {
			t.Errorf("undo made %q of %q", b.Text(), Clean(text))
		}
	})
}

func BenchmarkTypeInLargeText(b *testing.B) {
	buf := New(strings.Repeat("A line of a large text, as mail has it.\n", 100_000))
	buf.Resize(80, 40)
	for range 50_000 {
		buf.Right()
	}
	for b.Loop() {
		buf.Insert("x")
		buf.View()
	}
}

// TestTenThousandLines: what a key costs does not grow with the text.
func TestTenThousandLines(t *testing.T) {
	text := strings.Repeat("A line of a large text, as mail has it, with words enough to be wrapped once or twice on a narrow screen.\n", 10_000)
	costs := func(lines int) (typing, moving, wrapping float64) {
		b := New(text[:len(text)/10_000*lines])
		b.Resize(60, 40)
		b.Go(Pos{Line: lines / 2, Byte: 10})
		b.View()
		typing = testing.AllocsPerRun(100, func() { b.Insert("x"); b.View() })
		moving = testing.AllocsPerRun(100, func() { b.WordRight(); b.Down(1); b.Page(1); b.Page(-1); b.View() })
		width := 60
		wrapping = testing.AllocsPerRun(20, func() { width ^= 4; b.Resize(width, 40); b.View() })
		return typing, moving, wrapping
	}
	t1, m1, w1 := costs(100)
	t2, m2, w2 := costs(10_000)
	if t2 > 2*t1+10 || m2 > 2*m1+10 || w2 > 2*w1+10 {
		t.Errorf("allocations with 100 lines %v %v %v, with 10,000 %v %v %v", t1, m1, w1, t2, m2, w2)
	}
}
