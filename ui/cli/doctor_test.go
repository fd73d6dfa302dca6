package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// examined are what doctor says of things by name, the worst of each.
func (p *program) examined(code int) map[string]finding {
	p.t.Helper()
	var all []finding
	r := p.want(code, nil, "", "doctor", "--json")
	if err := json.Unmarshal([]byte(r.out), &all); err != nil {
		p.t.Fatalf("%v: %s%s", err, r.out, r.err)
	}
	rank := map[verdict]int{fine: 0, remark: 1, problem: 2}
	out := map[string]finding{}
	for _, f := range all {
		if have, ok := out[f.What]; !ok || rank[f.Verdict] > rank[have.Verdict] {
			out[f.What] = f
		}
		if f.Verdict == problem && f.Words == "" {
			p.t.Errorf("%s is wrong, and it is not said what", f.What)
		}
	}
	return out
}

// TestDoctorNamesWhatIsWrong: each thing that is wrong is named with what to do
// about it, and ends doctor with 1; where all is well it ends with 0.
func TestDoctorNamesWhatIsWrong(t *testing.T) {
	bin := build(t)
	for _, tt := range []struct {
		name string
		what string
		says string
		ail  func(*program, *mailServer)
	}{
		{"well", "", "", func(*program, *mailServer) {}},
		{"configuration", "configuration", "config.toml", func(p *program, _ *mailServer) {
			writeFile(p.t, filepath.Join(p.data, "config.toml"), "accounts = 1 = 2\n")
		}},
		{"key", "secrets", "key", func(p *program, _ *mailServer) {
			writeFile(p.t, filepath.Join(p.data, "key"), "no key")
		}},
		{"password", "secrets", "password", func(p *program, _ *mailServer) {
			if err := os.Remove(filepath.Join(p.data, "secrets")); err != nil {
				p.t.Fatal(err)
			}
		}},
		{"store", "mail kept here", "damaged", func(p *program, _ *mailServer) {
			writeFile(p.t, filepath.Join(p.data, "mail.db"), strings.Repeat("no store", 1000))
		}},
		{"readable by others", "secrets", "others", func(p *program, _ *mailServer) {
			if err := os.Chmod(filepath.Join(p.data, "secrets"), 0o644); err != nil {
				p.t.Fatal(err)
			}
		}},
		{"server gone", "server", "reached", func(_ *program, m *mailServer) { m.http.Close() }},
		{"sign-in", "server", "sign-in", func(_ *program, m *mailServer) { m.lock(true) }},
		{"device blocked", "server", "knows this device as", func(_ *program, m *mailServer) {
			m.setFault(func(q *server.Request) *server.Fault { return &server.Fault{Status: 403} })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, m := newProgram(t, bin), newMailServer(t)
			p.add(m)
			p.want(0, nil, "", "sync")
			tt.ail(p, m)
			if tt.what == "" {
				for what, f := range p.examined(0) {
					if f.Verdict == problem {
						t.Errorf("%s: %+v", what, f)
					}
				}
				return
			}
			f := p.examined(exitFailed)[tt.what]
			if f.Verdict != problem || !strings.Contains(f.Words, tt.says) || f.Advice == "" {
				t.Errorf("%+v, want a problem with %q and advice", f, tt.says)
			}
		})
	}
}

// A device that the server may hold back until it is allowed shows by empty mailboxes.
func TestDoctorTellsOfADeviceThatMayBeHeldBack(t *testing.T) {
	p, m := newProgram(t, build(t)), newMailServer(t)
	p.add(m)
	p.want(0, nil, "", "sync", "--all")
	if f := p.examined(0)["mailboxes"]; f.Verdict != remark || !strings.Contains(f.Advice, "administrator") || len(f.Advice) < 100 {
		t.Errorf("of empty mailboxes is said %+v", f)
	}
	m.fill(t, 3, 100)
	p.want(0, nil, "", "sync", "--all")
	if f := p.examined(0)["mailboxes"]; f.Verdict != fine {
		t.Errorf("of others is said %+v", f)
	}
}

// What was learned of a server by what it did is told, with what is done about it;
// what is no concern of the person is not.
func TestDoctorTellsWhatWasLearned(t *testing.T) {
	p, m := newProgram(t, build(t)), newMailServerLike(t, server.Personality{SteadyKeys: true, MailsAnswers: true, UnnamedMoves: true})
	m.deliver(t, "From: Ana <ana@example.test>\nSubject: x\nMessage-ID: <x@example.test>\n\nText.\n")
	p.add(m)
	p.want(0, nil, "", "sync")
	id := strings.Fields(p.want(0, nil, "", "list").out)[0]
	p.want(0, nil, "", "mark", "--read", id)
	p.want(0, nil, "", "move", id, "Deleted Items")
	var told []string
	out := p.want(0, nil, "", "doctor").out
	for _, q := range []activesync.Quirk{activesync.QuirkSteadyKeys, activesync.QuirkMailsAnswers, activesync.QuirkUnnamedMoves, activesync.QuirkCutsWaits, activesync.QuirkLastSent} {
		if does, about := q.Words(); does != "" && strings.Contains(out, "  this server          "+does+": "+about+"\n") {
			told = append(told, string(q))
		}
	}
	if want := []string{"steady-keys", "mails-answers", "unnamed-moves"}; !slices.Equal(told, want) {
		t.Errorf("told of %v, want %v\n%s", told, want, out)
	}
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
