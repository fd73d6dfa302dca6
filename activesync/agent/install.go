package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Unit is a unit of the person's service manager that keeps an agent
// running: its file, what is in it, and how it is switched on.
type Unit struct {
	Path    string
	Content string
	Enable  [][]string // commands
}

// HandedOverCode is the exit code of an agent that a newer program asked to hand
// over (EX_TEMPFAIL of sysexits.h). Its service manager starts it again, from the
// newer program, and it takes over from the one that was started meanwhile.
const HandedOverCode = 75

// SystemdUnit is the unit for systemd --user. name is that of the unit without
// its suffix, config the person's directory for configuration.
func SystemdUnit(config, name, program string, args []string) Unit {
	var exec strings.Builder
	for _, w := range append([]string{program}, args...) {
		exec.WriteString(" " + systemdQuote(w))
	}
	code := strconv.Itoa(HandedOverCode) // no failure, but to be started again
	return Unit{
		Path: filepath.Join(config, "systemd", "user", name+".service"),
		Content: `[Unit]
Description=Secure Mail for the terminal, background process

[Service]
Type=notify
ExecStart=` + exec.String()[1:] + `
Restart=on-failure
RestartSec=1
RestartForceExitStatus=` + code + `
SuccessExitStatus=` + code + `
WatchdogSec=10min
TimeoutStopSec=20

[Install]
WantedBy=default.target
`,
		Enable: [][]string{{"systemctl", "--user", "daemon-reload"}, {"systemctl", "--user", "enable", "--now", name + ".service"}},
	}
}

// systemdQuote writes a word of a command line as systemd.service(5) reads it.
func systemdQuote(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$", "\n", `\n`).Replace(s)
	if strings.ContainsAny(s, " \t'\\\";") || s == "" {
		return `"` + s + `"`
	}
	return s
}

// LaunchdAgent is the same for launchd of macOS. home is the person's directory.
func LaunchdAgent(home, label, program string, args []string) Unit {
	var words strings.Builder
	for _, w := range append([]string{program}, args...) {
		fmt.Fprintf(&words, "\t\t<string>%s</string>\n", xmlText(w))
	}
	path := filepath.Join(home, "Library", "LaunchAgents", label+".plist")
	return Unit{
		Path: path,
		Content: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>` + xmlText(label) + `</string>
	<key>ProgramArguments</key>
	<array>
` + words.String() + `	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<dict>
		<key>SuccessfulExit</key>
		<false/>
	</dict>
	<key>ProcessType</key>
	<string>Background</string>
</dict>
</plist>
`,
		Enable: [][]string{{"launchctl", "bootstrap", fmt.Sprintf("gui/%d", os.Getuid()), path}},
	}
}

func xmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// Write puts the unit in its place.
func (u Unit) Write() error {
	if err := os.MkdirAll(filepath.Dir(u.Path), 0o755); err != nil {
		return fmt.Errorf("write the unit: %w", err)
	}
	temp := u.Path + ".new"
	if err := os.WriteFile(temp, []byte(u.Content), 0o644); err != nil {
		return fmt.Errorf("write the unit: %w", err)
	}
	if err := os.Rename(temp, u.Path); err != nil {
		return fmt.Errorf("write the unit: %w", err)
	}
	return nil
}

// Lingers reports whether processes of the person outlive the last log-out,
// where systemd decides that.
func Lingers(user string) bool {
	_, err := os.Stat(filepath.Join("/var/lib/systemd/linger", user))
	return err == nil
}
