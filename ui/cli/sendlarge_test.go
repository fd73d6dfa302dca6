package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"eas.example/securemail/activesync/message"
)

// largeMail is a message with a file of size bytes.
func largeMail(from, to, subject string, size int) (mime, file []byte) {
	file = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{20}).Read(file) // never fails
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nMessage-ID: <%s@example.test>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nHere.\r\n--x\r\nContent-Type: application/octet-stream\r\n"+
		"Content-Disposition: attachment; filename=\"plan.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", from, to, subject, subject)
	for c := file; len(c) > 0; {
		n := min(57, len(c))
		b.WriteString(base64.StdEncoding.EncodeToString(c[:n]) + "\r\n")
		c = c[n:]
	}
	b.WriteString("--x--\r\n")
	return b.Bytes(), file
}

// largeMessageTakesLittleMemory sends a message with a file of 20 MB in real
// processes: neither the command nor the agent ever holds it.
func largeMessageTakesLittleMemory(t *testing.T, p *agentProgram) {
	command, agent := p.sendLarge(20 << 20)
	t.Logf("RssAnon at most %d MiB in the command, %d MiB in the agent", command.anon>>10, agent.anon>>10)
	if most := 64 << 10; command.anon > most || agent.anon > most {
		t.Errorf("RssAnon at most %d kB in the command, %d kB in the agent", command.anon, agent.anon)
	}
}

// sendLarge sends a message with a file of size bytes and watches what the
// command and the agent take.
func (p *agentProgram) sendLarge(size int) (command, agent peak) {
	p.t.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		p.t.Skip("this system does not tell what a process takes")
	}
	p.add()
	p.must("sync")
	mime, file := largeMail("alice@example.test", "alice@example.test", "plan", size)
	cmd := p.command("", "send")
	cmd.Stdin = bytes.NewReader(mime)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	pid, ended, watched := p.presence().PID, make(chan struct{}), make(chan peak, 2)
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { watched <- watchMemory(pid, ended) }()
	own := make(chan peak, 1)
	go func() { own <- watchMemory(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	close(ended)
	command, agent = <-own, <-watched
	if err != nil {
		p.t.Fatalf("%v\n%s", err, out.String())
	}
	items, err := p.box.Items("Sent Items")
	if err != nil || len(items) != 1 {
		p.t.Fatalf("%d messages in Sent, %v", len(items), err)
	}
	files := message.ParseBytes(items[0].MIME).Attachments
	if len(files) != 1 || sha256.Sum256(files[0].Content) != sha256.Sum256(file) {
		p.t.Error("another file arrived")
	}
	return command, agent
}

// BenchmarkSendLarge is what sending a file of 20 MB takes.
func BenchmarkSendLarge(b *testing.B) {
	bin := build(b)
	var command, agent peak
	for b.Loop() {
		p := newAgentProgram(b, bin)
		c, a := p.sendLarge(20 << 20)
		command, agent = peak{max(c.rss, command.rss), max(c.anon, command.anon)}, peak{max(a.rss, agent.rss), max(a.anon, agent.anon)}
	}
	b.ReportMetric(float64(command.anon)/1024, "command-RssAnon-MiB")
	b.ReportMetric(float64(agent.anon)/1024, "agent-RssAnon-MiB")
	b.ReportMetric(float64(agent.rss)/1024, "agent-VmHWM-MiB")
}
