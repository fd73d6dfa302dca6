package wire

import (
	"strconv"
	"strings"
)

// Number is an integer element of an item. Servers leave such elements empty
// or fill them with nonsense; that must not spoil the whole item, so it is read
// only when it is needed.
type Number string

// MakeNumber writes n.
func MakeNumber[T ~int | ~int64 | ~uint8](n T) Number {
	return Number(strconv.FormatInt(int64(n), 10))
}

// Int is the value, or def where there is none.
func (n Number) Int(def int) int {
	v, err := strconv.Atoi(strings.TrimSpace(string(n)))
	if err != nil {
		return def
	}
	return v
}

// Byte is the value where it is one from 0 to 255, else 0.
func (n Number) Byte() uint8 {
	v, err := strconv.ParseUint(strings.TrimSpace(string(n)), 10, 8)
	if err != nil {
		return 0
	}
	return uint8(v)
}

// Switch is a boolean element of an item, "1" or "0".
type Switch string

// MakeSwitch writes b.
func MakeSwitch(b bool) Switch {
	if b {
		return "1"
	}
	return "0"
}

// Bool is the value. Some servers write words.
func (s Switch) Bool() bool {
	switch strings.ToLower(strings.TrimSpace(string(s))) {
	case "1", "true":
		return true
	}
	return false
}

// Stamp is a date element of an item in either form of MS-ASDTYPE 2.3; see
// ParseTime.
type Stamp string

func ptr[T any](v T) *T { return &v }

// value is *p, or the zero value where p is nil.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
