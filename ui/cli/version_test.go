package cli

import (
	"runtime/debug"
	"testing"
)

func TestAProgramBuiltFromACloneHasTheVersionOfItsCommit(t *testing.T) {
	const commit = "v0.0.0-20261129112301-5d300e577a9f"
	of := func(v string) *debug.BuildInfo { return &debug.BuildInfo{Main: debug.Module{Version: v}} }
	for _, tt := range []struct {
		set  string
		info *debug.BuildInfo
		want string
	}{{"", of(commit), commit}, {"1.2.0", of(commit), "1.2.0"}, {"", of("(devel)"), "dev"}, {"", of(""), "dev"}, {"", nil, "dev"}} {
		if got := versionOf(tt.set, tt.info); got != tt.want {
			t.Errorf("%q of %v is version %q, want %q", tt.set, tt.info, got, tt.want)
		}
	}
}
