package cli

import (
	"context"
	"fmt"

	bar "github.com/charmbracelet/bubbles/progress"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/message"
)

// barWidth is how many cells the bar of a sync takes.
const barWidth = 24

// progress is the line that tells how far a sync is, on a terminal only: a bar
// of the mailboxes, and how many items of the one at hand have come.
type progress struct {
	a     *app
	shown bool
	bar   bar.Model
	names map[activesync.FolderID]string
	all   int // mailboxes that are looked at
	begun map[activesync.FolderID]bool
}

// newProgress is for the folders that are named, or else those of the account
// that are kept in step.
func (a *app) newProgress(ctx context.Context, l agent.Service, acc activesync.Account, named []activesync.FolderID, every bool) *progress {
	p := &progress{a: a, names: map[activesync.FolderID]string{}, all: len(named), begun: map[activesync.FolderID]bool{}}
	if !isTerminal(a.stderr) {
		return p
	}
	p.shown, p.bar = true, bar.New(bar.WithWidth(barWidth), bar.WithoutPercentage(), bar.WithSolidFill("75"))
	state, err := l.State(ctx, acc.ID)
	if err != nil {
		return p
	}
	folders, err := l.Folders(ctx, acc.ID)
	if err != nil {
		return p
	}
	for _, f := range folders {
		p.names[f.ID] = f.Name
		if len(named) == 0 && f.Class != activesync.ClassNone && (every || f.Automatic(state) != activesync.CheckManual) {
			p.all++
		}
	}
	return p
}

func (p *progress) show(s activesync.Status) {
	if !p.shown {
		return
	}
	p.begun[s.Folder] = true
	line := fmt.Sprintf("%s: %d", message.Clean(p.names[s.Folder]), s.Done)
	if p.all > 0 {
		line = p.bar.ViewAs(min(float64(len(p.begun)-1)/float64(p.all), 1)) + " " + line
	}
	fmt.Fprintf(p.a.stderr, "\r\x1b[K%s", line)
}

func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.a.stderr, "\r\x1b[K")
	}
}

// fileBar is the line that tells how much of a file has come, on a terminal only.
type fileBar struct {
	a     *app
	shown bool
	name  string
	bar   bar.Model
}

func (a *app) newBar(name string) *fileBar {
	b := &fileBar{a: a, name: name}
	if b.shown = isTerminal(a.stderr); b.shown {
		b.bar = bar.New(bar.WithWidth(barWidth), bar.WithSolidFill("75"))
	}
	return b
}

func (b *fileBar) show(done, total int64) {
	if b.shown {
		fmt.Fprintf(b.a.stderr, "\r\x1b[K%s %s of %s  %s", b.bar.ViewAs(float64(done)/float64(max(total, 1))), size(done), size(total), b.name)
	}
}

func (b *fileBar) end() {
	if b.shown {
		fmt.Fprint(b.a.stderr, "\r\x1b[K")
	}
}
