package contacts

import (
	"testing"
)

// people fills a world with n contacts.
func people(w *world, n int) {
	for i := range n {
		c := person(i)
		c.Note = "a note of some length that says what this person does and where they were met"
		w.add(c)
	}
}

const manyPeople = 10_000

func BenchmarkFirstSync10k(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		people(w, manyPeople)
		w.on()
		b.StartTimer()
		if r := w.pass(); r.Written != manyPeople {
			b.Fatalf("%+v", r)
		}
	}
}

func BenchmarkNoChange10k(b *testing.B) {
	w := newWorld(b)
	people(w, manyPeople)
	w.on()
	w.pass()
	for name, pass := range map[string]func() Report{"pass": w.pass, "look": w.look} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r := pass(); r.Written != 0 || r.Opened != 0 {
					b.Fatalf("%+v", r)
				}
			}
		})
	}
}

func (w *world) look() Report {
	r, err := w.book.Look(w.t.(testing.TB).Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}
