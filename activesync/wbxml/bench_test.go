package wbxml

import (
	"io"
	"strings"
	"testing"
)

type mailItem struct {
	ServerID string `wbxml:"AirSync:ServerId"`
	Mail     mail   `wbxml:"AirSync:ApplicationData"`
}

type mail struct {
	To       string `wbxml:"Email:To"`
	From     string `wbxml:"Email:From"`
	Subject  string `wbxml:"Email:Subject"`
	Received string `wbxml:"Email:DateReceived"`
	Class    string `wbxml:"Email:MessageClass"`
	Read     *bool  `wbxml:"Email:Read"`
	Body     body   `wbxml:"AirSyncBase:Body"`
	Size     int    `wbxml:"AirSyncBase:NativeBodyType"`
	Thread   []byte `wbxml:"Email2:ConversationId,opaque"`
}

type answer struct {
	_     Root       `wbxml:"AirSync:Sync"`
	Key   string     `wbxml:"AirSync:SyncKey"`
	Items []mailItem `wbxml:"AirSync:Commands>AirSync:Add"`
}

// syncAnswer is a Sync answer of 100 messages of 8 kB each.
func syncAnswer() *answer {
	a := &answer{Key: "12"}
	yes := true
	text := strings.Repeat("<p>Figures for the harbour audit, table two, row twelve.</p>\r\n", 132)
	for range 100 {
		a.Items = append(a.Items, mailItem{"5:1", mail{To: `"Ben Okafor" <ben@example.test>`, From: `"Ana Souza" <ana@example.test>`,
			Subject: "Re: Budget, second table", Received: "2026-11-24T09:00:00.000Z", Class: "IPM.Note", Read: &yes,
			Body: body{2, text}, Size: 2, Thread: []byte("0123456789abcdef")}})
	}
	return a
}

func BenchmarkReader(b *testing.B) {
	data, err := Marshal(syncAnswer())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
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

func BenchmarkUnmarshal(b *testing.B) {
	data, err := Marshal(syncAnswer())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var out answer
		if err := Unmarshal(data, &out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshal(b *testing.B) {
	a := syncAnswer()
	data, err := Marshal(a)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if data, err = AppendMarshal(data[:0], a); err != nil {
			b.Fatal(err)
		}
	}
}
