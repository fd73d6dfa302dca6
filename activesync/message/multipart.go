package message

import "bytes"

func (p *parser) multipart(ctype string, params map[string]string, body []byte, depth int, at place) {
	boundary := params["boundary"]
	if boundary == "" {
		boundary = guessBoundary(body)
		p.note("The parts of this message are not properly marked.")
	}
	parts, complete := splitParts(body, boundary)
	if !complete {
		p.note("This message ends too early.")
	}
	if len(parts) == 0 {
		p.note("This message has no parts although it says so.")
		p.text("text/plain", nil, body, at, "")
		return
	}
	in := place{alternative: ctype == "multipart/alternative" || at.alternative && ctype == "multipart/related",
		related: ctype == "multipart/related" || at.related, digest: ctype == "multipart/digest"}
	before, one := p.written, written{}
	for _, b := range parts {
		h, sub, _ := splitHeader(b)
		if len(h.fields) == 0 {
			// A part without header: its blank line may be missing too.
			sub = bytes.TrimLeft(b, "\r\n")
		}
		if ctype != "multipart/alternative" {
			p.part(h, sub, depth+1, in)
			continue
		}
		p.written = written{}
		p.part(h, sub, depth+1, in)
		one.or(p.written)
	}
	if ctype == "multipart/alternative" {
		p.written = before
		p.add(one)
	}
}

// guessBoundary finds a line that looks like the first delimiter.
func guessBoundary(body []byte) string {
	for line := range bytes.Lines(body) {
		line = bytes.TrimRight(line, "\r\n \t")
		if len(line) > 4 && bytes.HasPrefix(line, []byte("--")) {
			return string(line[2:])
		}
	}
	return ""
}

// splitParts cuts a multipart body at its delimiter lines. complete is false
// when the last delimiter is missing.
func splitParts(body []byte, boundary string) (parts [][]byte, complete bool) {
	if boundary == "" {
		return nil, false
	}
	delimiter := []byte("--" + boundary)
	start := -1
	for pos := 0; pos < len(body); {
		i := bytes.Index(body[pos:], delimiter)
		if i < 0 {
			break
		}
		at := pos + i
		end := at + len(delimiter)
		if at > 0 && body[at-1] != '\n' && body[at-1] != '\r' {
			pos = end
			continue
		}
		lineEnd := len(body)
		if j := bytes.IndexAny(body[end:], "\r\n"); j >= 0 {
			lineEnd = end + j + 1
			if bytes.HasPrefix(body[end+j:], []byte("\r\n")) {
				lineEnd++
			}
		}
		tail := bytes.TrimRight(body[end:lineEnd], " \t\r\n")
		last := bytes.HasPrefix(tail, []byte("--"))
		if len(tail) > 0 && !last {
			pos = end
			continue
		}
		if start >= 0 {
			parts = append(parts, trimBreak(body[start:at]))
		}
		start, pos = lineEnd, lineEnd
		if last {
			return parts, true
		}
	}
	if start >= 0 && start < len(body) {
		parts = append(parts, body[start:])
	}
	return parts, false
}

// trimBreak takes off the line end that belongs to the delimiter after it.
func trimBreak(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}
