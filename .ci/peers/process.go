package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process runs a command to its end and prints what it took as a row of a
// table: time, processor time, and the most memory that was its own.
func process(name, count string, args []string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	ended, watched := make(chan struct{}), make(chan int)
	go func() { watched <- anonymous(cmd.Process.Pid, ended) }()
	err = cmd.Wait()
	wall := time.Since(began)
	close(ended)
	most := <-watched
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	fmt.Printf("| %s | %.1f s, %.0f messages/s, %.2f s of processor time (%.2f ms a message), RssAnon %d MiB |\n", name, wall.Seconds(),
		float64(n)/wall.Seconds(), used.Seconds(), used.Seconds()*1000/float64(n), most/1024)
	return nil
}

// anonymous is the most anonymous memory that was seen of a process, in kB.
func anonymous(pid int, ended <-chan struct{}) (most int) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(status)) {
			if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
				n, _ := strconv.Atoi(strings.Fields(rest)[0])
				most = max(most, n)
			}
		}
		select {
		case <-ended:
			return most
		case <-tick.C:
		}
	}
}
