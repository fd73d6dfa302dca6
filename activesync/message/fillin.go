package message

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"eas.example/securemail/activesync"
)

// FillIn copies a message that comes from elsewhere, completed: Date, Message-ID,
// From and MIME-Version where they are missing, CRLF line ends throughout. It
// gives what the header says then. No more than the header is in memory.
func FillIn(out io.Writer, in io.Reader, o ComposeOptions) (*Mail, error) {
	r := bufio.NewReaderSize(in, maxHeader)
	raw, err := r.Peek(maxHeader)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	h, body, _ := splitHeader(raw)
	if len(h.fields) == 0 {
		return nil, fmt.Errorf("%w: it does not begin with header fields such as To and Subject", errNoHeader)
	}
	var front bytes.Buffer
	w := &mimeWriter{w: bufio.NewWriter(&front)}
	if !h.Has("From") {
		w.field("From", encodeAddresses([]activesync.Address{o.From}))
	}
	if !h.Has("Date") {
		w.field("Date", o.Date.Format(dateFormat))
	}
	if !h.Has("Message-ID") {
		w.field("Message-ID", "<"+token(o.MessageID)+">")
	}
	if !h.Has("MIME-Version") {
		w.field("MIME-Version", "1.0")
	}
	if err := w.w.Flush(); err != nil {
		return nil, err
	}
	head := raw[:len(raw)-len(body)]
	n := mboxLine(head)
	head = head[n:]
	if _, err := r.Discard(n); err != nil {
		return nil, err
	}
	m := ParseBytes(append(bytes.Clone(front.Bytes()), head...))
	lines := &crlfWriter{w: bufio.NewWriter(out)}
	if _, err := lines.w.Write(front.Bytes()); err != nil {
		return nil, err
	}
	if _, err := r.WriteTo(lines); err != nil {
		return nil, fmt.Errorf("copy the message: %w", err)
	}
	return m, lines.w.Flush()
}

var errNoHeader = fmt.Errorf("%w: not a message", activesync.ErrRejected)

// crlfWriter ends lines with CR LF that ended with LF.
type crlfWriter struct {
	w  *bufio.Writer
	cr bool // the last byte was one
}

func (c *crlfWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		line, end := p, "" // of a line that is not whole
		if i := bytes.IndexByte(p, '\n'); i >= 0 {
			if line, end = p[:i], "\r\n"; i > 0 && p[i-1] == '\r' || i == 0 && c.cr {
				end = "\n"
			}
		}
		if len(line) > 0 {
			c.cr = line[len(line)-1] == '\r'
		}
		if _, err := c.w.Write(line); err != nil {
			return 0, err
		}
		if end == "" {
			break
		}
		if _, err := c.w.WriteString(end); err != nil {
			return 0, err
		}
		c.cr, p = false, p[len(line)+1:]
	}
	return n, nil
}

// Head is the header of a message, the blank line behind it included.
func Head(mime io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(mime, maxHeader))
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	_, body, _ := splitHeader(b)
	return b[:len(b)-len(body)], nil
}
