package pgp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"eas.example/securemail/activesync/message"
)

// Opener is what opening depends on.
type Opener struct {
	// GPG is the path of gpg, "" where there is none.
	GPG string
	// From are the addresses that the message says it comes from.
	From []string
	// Env is the environment of gpg.
	Env []string
}

// maxContent bounds what gpg may give back: little data may decompress to much.
const maxContent = 64 << 20

var errTooMuch = errors.New("what is inside is larger than 64 MB")

// Open checks or decrypts a protected part. content is what was inside: MIME,
// or a text where the PGP stands in one; nil where it could not be had.
func (o Opener) Open(ctx context.Context, p *message.Protected) (content []byte, words []message.Word) {
	signed := p.Kind == message.PGPSigned
	if p.Formatted && p.Kind == message.InlineSigned {
		return nil, say(message.Doubt, "This message is signed with PGP inside of formatted text, where the signature cannot be checked.")
	}
	if o.GPG == "" {
		if signed {
			content = p.Content
		}
		return content, say(message.Doubt, "This message is %s with PGP; without gpg on this machine it was not %s.", pick(p.Kind, "signed", "encrypted"), pick(p.Kind, "checked", "opened"))
	}
	args := []string{"--output", "-", "--decrypt"} // and not into a file that the message names
	input := p.Content
	var signature []byte
	if signed {
		args = []string{"--verify", "--", "-&4", "-"}
		input, signature = message.Canonical(p.Content), p.Signature
	}
	out, status, err := o.run(ctx, args, input, signature)
	s := readStatus(status)
	for i, sig := range s.signatures {
		if sig.result != "GOODSIG" || !sig.strayed(o.From) {
			continue
		}
		// Status names the first address of a key only.
		if listed, _, err := o.run(ctx, []string{"--with-colons", "--list-keys", "--", sig.key}, nil, nil); err == nil {
			s.signatures[i].others = addressesOf(listed, sig.trust == "ULTIMATE" || sig.trust == "FULLY" || sig.trust == "MARGINAL")
		}
	}
	words = s.words(p.Kind, o.From)
	switch {
	case errors.Is(err, errTooMuch), ctx.Err() != nil:
		return nil, say(message.Doubt, "This message (PGP) was not opened: %v.", errors.Join(err, ctx.Err()))
	case signed:
		content = p.Content
	case p.Kind == message.InlineSigned && len(s.signatures) > 0, s.opened:
		content = out
	}
	if len(words) == 0 {
		words = say(message.Doubt, "This message is %s with PGP; gpg could not read it.", pick(p.Kind, "signed", "encrypted"))
	}
	return content, words
}

func pick(k message.Kind, signed, encrypted string) string {
	if k == message.PGPSigned || k == message.InlineSigned {
		return signed
	}
	return encrypted
}

func say(tone message.Tone, format string, args ...any) []message.Word {
	return []message.Word{{Tone: tone, Text: message.Clean(fmt.Sprintf(format, args...))}}
}

// run runs gpg. What it says of itself comes over descriptor 3, apart from
// all that a message could write into its output; the signature of a detached
// one goes in over descriptor 4.
func (o Opener) run(ctx context.Context, args []string, input, signature []byte) (out, status []byte, err error) {
	statusRead, statusWrite, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("run gpg: %w", err)
	}
	defer statusRead.Close()
	defer statusWrite.Close()
	cmd := exec.CommandContext(ctx, o.GPG, append([]string{"--batch", "--no-tty", "--status-fd", "3", "--enable-special-filenames",
		"--no-auto-key-retrieve", "--no-auto-key-locate", "--disable-dirmngr", "--max-output", fmt.Sprint(maxContent)}, args...)...)
	cmd.Env = o.Env
	cmd.Stdin = bytes.NewReader(input)
	cmd.ExtraFiles = []*os.File{statusWrite}
	var group sync.WaitGroup
	if signature != nil {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, nil, fmt.Errorf("run gpg: %w", err)
		}
		defer r.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, r)
		group.Go(func() {
			_, _ = w.Write(signature) // gpg tells of a signature that is not whole
			w.Close()
		})
		defer group.Wait()
		defer r.Close()
	}
	limited := &limit{}
	cmd.Stdout = limited
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("run gpg: %w", err)
	}
	statusWrite.Close()
	if len(cmd.ExtraFiles) > 1 {
		cmd.ExtraFiles[1].Close()
	}
	group.Go(func() {
		status, _ = io.ReadAll(io.LimitReader(statusRead, 1<<20))
		_, _ = io.Copy(io.Discard, statusRead) // gpg waits for who reads
	})
	err = cmd.Wait()
	group.Wait()
	if limited.over {
		err = errTooMuch
	}
	return limited.Bytes(), status, err
}

// limit keeps what is written as long as it is not too much.
type limit struct {
	bytes.Buffer
	over bool
}

func (l *limit) Write(b []byte) (int, error) {
	if l.Len()+len(b) > maxContent {
		l.over = true
		return 0, errTooMuch
	}
	return l.Buffer.Write(b)
}

// Environment is env for a gpg that must not draw on the terminal: a
// pinentry without one asks in a window, or not at all.
func Environment(env []string) []string {
	var out []string
	for _, e := range env {
		if name, _, _ := strings.Cut(e, "="); name != "GPG_TTY" && name != "LC_ALL" && name != "LANGUAGE" {
			out = append(out, e)
		}
	}
	return append(out, "LC_ALL=C.UTF-8")
}
