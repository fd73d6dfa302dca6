package cli

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// imapConn is just enough of IMAP4rev1 to be a second witness of what a
// mailbox holds.
type imapConn struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
	tag  int
}

// imapReply is one untagged line; its literals stand in Literals and as {n} in Line.
type imapReply struct {
	Line     string
	Literals [][]byte
}

func dialIMAP(t *testing.T, addr, user, password string) *imapConn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		t.Fatalf("IMAP: %v", err)
	}
	c := &imapConn{t: t, conn: conn, r: bufio.NewReaderSize(conn, 1<<16)}
	t.Cleanup(func() { conn.Close() })
	c.read()
	c.do(fmt.Sprintf("LOGIN %q %q", user, password))
	return c
}

func (c *imapConn) read() imapReply {
	c.t.Helper()
	if err := c.conn.SetDeadline(time.Now().Add(60 * time.Second)); err != nil {
		c.t.Fatal(err)
	}
	var rep imapReply
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			c.t.Fatalf("IMAP: %v", err)
		}
		line = strings.TrimRight(line, "\r\n")
		rep.Line += line
		m := literalEnd.FindStringSubmatch(line)
		if m == nil {
			return rep
		}
		n, _ := strconv.Atoi(m[1])
		b := make([]byte, n)
		if _, err := io.ReadFull(c.r, b); err != nil {
			c.t.Fatalf("IMAP: %v", err)
		}
		rep.Literals = append(rep.Literals, b)
	}
}

var literalEnd = regexp.MustCompile(`\{(\d+)\}$`)

// do runs a command and returns its untagged replies.
func (c *imapConn) do(command string) []imapReply {
	c.t.Helper()
	c.tag++
	tag := fmt.Sprintf("a%d", c.tag)
	if _, err := fmt.Fprintf(c.conn, "%s %s\r\n", tag, command); err != nil {
		c.t.Fatalf("IMAP: %v", err)
	}
	return c.until(tag, command)
}

func (c *imapConn) until(tag, command string) []imapReply {
	c.t.Helper()
	var out []imapReply
	for {
		rep := c.read()
		if rest, ok := strings.CutPrefix(rep.Line, tag+" "); ok {
			if !strings.HasPrefix(rest, "OK") {
				c.t.Fatalf("IMAP: %s: %s", command, rest)
			}
			return out
		}
		out = append(out, rep)
	}
}

// appendMail stores a message with flags such as (\Seen).
func (c *imapConn) appendMail(folder, flags string, mail []byte) {
	c.t.Helper()
	mail = bytes.ReplaceAll(bytes.ReplaceAll(mail, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	c.tag++
	tag := fmt.Sprintf("a%d", c.tag)
	fmt.Fprintf(c.conn, "%s APPEND %q %s {%d}\r\n", tag, folder, flags, len(mail))
	if rep := c.read(); !strings.HasPrefix(rep.Line, "+") {
		c.t.Fatalf("IMAP: APPEND: %s", rep.Line)
	}
	c.conn.Write(mail)
	io.WriteString(c.conn, "\r\n")
	c.until(tag, "APPEND")
}

// create makes a folder, if it is not there. Its name is in modified UTF-7.
func (c *imapConn) create(folder string) {
	c.t.Helper()
	if !slices.Contains(c.folders(), mailboxName(c.t, folder)) {
		c.do(fmt.Sprintf("CREATE %q", folder))
	}
}

// empty removes all messages of a folder.
func (c *imapConn) empty(folder string) {
	c.t.Helper()
	c.do(fmt.Sprintf("SELECT %q", folder))
	c.do(`UID STORE 1:* +FLAGS.SILENT (\Deleted)`) // by UID: a mailbox without messages is no error
	c.do("EXPUNGE")
}

// imapMessage is a message as IMAP has it.
type imapMessage struct {
	UID           int
	Seen, Flagged bool
	Raw           []byte
}

// fetch reads all messages of a folder.
func (c *imapConn) fetch(folder string) []imapMessage {
	c.t.Helper()
	c.do(fmt.Sprintf("SELECT %q", folder))
	var out []imapMessage
	for _, rep := range c.do("UID FETCH 1:* (UID FLAGS BODY.PEEK[])") {
		m := fetchUID.FindStringSubmatch(rep.Line)
		if m == nil || len(rep.Literals) == 0 {
			continue
		}
		uid, _ := strconv.Atoi(m[1])
		out = append(out, imapMessage{UID: uid, Seen: strings.Contains(rep.Line, `\Seen`), Flagged: strings.Contains(rep.Line, `\Flagged`), Raw: rep.Literals[0]})
	}
	return out
}

var fetchUID = regexp.MustCompile(`UID (\d+)`)

// folders lists the mailbox names, in the form that people see.
func (c *imapConn) folders() []string {
	c.t.Helper()
	var out []string
	for _, rep := range c.do(`LIST "" "*"`) {
		if m := listName.FindStringSubmatch(rep.Line); m != nil {
			out = append(out, mailboxName(c.t, strings.Trim(m[1], `"`)))
		}
	}
	return out
}

var listName = regexp.MustCompile(`^\* LIST \([^)]*\) "?[^" ]+"? (.+)$`)

// mailboxName reads modified UTF-7 (RFC 3501 5.1.3).
func mailboxName(t *testing.T, s string) string {
	t.Helper()
	var out strings.Builder
	for {
		before, rest, shifted := strings.Cut(s, "&")
		out.WriteString(before)
		if !shifted {
			return out.String()
		}
		word, after, ok := strings.Cut(rest, "-")
		b, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(word, ",", "/"))
		if !ok || err != nil {
			t.Fatalf("IMAP: bad name of a mailbox: %q", s)
		}
		if word == "" {
			out.WriteByte('&')
		}
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(b[2*i:])
		}
		out.WriteString(string(utf16.Decode(units)))
		s = after
	}
}
