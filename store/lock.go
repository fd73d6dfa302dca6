package store

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// The lock itself is bbolt's, on the store's file. The file beside it only
// says who holds it, for the message to the one who comes second.

func holderFile(path string) string { return path + ".pid" }

// noteHolder and forgetHolder are courtesies: without the file the message
// names no process.
func noteHolder(path string) {
	_ = os.WriteFile(holderFile(path), fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600)
}

func forgetHolder(path string) { _ = removeFile(holderFile(path)) }

// holder is the process that has the store open, 0 where that is not known. A
// number that a crash left behind is not believed if no such process lives.
func holder(path string) int {
	b, err := os.ReadFile(holderFile(path))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid <= 0 || !alive(pid) {
		return 0
	}
	return pid
}

func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || err == syscall.EPERM
}
