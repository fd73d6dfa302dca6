package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"eas.example/securemail/activesync"
)

var errShort = errors.New("the value ends too early")

// writer appends fields to a value. Numbers are variable in length, texts and
// lists are preceded by their length.
type writer struct{ b []byte }

func (w *writer) byte(v byte)    { w.b = append(w.b, v) }
func (w *writer) uint(v uint64)  { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)    { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) text(v string)  { w.uint(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) bytes(v []byte) { w.uint(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) time(v time.Time) {
	w.int(v.Unix())
	w.uint(uint64(v.Nanosecond()))
}

func (w *writer) address(v activesync.Address) {
	w.text(v.Name)
	w.text(v.Address)
}

func (w *writer) addresses(v []activesync.Address) {
	w.uint(uint64(len(v)))
	for _, a := range v {
		w.address(a)
	}
}

func (w *writer) texts(v []string) {
	w.uint(uint64(len(v)))
	for _, s := range v {
		w.text(s)
	}
}

// reader reads what writer wrote. The first thing that is wrong is kept, and
// all that is read after it is empty. Texts share one copy of the value.
type reader struct {
	b    []byte
	all  string // the same bytes, for texts
	used int
	err  error
}

func newReader(b []byte) *reader { return &reader{b: b, all: string(b)} }

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.used = len(r.b)
}

func (r *reader) byte() byte {
	if r.used >= len(r.b) {
		r.fail(errShort)
		return 0
	}
	r.used++
	return r.b[r.used-1]
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b[r.used:])
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.used += n
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b[r.used:])
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.used += n
	return v
}

// length reads a count of things that take at least size bytes each.
func (r *reader) length(size int) int {
	n := r.uint()
	if n > uint64(len(r.b)-r.used)/uint64(size) {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.length(1)
	if n == 0 {
		return ""
	}
	r.used += n
	return r.all[r.used-n : r.used]
}

// bytes are a copy, nil when there are none.
func (r *reader) bytes() []byte { return append([]byte(nil), r.text()...) }

func (r *reader) time() time.Time {
	s, ns := r.int(), r.uint()
	if ns > 999_999_999 {
		r.fail(errors.New("not a time"))
		return time.Time{}
	}
	return time.Unix(s, int64(ns)).UTC()
}

func (r *reader) address() activesync.Address {
	return activesync.Address{Name: r.text(), Address: r.text()}
}

func (r *reader) addresses() []activesync.Address {
	n := r.length(2)
	if n == 0 {
		return nil
	}
	v := make([]activesync.Address, n)
	for i := range v {
		v[i] = r.address()
	}
	return v
}

func (r *reader) texts() []string {
	n := r.length(1)
	if n == 0 {
		return nil
	}
	v := make([]string, n)
	for i := range v {
		v[i] = r.text()
	}
	return v
}

// end reports what went wrong, or bytes that nothing asked for.
func (r *reader) end() error {
	if r.err == nil && r.used != len(r.b) {
		return fmt.Errorf("%d bytes too many", len(r.b)-r.used)
	}
	return r.err
}
