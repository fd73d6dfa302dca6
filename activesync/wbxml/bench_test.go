package wbxml

import (
	"bytes"
	"io"
	"testing"
)

// syncAnswer is a Sync answer of 100 mails, with its bytes.
func syncAnswer(b *testing.B) (*mailSync, []byte) {
	b.Helper()
	a := newMailSync(100)
	data, err := Marshal(a)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	return a, data
}

func BenchmarkReader(b *testing.B) {
	_, data := syncAnswer(b)
	for b.Loop() {
		r, err := NewReader(data)
		for err == nil {
			_, err = r.Next()
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecoder(b *testing.B) {
	_, data := syncAnswer(b)
	for b.Loop() {
		d := NewDecoder(bytes.NewReader(data), Limits{})
		var err error
		for err == nil {
			_, err = d.Next()
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	_, data := syncAnswer(b)
	for b.Loop() {
		var out mailSync
		if err := Unmarshal(data, &out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	_, data := syncAnswer(b)
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshal(b *testing.B) {
	a, _ := syncAnswer(b)
	for b.Loop() {
		if _, err := Marshal(a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendMarshal(b *testing.B) {
	a, data := syncAnswer(b)
	for b.Loop() {
		var err error
		if data, err = AppendMarshal(data[:0], a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriter(b *testing.B) {
	a, _ := syncAnswer(b)
	for b.Loop() {
		w := NewWriter(io.Discard)
		if err := w.Encode(a); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
