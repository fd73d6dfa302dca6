package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// everyServer runs a test under every personality, the strictest and the worst of
// them in every version; the simulation plays all of them in all.
func everyServer(t *testing.T, test func(t *testing.T, w *world)) {
	for _, p := range server.Personalities() {
		for _, v := range activesync.Versions() {
			if v != activesync.V141 && p.Name != "exchange" && p.Name != "worst" {
				continue
			}
			p.Portal = 0 // what a page in between does is the simulation's
			t.Run(fmt.Sprintf("%s %v", p.Name, v), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					test(t, newWorld(t, server.Config{Versions: []activesync.Version{v}, Personality: p}))
				})
			})
		}
	}
}
