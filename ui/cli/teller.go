package cli

import (
	"os"

	"eas.example/securemail/activesync"
	"eas.example/securemail/notify"
	"eas.example/securemail/store/config"
)

// teller tells the person of what happens in a house; bus is nil where the
// desktop is not to be used.
func (a *app) teller(h *house, bus *notify.Bus) *notify.Teller {
	c := notify.TellerConfig{
		House: h.agent, Log: h.logger,
		Archive: func(id activesync.AccountID) activesync.FolderID {
			c, err := config.Load(h.paths.Config)
			if err != nil {
				return 0
			}
			return c.UI.Archive[id]
		},
	}
	if bus != nil {
		c.Desktop = bus
		if findTerminal(os.Getenv) != "" {
			c.Open = a.openInTerminal
		}
	}
	return notify.NewTeller(c)
}
