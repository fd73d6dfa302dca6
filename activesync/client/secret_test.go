package client

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
)

func TestNoSecretInErrorsAndLogs(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("alice:" + testPassword))
	const token = "eyJhbGciOi.token.of-alice"
	secrets := []string{testPassword, basic, token, "Basic ", "Bearer "}
	// A server that gives everything back that it was told.
	echo := func(status int, ctype string) *server {
		return &server{answer: func(r *http.Request) (*http.Response, error) {
			said := fmt.Sprintf("%s %s: %s %s %s", r.Method, r.URL, strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "), "Bearer "), testPassword, token)
			return reply(status, []byte(said), "Content-Type", ctype, "X-MS-Location", "https://alice:"+testPassword+"@other.example.test/?t="+token,
				"Location", "https://alice:"+testPassword+"@other.example.test/?t="+token, "WWW-Authenticate", "Basic realm="+testPassword,
				"X-Proxyerrormessage", said, "Retry-After", testPassword), nil
		}}
	}
	failing := &server{answer: func(*http.Request) (*http.Response, error) { return nil, errReset }}
	for _, withToken := range []bool{false, true} {
		for _, status := range []int{200, 302, 401, 403, 404, 449, 451, 500, 503, 507, 0} {
			for _, cmd := range commands() {
				s := failing
				if status != 0 {
					s = echo(status, "text/html")
				}
				log, text := logged()
				c := open(t, s, func(c *Config) {
					c.Log = log
					if withToken {
						c.Token = func(context.Context, string) (string, error) { return token, nil }
					}
				})
				err := cmd.call(t.Context(), c)
				if err == nil {
					t.Fatalf("%s, %d: no error", cmd.name, status)
				}
				if !strings.Contains(text.String(), "command=") {
					t.Fatalf("%s, %d: nothing is logged", cmd.name, status)
				}
				for _, secret := range secrets {
					if withToken == (secret == testPassword) { // what is not in use was not told by this side
						continue
					}
					if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) && secret != token || strings.Contains(err.Error(), secret) && withToken {
						t.Errorf("%s, %d: the error tells %q: %v", cmd.name, status, secret, err)
					}
					if strings.Contains(text.String(), secret) {
						t.Errorf("%s, %d: the log tells %q", cmd.name, status, secret)
					}
				}
			}
		}
	}
}

func TestClientDoesNotPrintItsPassword(t *testing.T) {
	c := open(t, always(200, nil))
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if s := fmt.Sprintf(format+format+format, c, c.cfg, []any{c, &c.cfg}); strings.Contains(s, testPassword) {
			t.Errorf("%s prints the password", format)
		}
	}
}

func TestLogNamesNoPersonAndNoKey(t *testing.T) {
	log, text := logged()
	c := open(t, always(200, encode(t, commands()[2].good)), func(c *Config) { c.Log = log })
	c.SetPolicyKey("3942919513")
	if _, err := c.FolderSync(t.Context(), activesync.SyncKey("{11111111-key}")); err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"alice", "3942919513", "11111111", "0123456789abcdef"} {
		if strings.Contains(text.String(), private) {
			t.Errorf("the log names %q: %s", private, text)
		}
	}
}
