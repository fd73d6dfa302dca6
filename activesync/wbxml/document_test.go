package wbxml

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

type attachment struct {
	Name      string `wbxml:"AirSyncBase:DisplayName"`
	Reference string `wbxml:"AirSyncBase:FileReference"`
	Method    uint8  `wbxml:"AirSyncBase:Method"`
	Size      int    `wbxml:"AirSyncBase:EstimatedDataSize"`
}

type mailBody struct {
	Type uint8  `wbxml:"AirSyncBase:Type"`
	Size int    `wbxml:"AirSyncBase:EstimatedDataSize"`
	Data string `wbxml:"AirSyncBase:Data"`
}

type mail struct {
	To          string       `wbxml:"Email:To"`
	From        string       `wbxml:"Email:From"`
	Subject     string       `wbxml:"Email:Subject"`
	Received    string       `wbxml:"Email:DateReceived"`
	DisplayTo   string       `wbxml:"Email:DisplayTo"`
	Topic       string       `wbxml:"Email:ThreadTopic"`
	Importance  *uint8       `wbxml:"Email:Importance"`
	Read        *bool        `wbxml:"Email:Read"`
	Attachments []attachment `wbxml:"AirSyncBase:Attachments>AirSyncBase:Attachment"`
	Body        *mailBody    `wbxml:"AirSyncBase:Body"`
	Class       string       `wbxml:"Email:MessageClass"`
	Codepage    int          `wbxml:"Email:InternetCPID"`
	Content     string       `wbxml:"Email:ContentClass"`
	Native      uint8        `wbxml:"AirSyncBase:NativeBodyType"`
}

type mailAdd struct {
	ServerID string `wbxml:"AirSync:ServerId"`
	Mail     mail   `wbxml:"AirSync:ApplicationData"`
}

type mailCollection struct {
	Class  string    `wbxml:"AirSync:Class"`
	Key    string    `wbxml:"AirSync:SyncKey"`
	ID     string    `wbxml:"AirSync:CollectionId"`
	Status int       `wbxml:"AirSync:Status"`
	Adds   []mailAdd `wbxml:"AirSync:Commands>AirSync:Add"`
}

type mailSync struct {
	_           Root             `wbxml:"AirSync:Sync"`
	Collections []mailCollection `wbxml:"AirSync:Collections>AirSync:Collection"`
}

// newMailSync is a Sync answer of n mails whose bodies have 2 to 20 KiB, small
// ones more often, two of three in HTML and now and then in another script.
func newMailSync(n int) *mailSync {
	r := rand.New(rand.NewPCG(11, 3))
	c := mailCollection{Class: "Email", Key: "{5d7f4b71-9e2a-1c04-8a53-6f2ad3c10c1f}42", ID: "5", Status: 1}
	for i := range n {
		kind, text := uint8(1), paragraphs(r, i%3 != 0)
		if i%3 != 0 {
			kind = 2
		}
		importance, read := uint8(1), r.IntN(2) == 0
		m := mail{
			To: `"Ida Hofer" <ida@home.example>`, From: fmt.Sprintf(`"Sender %d" <sender%03d@example.com>`, r.IntN(400), r.IntN(400)),
			Subject: fmt.Sprintf("Re: state of part %d für später", i), Topic: fmt.Sprintf("state of part %d", i), DisplayTo: "Ida Hofer",
			Received:   fmt.Sprintf("2026-10-%02dT%02d:%02d:00.000Z", 1+r.IntN(28), r.IntN(24), r.IntN(60)),
			Importance: &importance, Read: &read, Body: &mailBody{kind, len(text), text},
			Class: "IPM.Note", Codepage: 65001, Content: "urn:content-classes:message", Native: kind,
		}
		if i%12 == 0 {
			m.Attachments = []attachment{{fmt.Sprintf("plan-%d.pdf", i), fmt.Sprintf("5%%3a%d%%3a0", i), 1, r.IntN(1 << 20)}}
		}
		c.Adds = append(c.Adds, mailAdd{fmt.Sprintf("5:%d", i+1), m})
	}
	return &mailSync{Collections: []mailCollection{c}}
}

func paragraphs(r *rand.Rand, html bool) string {
	words := strings.Fields("we shall send the plan of the harbour on Friday with all figures größer Überblick naïve " +
		"Привет и спасибо 会議 室 office travel order deadline team answer table customer delivery ticket invoice budget")
	size := int(2048 * math.Exp(r.Float64()*math.Log(10)))
	var t strings.Builder
	for t.Len() < size {
		if html {
			t.WriteString(`<p style="margin:0">`)
		}
		for range 20 + r.IntN(60) {
			t.WriteString(words[r.IntN(len(words))])
			t.WriteByte(' ')
		}
		if html {
			t.WriteString("</p>")
		}
		t.WriteString("\r\n")
	}
	return t.String()
}

func encode(t testing.TB, n *Node) []byte {
	t.Helper()
	b, err := n.Append(nil)
	if err != nil && !errors.Is(err, ErrDepth) {
		t.Fatal(err)
	}
	return b
}
