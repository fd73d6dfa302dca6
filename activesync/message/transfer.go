package message

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding; ok is false where it is
// not known, and the data is left as it is.
func decodeTransfer(encoding string, b []byte) (data []byte, ok bool) {
	encoding, _, _ = strings.Cut(strings.ToLower(encoding), ";")
	encoding, _, _ = strings.Cut(encoding, "(")
	switch strings.Trim(strings.TrimSpace(encoding), `"'`) {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none":
		return b, true
	case "base64", "base-64":
		return lenientBase64(b), true
	case "quoted-printable", "quoted printable", "quotedprintable":
		return lenientQP(b), true
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return uudecode(b), true
	}
	return b, false
}

// lenientQP decodes quoted-printable; what is not, stays as it is.
func lenientQP(b []byte) []byte {
	if out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(b))); err == nil {
		return out
	}
	var out []byte
	for line := range bytes.Lines(b) {
		text := bytes.TrimRight(line, " \t\r\n")
		soft := bytes.HasSuffix(text, []byte("="))
		text = bytes.TrimSuffix(text, []byte("="))
		for i := 0; i < len(text); i++ {
			if text[i] == '=' && i+2 < len(text) && hex(text[i+1]) >= 0 && hex(text[i+2]) >= 0 {
				out = append(out, byte(hex(text[i+1])<<4|hex(text[i+2])))
				i += 2
				continue
			}
			out = append(out, text[i])
		}
		if !soft && bytes.HasSuffix(line, []byte("\n")) {
			out = append(out, '\n')
		}
	}
	return out
}

func uudecode(b []byte) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		line = bytes.TrimRight(line, "\r\n")
		if bytes.HasPrefix(line, []byte("begin ")) || len(line) == 0 {
			continue
		}
		if bytes.Equal(line, []byte("end")) {
			break
		}
		n := int(line[0]-' ') & 63
		line = line[1:]
		var got []byte
		for i := 0; i+3 < len(line)+3 && len(got) < n; i += 4 {
			var q [4]byte
			for j := range q {
				if i+j < len(line) {
					q[j] = (line[i+j] - ' ') & 63
				}
			}
			got = append(got, q[0]<<2|q[1]>>4, q[1]<<4|q[2]>>2, q[2]<<6|q[3])
		}
		out = append(out, got[:min(n, len(got))]...)
	}
	return out
}

// lenientBase64 decodes what can be decoded: other characters are passed
// over, padding may be missing, stand in the middle, or be too much.
func lenientBase64(b []byte) []byte {
	out := make([]byte, 0, len(b)*3/4+3)
	for len(b) > 0 { // whole lines at once, as long as there is nothing odd in them
		end := len(b)
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			end = i + 1
		}
		line := bytes.TrimRight(b[:end], "\r\n")
		whole, err := base64.RawStdEncoding.AppendDecode(out, line)
		if err != nil || (len(whole)-len(out))*4 != len(line)*3 {
			return looseBase64(out, b)
		}
		out, b = whole, b[end:]
	}
	return out
}

// looseBase64 appends to out what b holds, character by character.
func looseBase64(out, b []byte) []byte {
	var quad [4]byte
	n := 0
	for _, c := range b {
		switch {
		case c == '=':
			if n > 1 {
				out = appendQuad(out, quad[:n])
			}
			n = 0
			continue
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		}
		if !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/') {
			continue
		}
		quad[n] = c
		if n++; n == 4 {
			out = appendQuad(out, quad[:])
			n = 0
		}
	}
	if n > 1 {
		out = appendQuad(out, quad[:n])
	}
	return out
}

func appendQuad(dst, quad []byte) []byte {
	var buf [3]byte
	n, _ := base64.RawStdEncoding.Decode(buf[:], quad)
	return append(dst, buf[:n]...)
}
