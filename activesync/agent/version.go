package agent

import (
	"strconv"
	"strings"
)

// newer reports whether version a is newer than b. Both have to be numbers with
// dots, such as 1.10.2 or v1.10.2-rc1; of others none is newer.
func newer(a, b string) bool {
	x, ok := numbers(a)
	y, known := numbers(b)
	if !ok || !known {
		return false
	}
	for i := range max(len(x), len(y)) {
		var m, n int
		if i < len(x) {
			m = x[i]
		}
		if i < len(y) {
			n = y[i]
		}
		if m != n {
			return m > n
		}
	}
	return pre(b) && !pre(a) // 1.2 is newer than 1.2-rc1
}

func pre(v string) bool { return strings.Contains(v, "-") }

func numbers(v string) (list []int, ok bool) {
	v, _, _ = strings.Cut(strings.TrimPrefix(v, "v"), "+")
	v, _, _ = strings.Cut(v, "-")
	for part := range strings.SplitSeq(v, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, false
		}
		list = append(list, n)
	}
	return list, true
}
