// Package list keeps the place in a long list of which only a part is in
// memory: which row is current, which rows are on screen, and which rows have
// to be asked for. Rows may take any number of lines.
//
// It draws nothing, does no I/O and knows nothing of what the rows are. Work
// done by any method depends on the rows on screen, never on the length of the
// list. A List belongs to one goroutine.
package list

// List is the place in a list of rows of type T that are told apart by a key.
type List[K comparable, T any] struct {
	key func(T) K
	// lines is how many lines row i takes; first says that it is the top one on
	// screen. It is asked for rows on screen and their neighbours only.
	lines func(i int, first bool) int

	rows   []T // what is here, from index offset on
	offset int
	total  int

	cursor int
	top    int
	height int
}

// New makes an empty list. lines may be nil when every row takes one line.
func New[K comparable, T any](key func(T) K, lines func(i int, first bool) int) *List[K, T] {
	if lines == nil {
		lines = func(int, bool) int { return 1 }
	}
	return &List[K, T]{key: key, lines: lines}
}

// Span is a row on screen: its index, its first line and how many lines of it
// are on screen.
type Span struct{ Index, Y, Lines int }

// Len is the number of rows of the whole list.
func (l *List[K, T]) Len() int { return l.total }

// Cursor is the index of the current row.
func (l *List[K, T]) Cursor() int { return l.cursor }

// Top is the index of the first row on screen.
func (l *List[K, T]) Top() int { return l.top }

// Height is how many lines there are for rows.
func (l *List[K, T]) Height() int { return l.height }

// At is row i, if it is here.
func (l *List[K, T]) At(i int) (row T, ok bool) {
	if i < l.offset || i >= l.offset+len(l.rows) {
		return row, false
	}
	return l.rows[i-l.offset], true
}

// Current is the row under the cursor, if it is here.
func (l *List[K, T]) Current() (T, bool) { return l.At(l.cursor) }

// Find is the index of a row that is here, -1 when it is not.
func (l *List[K, T]) Find(k K) int {
	for i := range l.rows {
		if l.key(l.rows[i]) == k {
			return l.offset + i
		}
	}
	return -1
}

// Loaded is what is here: the index of its first row, and the rows.
func (l *List[K, T]) Loaded() (int, []T) { return l.offset, l.rows }

// Clear forgets all rows and goes to the top.
func (l *List[K, T]) Clear() { l.rows, l.offset, l.total, l.cursor, l.top = nil, 0, 0, 0, 0 }

// Resize sets how many lines there are for rows.
func (l *List[K, T]) Resize(height int) {
	l.height = max(height, 0)
	l.settle()
}

// Put replaces what is here. The cursor stays at its index.
func (l *List[K, T]) Put(offset, total int, rows []T) {
	l.offset, l.total, l.rows = offset, total, rows
	l.settle()
}

// PutAt is Put, and moves the cursor to index current without moving it on
// screen: rows that came or went above do not make the rows jump. A list that
// showed its first row goes on showing it, so that what comes in is seen.
func (l *List[K, T]) PutAt(offset, total int, rows []T, current int) {
	l.offset, l.total, l.rows = offset, total, rows
	if l.top > 0 {
		l.top += current - l.cursor
	}
	l.cursor = current
	l.settle()
}

// Change edits a row that is here in place.
func (l *List[K, T]) Change(k K, edit func(*T)) bool {
	i := l.Find(k)
	if i < 0 {
		return false
	}
	edit(&l.rows[i-l.offset])
	return true
}

// Remove takes rows out before the next Put brings the truth. The cursor stays
// on its row, or goes to the one that follows it.
func (l *List[K, T]) Remove(gone func(K) bool) int {
	kept := make([]T, 0, len(l.rows))
	above, before := 0, 0
	for i, r := range l.rows {
		if !gone(l.key(r)) {
			kept = append(kept, r)
			continue
		}
		if l.offset+i < l.cursor {
			above++
		}
		if l.offset+i < l.top {
			before++
		}
	}
	n := len(l.rows) - len(kept)
	l.rows, l.total = kept, l.total-n
	l.cursor -= above
	l.top -= before
	l.settle()
	return n
}

// Move moves the cursor by n rows.
func (l *List[K, T]) Move(n int) { l.To(l.cursor + n) }

// To moves the cursor to row i, or as near as there is one.
func (l *List[K, T]) To(i int) {
	l.cursor = i
	l.settle()
}

// Page moves by n screens.
func (l *List[K, T]) Page(n int) {
	step := max(len(l.whole()), 1) * n
	l.cursor += step
	l.top += step
	l.settle()
}

// Half moves the cursor by half a screen, n times.
func (l *List[K, T]) Half(n int) { l.Move(max(len(l.whole())/2, 1) * n) }

// Scroll moves the rows on screen by n and takes the cursor along only where
// it would leave the screen.
func (l *List[K, T]) Scroll(n int) {
	l.top = min(max(l.top+n, 0), l.lastTop())
	spans := l.whole()
	if len(spans) == 0 {
		l.settle()
		return
	}
	l.cursor = min(max(l.cursor, spans[0].Index), spans[len(spans)-1].Index)
	l.settle()
}

// Want says which rows to ask for so that the screen and spare rows on both
// sides of it are here; ok is false when all of them are.
func (l *List[K, T]) Want(spare int) (offset, count int, ok bool) {
	from := l.top
	to := l.top + max(l.height, 1)
	have := len(l.rows) > 0
	end := min(to+spare/2, l.total)
	if have && max(from-spare/2, 0) >= l.offset && end <= l.offset+len(l.rows) {
		return 0, 0, false
	}
	if l.total == 0 && have {
		return 0, 0, false
	}
	offset = max(from-spare, 0)
	return offset, to + spare - offset, true
}

// Visible are the rows on screen from top to bottom. The last one may be cut.
func (l *List[K, T]) Visible() []Span {
	var out []Span
	for i, y := l.top, 0; i < l.total && y < l.height; i++ {
		n := l.lines(i, i == l.top)
		out = append(out, Span{i, y, min(n, l.height-y)})
		y += n
	}
	return out
}

// IndexAt is the row that line y of the screen belongs to, -1 for none.
func (l *List[K, T]) IndexAt(y int) int {
	for _, s := range l.Visible() {
		if y >= s.Y && y < s.Y+s.Lines {
			return s.Index
		}
	}
	return -1
}

// whole are the rows that are on screen with all their lines.
func (l *List[K, T]) whole() []Span {
	spans := l.Visible()
	if n := len(spans); n > 1 && spans[n-1].Lines < l.lines(spans[n-1].Index, false) {
		spans = spans[:n-1]
	}
	return spans
}

// settle keeps the cursor in the list and on screen, and the screen full.
func (l *List[K, T]) settle() {
	if l.total <= 0 {
		l.total, l.cursor, l.top = 0, 0, 0
		return
	}
	l.cursor = min(max(l.cursor, 0), l.total-1)
	l.top = min(max(l.top, 0), l.cursor)
	if first := l.topFor(l.cursor); l.top < first {
		l.top = first
	}
	if l.top > 0 {
		l.top = min(l.top, l.lastTop())
	}
}

// topFor is the lowest top that still shows all of row i.
func (l *List[K, T]) topFor(i int) int {
	top, below := i, l.lines(i, false)
	for top > 0 {
		if i-top > l.height || l.lines(top-1, true)+below > l.height {
			break
		}
		top--
		below += l.lines(top, false)
	}
	return top
}

// lastTop is the top at which the last row ends the screen.
func (l *List[K, T]) lastTop() int {
	if l.total == 0 {
		return 0
	}
	return l.topFor(l.total - 1)
}
