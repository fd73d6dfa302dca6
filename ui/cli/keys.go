package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"eas.example/securemail/activesync/message/smime"
	"eas.example/securemail/store/config"
)

// passwordWait is how long the command for a password may take.
const passwordWait = time.Minute

// mailKeys reads the person's keys for S/MIME. With an error it gives those
// that could be read.
func mailKeys(ctx context.Context, list []config.SMIME) (keys []smime.Key, failed error) {
	for _, c := range list {
		k, err := mailKey(ctx, c)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		keys = append(keys, k)
	}
	return keys, failed
}

func mailKey(ctx context.Context, c config.SMIME) (smime.Key, error) {
	if c.PKCS12 == "" {
		return smime.LoadKey(atHome(c.Certificate), atHome(c.Key))
	}
	password := ""
	if len(c.PasswordCommand) > 0 {
		var err error
		if password, err = firstLine(ctx, c.PasswordCommand); err != nil {
			return smime.Key{}, fmt.Errorf("get the password of %s: %w", c.PKCS12, err)
		}
	}
	return smime.LoadPKCS12(atHome(c.PKCS12), password)
}

// firstLine is what a command prints as its first line.
func firstLine(ctx context.Context, command []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, passwordWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = time.Second // what it started may hold on to its output
	out, err := cmd.Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSuffix(line, "\r"), err
}

// atHome puts the home directory for a ~ at the start of a path.
func atHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return home + "/" + rest
		}
	}
	return path
}

// findGPG is the path of gpg, "" where there is none.
func findGPG() string {
	for _, name := range []string{"gpg", "gpg2"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
