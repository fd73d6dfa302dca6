package message

import (
	"bytes"
	"strings"
)

// Kind is how a message is protected.
type Kind uint8

// The kinds of protection.
const (
	SMIMESigned     Kind = iota + 1 // detached: Content and Signature
	SMIME                           // opaque: Content is a PKCS #7 object, signed or enveloped
	PGPSigned                       // PGP/MIME, detached
	PGPEncrypted                    // PGP/MIME
	InlineSigned                    // a text with a PGP signature around it
	InlineEncrypted                 // a text that is a PGP message
)

// Protected is the part of a message that is signed or encrypted.
type Protected struct {
	Kind Kind
	// Content is the part as it was signed, header and all, or the encrypted data.
	Content   []byte
	Signature []byte
	// Part says that there is more in the message than what is protected.
	Part bool
	// Formatted says that it stood in an HTML text, of which no signature can be
	// checked: what was signed were its words before they were formatted.
	Formatted bool
}

// Tone says whether a word on what was verified is good news.
type Tone uint8

// The tones.
const (
	Good Tone = iota + 1
	Doubt
	Bad
)

// Word is one sentence on what was verified or opened, and by whom.
type Word struct {
	Tone Tone
	Text string
}

// Protection finds what is signed or encrypted in a message in MIME, nil where
// nothing is.
func Protection(mime []byte) *Protected {
	h, body, _ := splitHeader(mime)
	parts := 0
	return protection(h, body, 0, &parts)
}

func protection(h Header, body []byte, depth int, parts *int) *Protected {
	if *parts++; depth > maxDepth || *parts > maxParts {
		return nil
	}
	ctype, params := parameters(h.Raw("Content-Type"))
	protocol := strings.ToLower(params["protocol"])
	switch ctype {
	case "multipart/signed":
		if p := signedParts(body, params["boundary"], protocol); p != nil {
			return p
		}
	case "multipart/encrypted":
		if data := encryptedPart(body, params["boundary"]); data != nil {
			return &Protected{Kind: PGPEncrypted, Content: data}
		}
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		data, _ := decodeTransfer(h.Raw("Content-Transfer-Encoding"), body)
		return &Protected{Kind: SMIME, Content: data}
	case "text/plain", "":
		if at, _ := parameters(h.Raw("Content-Disposition")); at == "attachment" {
			return nil
		}
		data, _ := decodeTransfer(h.Raw("Content-Transfer-Encoding"), body)
		return Inline(data)
	case "text/html":
		data, _ := decodeTransfer(h.Raw("Content-Transfer-Encoding"), body)
		if at, _ := parameters(h.Raw("Content-Disposition")); at == "attachment" || !bytes.Contains(data, []byte("-----BEGIN PGP ")) {
			return nil
		}
		p := Inline([]byte(renderHTML(Text(data, h.Raw("Content-Type")), RenderOptions{}).String()))
		if p != nil {
			p.Formatted = true
		}
		return p
	}
	if !strings.HasPrefix(ctype, "multipart/") {
		if name := strings.ToLower(params["name"]); ctype == "application/octet-stream" && strings.HasSuffix(name, ".p7m") {
			data, _ := decodeTransfer(h.Raw("Content-Transfer-Encoding"), body)
			return &Protected{Kind: SMIME, Content: data}
		}
		return nil
	}
	list, _ := splitParts(body, params["boundary"])
	if ctype != "multipart/encrypted" && pgpParts(list) {
		// Some servers make multipart/mixed of multipart/encrypted.
		if data := encryptedPart(body, params["boundary"]); data != nil {
			return &Protected{Kind: PGPEncrypted, Content: data}
		}
	}
	for _, b := range list {
		sub, rest, _ := splitHeader(b)
		if p := protection(sub, rest, depth+1, parts); p != nil {
			p.Part = p.Part || len(list) > 1
			return p
		}
	}
	return nil
}

// signedParts takes multipart/signed apart: the first part exactly as it is,
// and the signature.
func signedParts(body []byte, boundary, protocol string) *Protected {
	list, _ := splitParts(body, boundary)
	if len(list) < 2 {
		return nil
	}
	h, sig, _ := splitHeader(list[1])
	ctype, _ := parameters(h.Raw("Content-Type"))
	signature, _ := decodeTransfer(h.Raw("Content-Transfer-Encoding"), sig)
	p := &Protected{Content: list[0], Signature: signature}
	switch {
	case strings.Contains(protocol, "pkcs7"), strings.Contains(ctype, "pkcs7"):
		p.Kind = SMIMESigned
	case strings.Contains(protocol, "pgp"), strings.Contains(ctype, "pgp"):
		p.Kind = PGPSigned
	default:
		return nil
	}
	return p
}

// pgpParts reports whether one of some parts says that another is encrypted.
func pgpParts(list [][]byte) bool {
	for _, b := range list {
		h, _, _ := splitHeader(b)
		if ctype, _ := parameters(h.Raw("Content-Type")); ctype == "application/pgp-encrypted" {
			return true
		}
	}
	return false
}

// encryptedPart is the data of PGP/MIME: the part that holds a PGP message.
func encryptedPart(body []byte, boundary string) []byte {
	list, _ := splitParts(body, boundary)
	for _, b := range list {
		h, rest, _ := splitHeader(b)
		data, _ := decodeTransfer(h.Raw("Content-Transfer-Encoding"), rest)
		if ctype, _ := parameters(h.Raw("Content-Type")); ctype == "application/pgp-encrypted" && len(list) > 1 {
			continue
		} else if ctype == "application/octet-stream" && len(data) > 0 || bytes.Contains(data, []byte(beginMessage)) {
			return data
		}
	}
	return nil
}

const (
	beginMessage = "-----BEGIN PGP MESSAGE-----"
	endMessage   = "-----END PGP MESSAGE-----"
	beginSigned  = "-----BEGIN PGP SIGNED MESSAGE-----"
	endSigned    = "-----END PGP SIGNATURE-----"
)

// Inline finds PGP in a text, nil where there is none. Content is the armored
// block.
func Inline(text []byte) *Protected {
	for _, k := range []struct {
		begin, end string
		kind       Kind
	}{{beginSigned, endSigned, InlineSigned}, {beginMessage, endMessage, InlineEncrypted}} {
		i := lineAt(text, k.begin)
		if i < 0 {
			continue
		}
		n := lineAt(text[i:], k.end)
		if n < 0 {
			continue
		}
		end := i + n + len(k.end)
		block := text[i:end]
		rest := len(bytes.TrimSpace(text[:i])) > 0 || len(bytes.TrimSpace(text[end:])) > 0
		return &Protected{Kind: k.kind, Content: append(bytes.Clone(block), '\n'), Part: rest}
	}
	return nil
}

// lineAt is where a line that begins with words begins, -1 for nowhere.
func lineAt(text []byte, words string) int {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(words))
		if i < 0 {
			return -1
		}
		if i += at; i == 0 || text[i-1] == '\n' || text[i-1] == '\r' {
			return i
		}
		at = i + 1
	}
}

// Canonical is a part with CRLF line ends, as it was signed.
func Canonical(b []byte) []byte {
	if !bytes.Contains(b, []byte("\n")) || !bytes.Contains(bytes.ReplaceAll(b, []byte("\r\n"), nil), []byte("\n")) {
		return b
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}
