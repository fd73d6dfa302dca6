package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/oauth"
	"eas.example/securemail/ui"
)

// signInFlags are the options that say how to sign in.
type signInFlags struct {
	auth      string
	oauth     activesync.OAuth
	fromStdin bool
}

// byDevice is --auth for a code that is typed on another device; the account is
// one that signs in by OAuth 2.0 as with the browser.
const byDevice = "device"

func (s *signInFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.auth, "auth", "", "how to sign in: `basic|oauth2|device`: by a password, in the browser, by a code typed on another device")
	f.StringVar(&s.oauth.ClientID, "client-id", "", "the `ID` of the app registration to sign in with")
	f.StringVar(&s.oauth.Tenant, "tenant", "", "the `TENANT` of Entra to sign in at; common when not given")
	f.StringVar(&s.oauth.AuthURL, "auth-url", "", "the `URL` of another authorization server than Entra, for the browser")
	f.StringVar(&s.oauth.TokenURL, "token-url", "", "its `URL` for tokens")
	f.StringVar(&s.oauth.DeviceURL, "device-url", "", "its `URL` for codes")
	f.StringVar(&s.oauth.Scope, "scope", "", "the `SCOPES` to ask for, separated by spaces; those of Exchange Online when not given")
	f.BoolVar(&s.fromStdin, "password-stdin", false, "read the password from the first line of standard input")
}

// into writes what was said into an account; what was not said stays.
func (s signInFlags) into(acc *activesync.Account) error {
	switch s.auth {
	case activesync.AuthBasic, activesync.AuthOAuth:
		acc.Auth = s.auth
	case byDevice:
		acc.Auth = activesync.AuthOAuth
	case "":
		if acc.Auth == "" {
			acc.Auth = activesync.AuthBasic
		}
	default:
		return usage(fmt.Errorf("--auth %q is not one of: basic, oauth2, device", s.auth))
	}
	for to, said := range map[*string]string{&acc.OAuth.ClientID: s.oauth.ClientID, &acc.OAuth.Tenant: s.oauth.Tenant, &acc.OAuth.AuthURL: s.oauth.AuthURL,
		&acc.OAuth.TokenURL: s.oauth.TokenURL, &acc.OAuth.DeviceURL: s.oauth.DeviceURL, &acc.OAuth.Scope: s.oauth.Scope} {
		if said != "" {
			*to = said
		}
	}
	if acc.Auth != activesync.AuthOAuth {
		return nil
	}
	if s.fromStdin {
		return usage(fmt.Errorf("--password-stdin and --auth %s do not go together", s.auth))
	}
	_, err := provider(*acc)
	return usage(err)
}

// provider is the authorization server of an account.
func provider(acc activesync.Account) (*oauth.Provider, error) {
	roots, err := trusted(acc.CAFile)
	if err != nil {
		return nil, err
	}
	return oauth.New(acc, &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, // it is asked once an hour
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
}

// getSecret gets what an account signs in with: the password, or a token that the
// person gets in the browser or by a code.
func (a *app) getSecret(ctx context.Context, acc activesync.Account, how signInFlags) (string, error) {
	if acc.Auth != activesync.AuthOAuth {
		return a.secretLine("password", "Password: ", how.fromStdin)
	}
	return signInAndOpen(ctx, acc, how.auth == byDevice, func(e ui.SignInErrand) {
		if e.Code != "" {
			fmt.Fprintf(a.stderr, "Open this page on any device and type the code %s there:\n\n  %s\n\n", e.Code, e.Page)
			return
		}
		fmt.Fprintf(a.stderr, "Sign in on this page in a browser of this machine:\n\n  %s\n\n", e.Page)
	})
}

// signInAndOpen is signInByOAuth that opens the page where a browser can be seen.
func signInAndOpen(ctx context.Context, acc activesync.Account, device bool, show func(ui.SignInErrand)) (string, error) {
	return signInByOAuth(ctx, acc, device, func(e ui.SignInErrand) {
		show(e)
		if !device && hasDesktop() {
			_ = openURL(e.Page) // the address is shown
		}
	})
}

// hasDesktop reports whether a browser that is started would be seen.
func hasDesktop() bool {
	return os.Getenv("SSH_CONNECTION") == "" && (os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "")
}

// signInByOAuth has the person sign in elsewhere, and returns the token as it is
// kept.
func signInByOAuth(ctx context.Context, acc activesync.Account, device bool, show func(ui.SignInErrand)) (string, error) {
	p, err := provider(acc)
	if err != nil {
		return "", err
	}
	var token oauth.Token
	if device {
		token, err = p.Device(ctx, func(e oauth.Errand) { show(ui.SignInErrand{Page: e.Address, Code: e.Code, Until: e.Until}) })
	} else {
		token, err = p.Browser(ctx, func(page string) { show(ui.SignInErrand{Page: page}) })
	}
	if err != nil {
		return "", err
	}
	return token.Secret(), nil
}

func (a *app) accountSignIn() *cobra.Command {
	var how signInFlags
	var user string
	c := &cobra.Command{
		Use: "sign-in [NAME]", Short: "Sign in anew, with another password or in another way", Args: maxArgs(1),
		Long: `Sign in to an account that is set up: with another password, or in the browser where
that has run out. With --auth the account signs in that way from then on; its mail stays
as it is here. Nothing is changed where a password does not work.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				if err := a.choose(args[0]); err != nil {
					return err
				}
			}
			return a.with(cmd.Context(), func(ctx context.Context, l agent.Service) error {
				acc, err := a.chosen(ctx, l)
				if err != nil {
					return err
				}
				if user != "" {
					acc.User = user
				}
				if err := how.into(&acc); err != nil {
					return err
				}
				secret, err := a.getSecret(ctx, acc, how)
				if err != nil {
					return err
				}
				if err := l.SignIn(ctx, acc, secret); err != nil {
					return fmt.Errorf("sign in to %s: %w", acc.Name, err)
				}
				return a.line("Signed in to %s.", acc.Name)
			})
		},
	}
	c.Flags().StringVar(&user, "user", "", "sign in as `U` from now on")
	how.add(c.Flags())
	return c
}

// authWords say how an account signs in.
func authWords(acc activesync.Account) string {
	if acc.Auth != activesync.AuthOAuth {
		return "by password"
	}
	words := "by OAuth 2.0"
	if u, err := url.Parse(acc.OAuth.Filled().TokenURL); err == nil {
		words += " at " + u.Host
	}
	return words
}
