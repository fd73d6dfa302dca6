package list

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func numbers(from, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = from + i
	}
	return out
}

func whole(n, height int) *List[int, int] {
	l := New(func(i int) int { return i }, nil)
	l.Resize(height)
	l.Put(0, n, numbers(0, n))
	return l
}

func indexes(spans []Span) (out []int) {
	for _, s := range spans {
		out = append(out, s.Index)
	}
	return out
}

func TestMoveKeepsTheCursorOnScreen(t *testing.T) {
	l := whole(100, 10)
	l.Move(9)
	if l.Top() != 0 {
		t.Errorf("top %d, want 0: row 9 is the last of ten lines", l.Top())
	}
	l.Move(1)
	if l.Top() != 1 {
		t.Errorf("top %d, want 1", l.Top())
	}
	l.To(99)
	if got := indexes(l.Visible()); !slices.Equal(got, numbers(90, 10)) {
		t.Errorf("at the end %v are on screen", got)
	}
	l.Move(-9)
	if l.Top() != 90 {
		t.Errorf("top %d, want 90: row 90 was on screen", l.Top())
	}
	l.Move(-1)
	if l.Top() != 89 {
		t.Errorf("top %d, want 89", l.Top())
	}
}

func TestPageEndsWithAFullScreen(t *testing.T) {
	l := whole(25, 10)
	l.Page(1)
	if l.Top() != 10 || l.Cursor() != 10 {
		t.Errorf("after a page: top %d, cursor %d", l.Top(), l.Cursor())
	}
	l.Page(1)
	if l.Top() != 15 || l.Cursor() != 20 {
		t.Errorf("after two pages: top %d, cursor %d; want 15 and 20", l.Top(), l.Cursor())
	}
	l.Page(1)
	if l.Cursor() != 24 {
		t.Errorf("after three pages: cursor %d", l.Cursor())
	}
	l.Page(-3)
	if l.Top() != 0 || l.Cursor() != 0 {
		t.Errorf("back again: top %d, cursor %d", l.Top(), l.Cursor())
	}
}

func TestNewRowsAboveDoNotMoveTheScreen(t *testing.T) {
	l := whole(100, 10)
	l.To(50)
	row, top := l.Cursor()-l.Top(), l.Top()
	l.PutAt(0, 103, numbers(-3, 103), 53)
	if l.Top() != top+3 || l.Cursor()-l.Top() != row {
		t.Errorf("top %d, cursor %d: the rows jumped", l.Top(), l.Cursor())
	}
	if now, _ := l.Current(); now != 50 {
		t.Errorf("the cursor is on %d", now)
	}
}

func TestNewRowsAreSeenAtTheTop(t *testing.T) {
	l := whole(100, 10)
	l.PutAt(0, 103, numbers(-3, 103), 3)
	if l.Top() != 0 || l.Cursor() != 3 {
		t.Errorf("top %d, cursor %d; want 0 and 3", l.Top(), l.Cursor())
	}
}

func TestRemoveGoesToTheNextRow(t *testing.T) {
	l := whole(10, 4)
	l.To(5)
	l.Remove(func(k int) bool { return k == 5 || k == 1 })
	if now, _ := l.Current(); now != 6 {
		t.Errorf("the cursor is on %d, want 6", now)
	}
	l.To(l.Len() - 1)
	l.Remove(func(k int) bool { return k == 9 })
	if now, _ := l.Current(); now != 8 {
		t.Errorf("the cursor is on %d, want 8", now)
	}
}

func TestWantAsksForTheScreenAndALittleMore(t *testing.T) {
	l := New(func(i int) int { return i }, nil)
	l.Resize(20)
	offset, count, ok := l.Want(20)
	if !ok || offset != 0 || count != 40 {
		t.Errorf("at first it wants %d rows from %d, %v", count, offset, ok)
	}
	l.Put(0, 100000, numbers(0, 40))
	if _, _, ok := l.Want(20); ok {
		t.Error("it asks again for what is here")
	}
	l.To(50000)
	offset, count, ok = l.Want(20)
	if !ok || offset > l.Top() || offset+count < l.Top()+20 || count > 60 {
		t.Errorf("in the middle it wants %d rows from %d with the top at %d", count, offset, l.Top())
	}
	l.Put(0, 0, nil)
	if _, _, ok := l.Want(20); !ok {
		t.Error("an empty list must ask: nothing says that it is known to be empty")
	}
}

// Whatever is done, the cursor stays in the list and is on screen with all its
// lines if these fit, and no line is left empty while rows could fill it.
func TestPlaceInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		heights := rapid.SliceOfN(rapid.IntRange(1, 4), 1, 40).Draw(t, "heights")
		l := New(func(i int) int { return i }, func(i int, first bool) int {
			if first {
				return heights[i%len(heights)] + 1
			}
			return heights[i%len(heights)]
		})
		n := rapid.IntRange(0, 60).Draw(t, "n")
		l.Resize(rapid.IntRange(0, 25).Draw(t, "height"))
		l.Put(0, n, numbers(0, n))
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			k := rapid.IntRange(-70, 70).Draw(t, "k")
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				l.Move(k)
			case 1:
				l.To(k)
			case 2:
				l.Page(k % 4)
			case 3:
				l.Scroll(k)
			case 4:
				l.Half(k % 4)
			case 5:
				l.Resize((k + 70) / 4)
			case 6:
				l.Remove(func(key int) bool { return key%7 == (k+70)%7 })
				l.Put(0, l.Len(), numbers(0, l.Len()))
			case 7:
				l.PutAt(0, n, numbers(0, n), max(min(k, n-1), 0))
			}
			check(t, l)
		}
	})
}

func check(t *rapid.T, l *List[int, int]) {
	if l.Len() == 0 {
		if l.Cursor() != 0 || len(l.Visible()) != 0 {
			t.Fatalf("an empty list has cursor %d and shows %v", l.Cursor(), l.Visible())
		}
		return
	}
	if l.Cursor() < 0 || l.Cursor() >= l.Len() || l.Top() < 0 || l.Top() > l.Cursor() {
		t.Fatalf("cursor %d, top %d of %d", l.Cursor(), l.Top(), l.Len())
	}
	spans := l.Visible()
	y := 0
	for _, s := range spans {
		if s.Y != y || s.Lines < 1 {
			t.Fatalf("spans %v leave a gap", spans)
		}
		y += s.Lines
	}
	if y > l.height {
		t.Fatalf("spans %v are higher than %d", spans, l.height)
	}
	need := l.lines(l.Cursor(), l.Cursor() == l.Top())
	if l.height >= need && !slices.ContainsFunc(spans, func(s Span) bool { return s.Index == l.Cursor() && s.Lines == need }) {
		t.Fatalf("row %d is not whole on screen: %v, height %d", l.Cursor(), spans, l.height)
	}
	if y < l.height && l.Top() > 0 {
		if room := l.height - y; l.lines(l.Top()-1, true)+l.lines(l.Top(), false) <= l.lines(l.Top(), true)+room {
			t.Fatalf("%d lines are empty, top %d: %v", room, l.Top(), spans)
		}
	}
}
