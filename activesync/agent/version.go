package agent

import (
	"strings"

	"golang.org/x/mod/semver"
)

// newer reports whether version a is newer than b. Both have to be semantic
// versions, such as 1.10.2 or v1.10.2-rc1, or what Go calls a build of a commit,
// v0.0.0-20261129112301-5d300e577a9f, which goes by its time; of others none is newer.
func newer(a, b string) bool {
	a, b = canonical(a), canonical(b)
	return semver.IsValid(a) && semver.IsValid(b) && semver.Compare(a, b) > 0
}

func canonical(v string) string { return "v" + strings.TrimPrefix(v, "v") }
