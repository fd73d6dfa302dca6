package cli

import (
	"cmp"
	"runtime/debug"
)

// versionOf is that which was set when a release was built, else that of the commit
// from which Go built the program: a newer program knows an older agent by it.
func versionOf(set string, info *debug.BuildInfo) string {
	if set == "" && info != nil && info.Main.Version != "(devel)" {
		set = info.Main.Version
	}
	return cmp.Or(set, "dev")
}
