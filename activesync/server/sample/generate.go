package sample

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

//go:embed generate.txt
var generateFile string

// Generator makes any number of messages, each only when it is asked for. Sixteen
// messages in a row make up a few threads, whose parts lie between each other.
type Generator struct {
	s      *sampler
	topics []block
	people []person
	files  map[string]*attachment // made once, as many messages carry them
	n      int
	span   time.Duration
}

// generatedFiles are what generated messages carry.
var generatedFiles = [...]string{"figures.xlsx", "offer.pdf", "photo.jpg", "plan.png", "list.csv"}

// NewGenerator makes n messages up to now. They reach the further back the more
// there are: three quarters of an hour apart, within nine years.
func NewGenerator(n int, now time.Time) (*Generator, error) {
	s, err := newSampler(now)
	if err != nil {
		return nil, err
	}
	g := &Generator{s: s, n: n, files: map[string]*attachment{}, span: min(max(time.Duration(n)*45*time.Minute, 30*24*time.Hour), 9*365*24*time.Hour)}
	paper := &letter{subject: "Offer", text: "We offer what was asked for.\nPrices are net and hold for thirty days."}
	for _, name := range generatedFiles {
		ctype, data := paper.file(name)
		g.files[name] = &attachment{ctype, data}
	}
	if g.topics, err = blocks(generateFile); err != nil {
		return nil, err
	}
	for _, key := range s.order {
		if p := s.people[key]; p.known && key != self && p.contact.LastName != "" {
			g.people = append(g.people, p)
		}
	}
	return g, nil
}

// Fill puts all of them into a folder, oldest first.
func (g *Generator) Fill(box *server.Mailbox, path string) error {
	for i := g.n - 1; i >= 0; i-- {
		r := rand.New(rand.NewPCG(uint64(i), 3))
		d := server.Delivery{Source: func() []byte { return g.letter(i).source() }, Date: g.date(i), Read: i > 40 && r.IntN(25) > 0 || r.IntN(3) == 0}
		switch r.IntN(40) {
		case 0:
			d.Flag = activesync.FlagActive
		case 1, 2, 3, 4:
			d.Verb, d.Read = activesync.VerbReply, true
		}
		if _, err := box.Put(path, d); err != nil {
			return fmt.Errorf("put message %d: %w", i, err)
		}
	}
	return nil
}

// date is when message i came; 0 is the newest.
func (g *Generator) date(i int) time.Time {
	step := g.span / time.Duration(max(g.n, 1))
	jitter := time.Duration(rand.New(rand.NewPCG(uint64(i), 1)).Int64N(int64(step) * 9 / 10))
	return g.s.now.Add(-time.Duration(i)*step - jitter).Truncate(time.Second)
}

const block16 = 16

// letter is message i with those it answers.
func (g *Generator) letter(i int) *letter {
	block, slot := i/block16, i%block16
	r := rand.New(rand.NewPCG(uint64(block), 2))
	var threads [block16]int
	for k := range threads {
		threads[k] = r.IntN(7)
	}
	mine := threads[slot]
	var chain []int // the slots of the thread, oldest first
	for k := block16 - 1; k >= slot; k-- {
		if threads[k] == mine && block*block16+k < g.n {
			chain = append(chain, k)
		}
	}
	r = rand.New(rand.NewPCG(uint64(block), uint64(100+mine)))
	topic := g.topics[r.IntN(len(g.topics))]
	two := [2]person{g.people[r.IntN(len(g.people))], g.people[r.IntN(len(g.people))]}
	w := g.words(r)
	subjects := strings.Split(topic.fields["Subject"], ";")
	subject := w.Replace(strings.TrimSpace(subjects[r.IntN(len(subjects))]))
	sentences := strings.Split(topic.text, "\n")
	var l *letter
	for n, k := range chain {
		next := &letter{id: fmt.Sprintf("gen.%d.%08x", block*block16+k, mix("gen", block*block16+k)), from: two[n%2], subject: subject, date: g.date(block*block16 + k),
			to: []activesync.Address{g.s.people[self].address()}, parent: l, ready: g.files}
		next.style = next.from.style
		next.text = g.text(sentences, w, r, n == 0)
		if l != nil {
			next.subject = replySubject(subject)
			next.cc = []activesync.Address{l.from.address()}
		}
		if r.IntN(12) == 0 {
			next.files = []string{generatedFiles[r.IntN(len(generatedFiles))]}
		}
		l = next
	}
	return l
}

// text is a few of the sentences, in paragraphs.
func (g *Generator) text(sentences []string, w *strings.Replacer, r *rand.Rand, first bool) string {
	count := 1 + r.IntN(3)
	var b strings.Builder
	if first {
		count = 3 + r.IntN(len(sentences)-3)
		b.WriteString([]string{"Dear Alice,\n\n", "Hello Alice,\n\n", "Alice,\n\n", ""}[r.IntN(4)])
	}
	for n, k := range r.Perm(len(sentences))[:count] {
		if n > 0 {
			b.WriteString([]string{" ", " ", "\n\n"}[r.IntN(3)])
		}
		b.WriteString(w.Replace(sentences[k]))
	}
	return b.String()
}

// words fill the gaps in the sentences of one thread.
func (g *Generator) words(r *rand.Rand) *strings.Replacer {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	return strings.NewReplacer(
		"{ship}", ships[r.IntN(len(ships))].name, "{day}", pick("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
		"{hour}", fmt.Sprintf("%02d:%02d", 6+r.IntN(14), r.IntN(4)*15), "{n}", fmt.Sprint(3+r.IntN(60)), "{d}", fmt.Sprint(r.IntN(10)), "{b}", fmt.Sprint(1+r.IntN(9)),
		"{num}", fmt.Sprint(1000+r.IntN(9000)), "{name}", g.people[r.IntN(len(g.people))].contact.FirstName, "{year}", fmt.Sprint(2009+r.IntN(12)),
		"{month}", pick("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
		"{part}", pick("fender", "ladder", "bollard", "lamp", "gangway", "pump", "gate", "crane rail"))
}
