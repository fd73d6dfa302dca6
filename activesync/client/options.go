package client

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"eas.example/securemail/activesync"
)

// Options asks what the server can do (MS-ASHTTP 2.2.3). Versions holds those
// that both sides speak, the highest first; it is empty where there is none.
func (c *Client) Options(ctx context.Context) (activesync.Capabilities, error) {
	data, a, err := c.exchange(ctx, &request{command: "OPTIONS", method: http.MethodOptions, silent: silentOptions}, nil)
	if err != nil {
		return activesync.Capabilities{}, err
	}
	offered := elements(a.header.Values("MS-ASProtocolVersions"))
	if len(offered) == 0 {
		return activesync.Capabilities{}, noVersions(a, data)
	}
	caps := activesync.Capabilities{Commands: elements(a.header.Values("MS-ASProtocolCommands")), Build: oneLine(a.header.Get("MS-Server-ActiveSync"))}
	for _, v := range activesync.Versions() {
		if slices.Contains(offered, v.String()) {
			caps.Versions = append(caps.Versions, v)
		}
	}
	return caps, nil
}

// noVersions is the error for an answer that names no version. The front ends
// of Microsoft's service hide errors of what stands behind them in such ones.
func noVersions(a *answer, data []byte) error {
	if to := a.header.Get("X-MS-Location"); to != "" {
		e := &activesync.HTTPError{Command: a.command, Code: 451, Host: a.host}
		e.Location, e.Excerpt = movedTo(to)
		return e
	}
	if s := a.header.Get("X-Proxyerrormessage"); s != "" {
		return &activesync.HTTPError{Command: a.command, Code: http.StatusServiceUnavailable, Host: a.host, Excerpt: oneLine(string(a.x.withoutSecrets([]byte(s))))}
	}
	return notActiveSync(a, data[:min(len(data), excerptBytes)])
}

// elements are the members of lists with commas, each once.
func elements(lists []string) []string {
	var out []string
	for _, l := range lists {
		for s := range strings.SplitSeq(l, ",") {
			if s = oneLine(s); s != "" && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
