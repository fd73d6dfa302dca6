package pgp

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

// errNoSecretKey is the code of gpg-error for it.
const errNoSecretKey = 17

// status is what gpg says of itself (doc/DETAILS of GnuPG).
type status struct {
	signatures []signature
	opened     bool // decrypted, and whole
	failed     bool
	noKey      bool // none of the person's keys opens it
	locked     bool // the passphrase was not given
}

// signature is what gpg says of one.
type signature struct {
	result string // GOODSIG, BADSIG, ERRSIG, EXPSIG, EXPKEYSIG, REVKEYSIG
	key    string
	user   string
	trust  string // ULTIMATE, FULLY, MARGINAL, UNDEFINED, NEVER
	noKey  bool   // the public key is not there
	// others are further addresses of the key that are as sure as its first.
	others []string
}

// strayed reports whether a signature is by a key of another address than those
// that the message comes from.
func (s signature) strayed(from []string) bool {
	a := activesync.ParseAddress(s.user).Address
	return a != "" && len(from) > 0 && !contains(from, a) && !slices.ContainsFunc(s.others, func(other string) bool { return contains(from, other) })
}

// addressesOf are those of a key, as gpg lists it with colons: of those that are as
// sure as that they are the person's, where that is known of the key.
func addressesOf(listed []byte, sure bool) (out []string) {
	for line := range strings.Lines(string(listed)) {
		f := strings.Split(line, ":")
		if len(f) < 10 || f[0] != "uid" || strings.ContainsAny(f[1], "reino") || sure && !strings.ContainsAny(f[1], "ufm") {
			continue
		}
		id := strings.NewReplacer(`\x3a`, ":", `\x5c`, `\`).Replace(f[9])
		if a := activesync.ParseAddress(id).Address; a != "" {
			out = append(out, a)
		}
	}
	return out
}

func readStatus(b []byte) status {
	var s status
	for line := range strings.Lines(string(b)) {
		rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "[GNUPG:] ")
		if !ok {
			continue
		}
		word, rest, _ := strings.Cut(rest, " ")
		switch word {
		case "GOODSIG", "BADSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "ERRSIG":
			key, user, _ := strings.Cut(rest, " ")
			if word == "ERRSIG" {
				user = ""
			}
			s.signatures = append(s.signatures, signature{result: word, key: key, user: unescape(user)})
		case "NO_PUBKEY":
			if n := len(s.signatures); n > 0 {
				s.signatures[n-1].noKey = true
			}
		case "TRUST_ULTIMATE", "TRUST_FULLY", "TRUST_MARGINAL", "TRUST_UNDEFINED", "TRUST_NEVER":
			if n := len(s.signatures); n > 0 {
				s.signatures[n-1].trust = strings.TrimPrefix(word, "TRUST_")
			}
		case "DECRYPTION_OKAY":
			s.opened = true
		case "DECRYPTION_FAILED":
			s.failed = true
		case "NO_SECKEY":
			s.noKey = true
		case "ERROR":
			where, code, _ := strings.Cut(rest, " ")
			code, _, _ = strings.Cut(code, " ")
			n, err := strconv.ParseUint(code, 10, 32)
			s.locked = s.locked || where == "pkdecrypt_failed" && err == nil && n&0xFFFF != errNoSecretKey
		}
	}
	s.opened = s.opened && !s.failed
	return s
}

// unescape undoes how gpg writes a user id.
func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// words tell what gpg says.
func (s status) words(k message.Kind, from []string) []message.Word {
	var out []message.Word
	encrypted := k == message.PGPEncrypted || k == message.InlineEncrypted
	switch {
	case !encrypted:
	case s.opened:
		out = say(message.Good, "Encrypted (PGP); opened by your gpg.")
	case s.noKey && !s.locked:
		return say(message.Doubt, "This message is encrypted (PGP), but not for a key that your gpg has.")
	default:
		return say(message.Doubt, "This message is encrypted (PGP) and gpg could not open it; where it needs your passphrase, unlock the key with gpg in another terminal and open the message again.")
	}
	for _, sig := range s.signatures {
		out = append(out, sig.words(from)...)
	}
	return out
}

func (s signature) words(from []string) []message.Word {
	who := "“" + s.user + "”"
	switch s.result {
	case "BADSIG":
		return say(message.Bad, "The signature (PGP) does not fit: the message was changed after it was signed, or it is not from %s.", who)
	case "EXPSIG":
		return say(message.Doubt, "Signed (PGP) by %s and not changed since, but the signature has expired.", who)
	case "EXPKEYSIG":
		return say(message.Doubt, "Signed (PGP) by %s and not changed since, but the key has expired.", who)
	case "REVKEYSIG":
		return say(message.Bad, "Signed (PGP) with the key of %s, which was revoked: do not rely on it.", who)
	case "ERRSIG":
		if s.noKey {
			return say(message.Doubt, "Signed (PGP) with the key %s, which your gpg does not have; the signature was not checked.", s.key)
		}
		return say(message.Doubt, "Signed (PGP) with the key %s; gpg could not check the signature.", s.key)
	}
	var out []message.Word
	switch s.trust {
	case "ULTIMATE", "FULLY":
		out = say(message.Good, "Signed (PGP) by %s and not changed since. Your gpg trusts that the key is theirs.", who)
	case "MARGINAL":
		out = say(message.Doubt, "Signed (PGP) with a key that says it is %s, and not changed since. Your gpg is not sure that it is theirs.", who)
	case "NEVER":
		out = say(message.Bad, "Signed (PGP) with a key that says it is %s; you told gpg never to trust it.", who)
	default:
		out = say(message.Doubt, "Signed (PGP) with a key that says it is %s, and not changed since. Whether it is theirs, your gpg does not know.", who)
	}
	if s.strayed(from) {
		out = append(out, say(message.Bad, "The key is of %s, the message comes from %s.", activesync.ParseAddress(s.user).Address, strings.Join(from, ", "))...)
	}
	return out
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if strings.EqualFold(e, s) {
			return true
		}
	}
	return false
}
