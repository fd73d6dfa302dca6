package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/store/config"
	"eas.example/securemail/store/paths"
	"eas.example/securemail/store/secret"
)

// verdict is how a thing that doctor looked at is.
type verdict string

const (
	fine    verdict = "ok"
	remark  verdict = "note"    // worth knowing
	problem verdict = "problem" // something does not work
)

// finding is one thing that doctor looked at.
type finding struct {
	Account string  `json:"account,omitempty"`
	What    string  `json:"what"`
	Verdict verdict `json:"verdict"`
	Words   string  `json:"words"`
	// Advice is what to do about it.
	Advice string `json:"advice,omitempty"`
}

// examination collects findings.
type examination struct {
	app      *app
	paths    paths.Paths
	offline  bool
	key      secret.Key
	locked   bool   // the key is not at hand
	account  string // that is being looked at, "" for none
	findings []finding
}

func (x *examination) add(v verdict, what, words, advice string) {
	x.findings = append(x.findings, finding{x.account, what, v, words, advice})
}

// roomNeeded is the free space below which the disk is said to be nearly full.
const roomNeeded = 200 << 20

// errUnwell ends doctor where it found a problem.
var errUnwell = errors.New("not all is well")

func (a *app) doctorCommand() *cobra.Command {
	var offline bool
	c := &cobra.Command{
		Use: "doctor", Short: "Look at everything and say what is wrong and what to do", Args: noArgs,
		Long: `Look at the files of this program, its background process and the server of each
account, and say what is wrong and what to do about it. What is particular of a server
and was learned from what it does is told too. Ends with 1 where something is wrong.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), offline) },
	}
	c.Flags().BoolVar(&offline, "offline", false, "do not ask the servers")
	return c
}

func (a *app) doctor(ctx context.Context, offline bool) error {
	p, err := paths.Find(a.data)
	if err != nil {
		return err
	}
	x := &examination{app: a, paths: p, offline: offline}
	x.disk()
	accounts := x.files(ctx)
	if err := x.living(ctx, accounts); err != nil {
		return err
	}
	if err := x.print(); err != nil {
		return err
	}
	for _, f := range x.findings {
		if f.Verdict == problem {
			return errUnwell
		}
	}
	return nil
}

func (x *examination) print() error {
	if x.app.json {
		return x.app.printJSON(x.findings)
	}
	account := ""
	for _, f := range x.findings {
		if f.Account != account {
			account = f.Account
			if err := x.app.line("\n%s", account); err != nil {
				return err
			}
		}
		sign := map[verdict]string{fine: " ok ", remark: "note", problem: "BAD "}[f.Verdict]
		if err := x.app.line("%s  %-20s %s", sign, f.What, f.Words); err != nil {
			return err
		}
		if f.Advice != "" {
			if err := x.app.line("      %-20s → %s", "", f.Advice); err != nil {
				return err
			}
		}
	}
	return nil
}

// disk looks whether there is room for what is to come.
func (x *examination) disk() {
	dir := filepath.Dir(x.paths.Store)
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	if err := unix.Access(dir, unix.W_OK); err != nil {
		x.add(problem, "data directory", fmt.Sprintf("%s cannot be written: %v", dir, err), "Give yourself the right to write there, or choose another place with --data.")
		return
	}
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		x.add(remark, "disk", fmt.Sprintf("how much room there is on %s cannot be told: %v", dir, err), "")
		return
	}
	free := uint64(st.Bavail) * uint64(st.Bsize) //nolint:unconvert // the types differ between systems
	words := fmt.Sprintf("%d MiB are free for %s", free>>20, dir)
	if free < roomNeeded {
		x.add(problem, "disk", words, "Make room; mail stops coming in when the disk is full.")
		return
	}
	x.add(fine, "disk", words, "")
}

// files looks at what is read at the start, and returns the accounts.
func (x *examination) files(ctx context.Context) []activesync.Account {
	cfg, err := config.Load(x.paths.Config)
	if err != nil {
		x.add(problem, "configuration", err.Error(), "Mend the file in an editor, or move it away and set the accounts up anew.")
	} else {
		x.add(fine, "configuration", x.paths.Config+", "+numberOf(len(cfg.Accounts), "account"), "")
	}
	for _, path := range []string{x.paths.Store, x.paths.KeyFile, x.paths.Secrets} {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			x.add(problem, "secrets", path+" can be read by others", "chmod 600 "+path)
		}
	}
	f := x.app.keyFile(x.paths)
	state, err := f.State()
	if err == nil {
		x.add(fine, "key", keyWords(state, x.paths.KeyFile), "")
		x.key, err = f.Open(ctx, secret.Attempt{})
	}
	switch {
	case errors.Is(err, secret.ErrNoKey) && len(cfg.Accounts) == 0:
		x.add(fine, "secrets", "no key was made yet; it is with the first account", "")
		return cfg.Accounts
	case errors.Is(err, activesync.ErrLocked):
		x.locked = true
		if state.Holder == activesync.KeyByPassphrase {
			x.add(remark, "secrets", "they are sealed under your passphrase; only the background process can open them", "")
		} else {
			x.add(remark, "secrets", err.Error(), "securemail key unlock has it asked for again. Nothing is lost.")
		}
		return cfg.Accounts
	case err != nil:
		x.add(problem, "secrets", err.Error(), "Without this key nothing that is kept here can be read. Bring the file back from a backup, or remove "+
			filepath.Dir(x.paths.Store)+" and set the accounts up anew; the server has your mail.")
		return cfg.Accounts
	}
	passwords, err := secret.NewPasswords(x.paths.Secrets, x.key)
	if err != nil {
		x.add(problem, "secrets", err.Error(), "")
		return cfg.Accounts
	}
	missing := 0
	for _, acc := range cfg.Accounts {
		if _, err := passwords.Password(acc.ID); err != nil {
			missing++
			x.add(problem, "secrets", fmt.Sprintf("the password of %s: %v", acc.Name, err), "Sign in again: securemail account sign-in "+acc.Name)
		}
	}
	if missing == 0 {
		x.add(fine, "secrets", "the key and "+numberOf(len(cfg.Accounts), "password")+" can be read", "")
	}
	return cfg.Accounts
}

// living looks at the background process, the store and the accounts. Without
// an agent it does so itself.
func (x *examination) living(ctx context.Context, accounts []activesync.Account) error {
	c := x.app.client(x.paths, false)
	defer c.Close()
	hello, err := c.Connect(ctx)
	switch {
	case err == nil:
		x.add(fine, "background process", fmt.Sprintf("it runs, version %s, process %d", hello.Version, hello.PID), "")
		if hello.Locked != nil {
			x.add(problem, "background process", "it is locked: "+hello.Locked.Why, "Unlock it: securemail key unlock")
			return nil
		}
		x.service(ctx, c)
		return nil
	case !errors.Is(err, agent.ErrNotRunning):
		x.add(problem, "background process", err.Error(), "End it: securemail agent stop. It starts again by itself.")
		return nil
	}
	x.add(remark, "background process", "it does not run", "It starts with the next screen or command. securemail agent install has the system keep it running.")
	if _, err := os.Stat(x.paths.Store); errors.Is(err, fs.ErrNotExist) {
		if len(accounts) == 0 {
			x.add(remark, "accounts", "none is set up", "securemail account add EMAIL")
		}
		return nil
	}
	if x.locked {
		return nil
	}
	err = x.app.alone(ctx, x.paths, keys{x.app.keyFile(x.paths), x.key}, func(ctx context.Context, l agent.Service) error {
		x.service(ctx, l)
		return nil
	})
	switch {
	case errors.Is(err, agent.ErrInUse):
		x.add(problem, "mail kept here", err.Error(), hint(err))
	case err != nil:
		x.add(problem, "mail kept here", err.Error(), "Move "+x.paths.Store+" away if it is damaged; all that the server has comes again with the next sync.")
	}
	return nil
}

// service looks at what the agent has: the store and all accounts.
func (x *examination) service(ctx context.Context, l agent.Service) {
	if err := l.Sound(ctx); err != nil {
		x.add(problem, "mail kept here", err.Error(), "Move "+x.paths.Store+" away; all that the server has comes again with the next sync. What was not yet sent is lost with it.")
	} else {
		x.add(fine, "mail kept here", "it holds together", "")
	}
	accounts, err := l.Accounts(ctx)
	if err != nil {
		x.add(problem, "accounts", err.Error(), "")
		return
	}
	if len(accounts) == 0 {
		x.add(remark, "accounts", "none is set up", "securemail account add EMAIL")
	}
	for _, acc := range accounts {
		if x.app.account == "" || strings.EqualFold(x.app.account, acc.Name) || x.app.account == string(acc.ID) {
			x.account = acc.Name
			x.examine(ctx, l, acc)
		}
	}
	x.account = ""
}

// doctorPatience is how long a server may take to answer doctor.
const doctorPatience = time.Minute
