package contacts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/contentline"
)

// UID names a person for cards that leave this machine. It follows from the
// name and the first address, or the first number where there is no address:
// two machines with the same mailbox give the same person the same UID, and
// cards of two people never have one UID because their ids are alike.
func UID(c activesync.Contact) string { return numberedUID(c, 1) }

// numberedUID tells people apart who are alike in name and address.
func numberedUID(c activesync.Contact, n int) string {
	reach := ""
	for _, a := range c.Emails() {
		if reach == "" {
			reach = strings.ToLower(strings.TrimSpace(a.Address))
		}
	}
	for _, p := range phones(&c) {
		if reach == "" {
			reach = strings.Join(strings.Fields(*p.value), "")
		}
	}
	words := fmt.Appendf(nil, "securemail contact\x00%s\x00%s", strings.ToLower(strings.Join(strings.Fields(c.Name()), " ")), reach)
	if n > 1 {
		words = fmt.Appendf(words, "\x00%d", n)
	}
	sum := sha256.Sum256(words)
	sum[6], sum[8] = sum[6]&0x0F|0x80, sum[8]&0x3F|0x80 // RFC 9562 5.8
	s := hex.EncodeToString(sum[:16])
	return "urn:uuid:" + strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

// reserved names belong to devices under Windows.
var reserved = []string{"con", "prn", "aux", "nul", "com", "lpt"}

// FileName is a name for the card of a contact that every disk takes: no
// separators, no control or invisible characters, no name of a device, at most
// 84 bytes.
func FileName(c activesync.Contact) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\<>:"|?*`, r) || r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '_'
		}
		return r
	}, strings.Join(strings.Fields(contentline.Tidy(c.Name())), " "))
	name = strings.Trim(name, ". ")
	for len(name) > maxNameOctets {
		_, n := utf8.DecodeLastRuneInString(name)
		name = strings.TrimRight(name[:len(name)-n], ". ")
	}
	if strings.HasPrefix(name, "-") { // no option of a command
		name = "_" + name[1:]
	}
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	if slices.Contains(reserved, strings.TrimRight(stem, "0123456789 ")) {
		name = "_" + name
	}
	if name == "" {
		name = "contact"
	}
	return name + fileExtension
}
