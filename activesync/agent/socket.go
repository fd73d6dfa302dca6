package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrOtherPerson: another user of this machine is at the other end of the
// socket, or owns the directory that it lies in.
var ErrOtherPerson = errors.New("it belongs to another user")

// Listen makes the socket at path, which only its owner can use, and notes in the
// file note that it is there. The caller holds the store, so what lies in either place
// is left from an agent that died.
func Listen(path, note string, log *slog.Logger) (net.Listener, error) {
	if err := private(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("make the directory of the socket: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove a socket left behind: %w", err)
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("make the socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("make the socket: %w", err), ln.Close())
	}
	if err := os.WriteFile(note, []byte(path+"\n"), 0o600); err != nil {
		log.Warn("sessions with another runtime directory will not find the agent", "error", err)
	}
	return &door{UnixListener: ln, note: note, uid: os.Getuid(), log: log}, nil
}

// noted is the socket that an agent noted, "" for none.
func noted(note string) string {
	b, err := os.ReadFile(note)
	if err != nil {
		return ""
	}
	if path := strings.TrimSpace(string(b)); filepath.IsAbs(path) {
		return path
	}
	return ""
}

// private makes dir, or sees that it belongs to this person alone.
func private(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "use", Path: dir, Err: syscall.ENOTDIR}
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Getuid() {
		return fmt.Errorf("%s: %w", dir, ErrOtherPerson)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return os.Chmod(dir, 0o700)
	}
	return nil
}

// door lets in nobody but the person whose uid it has.
type door struct {
	*net.UnixListener
	note string // the file that names the socket
	uid  int
	log  *slog.Logger
}

func (d *door) Close() error {
	_ = os.Remove(d.note) // it says nothing without a socket
	return d.UnixListener.Close()
}

func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.UnixListener.Accept()
		if err != nil {
			return nil, err
		}
		if err := samePerson(conn, d.uid); err != nil {
			d.log.Warn("turned away", "error", err)
			conn.Close()
			continue
		}
		return conn, nil
	}
}

// samePerson looks who is at the other end, where the system tells.
func samePerson(conn net.Conn, uid int) error {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return fmt.Errorf("look who is at the other end: %w", err)
	}
	peer, known := 0, false
	var perr error
	if err := raw.Control(func(fd uintptr) { peer, known, perr = peerUID(int(fd)) }); err != nil {
		return fmt.Errorf("look who is at the other end: %w", err)
	}
	if perr != nil {
		return fmt.Errorf("look who is at the other end: %w", perr)
	}
	if known && peer != uid {
		return fmt.Errorf("%w (uid %d)", ErrOtherPerson, peer)
	}
	return nil
}
