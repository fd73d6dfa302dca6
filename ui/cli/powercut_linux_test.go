//go:build linux && amd64

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/store/paths"
)

// disk is the store's file as it would be after the power failed: what was
// written and not yet synced may be there or not.
type disk struct {
	path    string
	synced  []byte
	pending []written // since the last sync
	calls   int       // writes, truncations and syncs so far
}

// written is a write, or where data is nil a new length of the file.
type written struct {
	at   int64
	data []byte
}

func (d *disk) put(file []byte, w written) []byte {
	if w.data == nil {
		if int(w.at) <= len(file) {
			return file[:w.at]
		}
		return append(file, make([]byte, int(w.at)-len(file))...)
	}
	if end := int(w.at) + len(w.data); end > len(file) {
		file = append(file, make([]byte, end-len(file))...)
	}
	copy(file[w.at:], w.data)
	return file
}

// sync puts all that was written onto the disk.
func (d *disk) sync() {
	for _, w := range d.pending {
		d.synced = d.put(d.synced, w)
	}
	d.pending = nil
}

// fail is the file after the power failed; survives says of each write that was
// not synced whether it had come so far.
func (d *disk) fail(survives func() bool) []byte {
	file := slices.Clone(d.synced)
	for _, w := range d.pending {
		if survives() {
			file = d.put(file, w)
		}
	}
	return file
}

// tracer runs the program under ptrace and looks at what it does to one file.
// All its methods are called from one thread.
type tracer struct {
	disk  *disk
	begun map[int]func(result int64) // by thread, what its call does when it has succeeded
}

// entered notes a system call that has begun.
func (tr *tracer) entered(tid int) error {
	var r syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &r); err != nil {
		return err
	}
	tr.begun[tid] = func(int64) {}
	switch r.Orig_rax {
	case syscall.SYS_PWRITE64, syscall.SYS_FTRUNCATE, syscall.SYS_FSYNC, syscall.SYS_FDATASYNC:
	default:
		return nil
	}
	if name, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", tid, int32(r.Rdi))); err != nil || name != tr.disk.path {
		return nil
	}
	do := func(n int64) { tr.disk.sync() }
	switch r.Orig_rax {
	case syscall.SYS_PWRITE64:
		data := make([]byte, r.Rdx)
		if _, err := syscall.PtracePeekData(tid, uintptr(r.Rsi), data); err != nil {
			return err
		}
		do = func(n int64) { tr.disk.pending = append(tr.disk.pending, written{int64(r.R10), data[:n]}) }
	case syscall.SYS_FTRUNCATE:
		do = func(int64) { tr.disk.pending = append(tr.disk.pending, written{at: int64(r.Rsi)}) }
	}
	tr.begun[tid] = func(n int64) {
		if n >= 0 {
			do(n)
			tr.disk.calls++
		}
	}
	return nil
}

// left notes that a system call has ended.
func (tr *tracer) left(tid int) error {
	var r syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &r); err != nil {
		return err
	}
	tr.begun[tid](int64(r.Rax))
	delete(tr.begun, tid)
	return nil
}

// run runs a command until it ends or has touched the file so often; then it is
// killed.
func (tr *tracer) run(cmd *exec.Cmd, calls int) (killed bool, err error) {
	const exitKill, wall = 0x100000, 0x40000000
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return false, err
	}
	defer cmd.Process.Release()
	pid := cmd.Process.Pid
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &ws, wall, nil); err != nil {
		return false, err
	}
	options := syscall.PTRACE_O_TRACESYSGOOD | syscall.PTRACE_O_TRACECLONE | syscall.PTRACE_O_TRACEFORK | syscall.PTRACE_O_TRACEVFORK | exitKill
	if err := errors.Join(syscall.PtraceSetOptions(pid, options), syscall.PtraceSyscall(pid, 0)); err != nil {
		return false, err
	}
	code := -1
	for {
		tid, err := syscall.Wait4(-pid, &ws, wall, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.ECHILD):
			if !killed && code != 0 {
				return false, fmt.Errorf("it ended with %d", code)
			}
			return killed, nil
		case err != nil:
			return killed, err
		case ws.Exited() || ws.Signaled():
			if tid == pid && ws.Exited() {
				code = ws.ExitStatus()
			}
			continue
		case killed:
			continue
		}
		deliver := 0
		switch sig := ws.StopSignal(); {
		case sig == syscall.SIGTRAP|0x80:
			turn := tr.entered
			if tr.begun[tid] != nil {
				turn = tr.left
			}
			if err := turn(tid); err != nil && !errors.Is(err, syscall.ESRCH) {
				return false, err
			}
		case sig == syscall.SIGTRAP || sig == syscall.SIGSTOP:
		default:
			deliver = int(sig)
		}
		if tr.disk.calls >= calls {
			killed = true
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				return false, err
			}
			continue
		}
		if err := syscall.PtraceSyscall(tid, deliver); err != nil && !errors.Is(err, syscall.ESRCH) {
			return false, err
		}
	}
}

// cut runs the program and fails the power after so many calls that touch the
// store. It says how many there were, and whether the power failed in time.
func (k *killed) cut(calls int, stdin string, args ...string) (n int, failed bool) {
	k.t.Helper()
	p, err := paths.In(k.dir)
	if err != nil {
		k.t.Fatal(err)
	}
	path, err := filepath.EvalSymlinks(p.Store)
	if err != nil {
		k.t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		k.t.Fatal(err)
	}
	d := &disk{path: path, synced: file}
	cmd := k.command("", args...)
	in, err := os.CreateTemp(k.t.TempDir(), "stdin")
	if err != nil {
		k.t.Fatal(err)
	}
	defer in.Close()
	if _, err := io.WriteString(in, stdin); err != nil {
		k.t.Fatal(err)
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		k.t.Fatal(err)
	}
	cmd.Stdin = in
	failed, err = (&tracer{disk: d, begun: map[int]func(int64){}}).run(cmd, calls)
	if errors.Is(err, syscall.EPERM) {
		k.t.Skip("this machine lets no process be traced")
	}
	if err != nil {
		k.t.Fatalf("seed %d: securemail %s: %v", k.seed, strings.Join(args, " "), err)
	}
	if !failed {
		return d.calls, false
	}
	survives := func() bool { return false }
	if k.rnd.IntN(2) == 0 {
		survives = func() bool { return k.rnd.IntN(2) == 0 }
	}
	if err := os.WriteFile(path, d.fail(survives), 0o600); err != nil {
		k.t.Fatal(err)
	}
	return d.calls, true
}

// TestPowerCut: the power fails at any write to the store's file, in a first
// sync, in changes and in a send. What was not synced is gone or there in part.
// Nothing is lost, nothing comes twice, and the store is sound.
func TestPowerCut(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	want := killCount(t) / 4
	versions := []activesync.Version{activesync.V121, activesync.V141, activesync.V161}
	k := newKilled(t, versions[want%len(versions)])
	k.deliver("Inbox", 150)
	k.deliver("Archive", 40)
	k.fresh()
	n := 0
	whole, _ := k.cut(1<<30, "", "sync", "--all")
	k.same("undisturbed")
	for n < want { // a first sync is cut again and again
		k.fresh()
		for n < want {
			_, failed := k.cut(1+k.rnd.IntN(whole), "", "sync", "--all")
			if !failed {
				break
			}
			n++
			k.local() // checks the store
			k.elsewhere(2)
		}
		k.run("", "sync", "--all")
		k.same(fmt.Sprintf("power cut %d, in a sync", n))
	}
	acts := []act{actRead, actMove, actDelete, actUnread}
	whole, _ = k.cut(1<<30, "", k.on(actMove, 2)...)
	k.settle("undisturbed")
	for i := 0; i < want; {
		a := acts[i%len(acts)]
		if len(k.inbox()) < 30 { // most are moved and deleted by now
			k.deliver("Inbox", 60)
			k.run("", "sync", "--all")
		}
		if _, failed := k.cut(1+k.rnd.IntN(whole), "", k.on(a, 2)...); failed {
			n, i = n+1, i+1
			k.settle(fmt.Sprintf("power cut %d, %v", n, a.args))
		}
	}
	k.cutSends(want)
	t.Logf("%d times the power failed in a sync, in changes, and in a send each", want)
}

// cutSends lets the power fail while messages are sent.
func (k *killed) cutSends(want int) {
	whole, _ := k.cut(1<<30, letter("undisturbed"), "send")
	for i := range want {
		subject := fmt.Sprintf("cut %d", i)
		if _, failed := k.cut(1+k.rnd.IntN(whole), letter(subject), "send"); !failed {
			continue
		}
		kept, times, left := k.settleSent(subject)
		if times > 1 || kept && times == 0 && left != activesync.OpUncertain && left != activesync.OpSending || times == 1 && left != "" {
			k.t.Errorf("seed %d, cut %d: kept %t, sent %d times, in the outbox %q", k.seed, i, kept, times, left)
		}
	}
}
