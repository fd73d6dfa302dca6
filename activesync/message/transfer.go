package message

import (
	"bytes"
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
