package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/server/sample"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// The one user of the demo.
const (
	demoUser     = "alice"
	demoPassword = "wonderland"
	demoEmail    = "alice@example.test"
)

type demoOptions struct {
	mail     string
	messages int
	listen   string
	eas      string
	noUI     bool
	arrive   time.Duration
	log      string
}

func (a *app) demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use: "demo", Short: "Show the screens on a mailbox made up for looking around",
		Long: `Show the screens on an embedded ActiveSync server with sample mail, contacts and
events. Nothing is left behind, unless --data says where to keep it.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.messages < 0 || o.arrive < 0 {
				return usage(errors.New("--messages and --arrive cannot be negative"))
			}
			return a.demo(cmd.Context(), o)
		},
	}
	c.Flags().StringVar(&o.mail, "mail", "", "fill the Inbox with the .eml files of `DIR`")
	c.Flags().IntVar(&o.messages, "messages", 0, "fill the Inbox with `N` generated messages")
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:0", "serve ActiveSync at `ADDR`")
	c.Flags().StringVar(&o.eas, "eas", "", "speak only this `VERSION`: 12.1, 14.0, 14.1, 16.0 or 16.1")
	c.Flags().BoolVar(&o.noUI, "no-ui", false, "serve only, until interrupted")
	c.Flags().DurationVar(&o.arrive, "arrive", 0, "let a new message arrive every `TIME`, such as 10s")
	c.Flags().StringVar(&o.log, "log", "", "write one line a request into `FILE`")
	return c
}

func (a *app) demo(ctx context.Context, o demoOptions) error {
	var cfg server.Config
	if o.eas != "" {
		v, err := activesync.ParseVersion(o.eas)
		if err != nil {
			return usage(err)
		}
		cfg.Versions = []activesync.Version{v}
	}
	cfg.MinHeartbeat = time.Second
	var log requestLog
	if o.log != "" {
		f, err := os.Create(o.log)
		if err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		defer f.Close()
		log.f, cfg.Log = f, log.note
	}
	srv := server.New(cfg)
	box := srv.AddUser(demoUser, demoPassword, demoEmail)
	log.box = box
	if err := sample.FillDirectory(srv); err != nil {
		return err
	}
	if err := fill(box, o); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("serve the demo: %w", err)
	}
	hs := &http.Server{Handler: srv, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- hs.Serve(ln) }()
	defer func() {
		hs.Close()
		<-served
	}()
	ctx, stop := context.WithCancel(ctx)
	arrived := make(chan error, 1)
	go func() { arrived <- arrivals(ctx, box, o) }()
	defer func() {
		stop()
		<-arrived
	}()
	url := fmt.Sprintf("http://%s/Microsoft-Server-ActiveSync", ln.Addr())
	if o.noUI {
		if _, err := fmt.Fprintf(a.stdout, "URL: %s\nUser: %s\nPassword: %s\n", url, demoUser, demoPassword); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}
	return a.demoScreens(ctx, url)
}

// demoScreens shows the screens on the embedded server. Without a data
// directory everything lies in a temporary one, which goes with them.
func (a *app) demoScreens(ctx context.Context, url string) (err error) {
	dir := a.data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "securemail-demo-"); err != nil {
			return fmt.Errorf("make a directory for the demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	p, err := paths.In(dir)
	if err != nil {
		return err
	}
	account := activesync.Account{ID: "demo", Name: "Demo", Email: demoEmail, User: demoUser, Server: url, Auth: "basic"}
	k, err := openKeys(ctx, secret.KeyFile{Path: p.KeyFile}, p, secret.Attempt{}, false)
	if err != nil {
		return err
	}
	h, err := openHouse(p, houseOptions{version: a.version, keys: k, book: &demoBook{account}})
	if err != nil {
		return err
	}
	return errors.Join(a.present(ctx, p, h.agent, opening{
		notice: "This is a demo: the mail is made up, and nothing leaves this machine.",
		teller: a.teller(h, nil), // the desktop is left alone
	}), h.close())
}

// demoBook is the one account of the demo. Its server listens at another port
// each time, so it is kept nowhere.
type demoBook struct{ account activesync.Account }

func (b *demoBook) Accounts() ([]activesync.Account, error) {
	return []activesync.Account{b.account}, nil
}

func (b *demoBook) Change(activesync.Account, string) error { return nil }

func (b *demoBook) Password(activesync.AccountID) (string, error) { return demoPassword, nil }

func (b *demoBook) Add(activesync.Account, string) error { return errOneAccount }

func (b *demoBook) Remove(activesync.AccountID) error { return errOneAccount }

var errOneAccount = errors.New("the demo has one account; start securemail without demo to set up yours")
