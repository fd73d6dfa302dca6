package wbxml

import (
	"bytes"
	"reflect"
	"testing"
)

// TestSharedIsTheSame: what is shared with the document is what a copy would be,
// and nothing that is appended to it reaches the document.
func TestSharedIsTheSame(t *testing.T) {
	type body struct {
		Data []byte `wbxml:"AirSyncBase:Data"`
	}
	type mail struct {
		Subject string `wbxml:"Email:Subject"`
		Body    *body  `wbxml:"AirSyncBase:Body"`
	}
	type add struct {
		ServerID string `wbxml:"AirSync:ServerId"`
		Data     any    `wbxml:"AirSync:ApplicationData"`
	}
	type read struct {
		ServerID string `wbxml:"AirSync:ServerId"`
		Data     Raw    `wbxml:"AirSync:ApplicationData"`
	}
	type written struct {
		_    Root  `wbxml:"AirSync:Sync"`
		Adds []add `wbxml:"AirSync:Commands>AirSync:Add"`
	}
	type sync struct {
		_    Root   `wbxml:"AirSync:Sync"`
		Adds []read `wbxml:"AirSync:Commands>AirSync:Add"`
	}
	doc, err := Marshal(&written{Adds: []add{
		{"1:1", &mail{"Quay walls", &body{[]byte("Dear all,\r\nthe plan")}}}, {"1:2", &mail{"", &body{}}}, {"1:3", &mail{Subject: "Tides"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(doc)
	var copied, shared sync
	if err := Unmarshal(doc, &copied); err != nil {
		t.Fatal(err)
	}
	if err := UnmarshalShared(doc, &shared); err != nil {
		t.Fatal(err)
	}
	for i := range copied.Adds {
		a, b := copied.Adds[i], shared.Adds[i]
		if a.ServerID != b.ServerID || !a.Data.Equal(b.Data) {
			t.Errorf("item %d: %+v, copied %+v", i, b, a)
		}
		var x, y mail
		if err := a.Data.Unmarshal(&x); err != nil {
			t.Fatal(err)
		}
		if err := b.Data.Unmarshal(&y); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(x, y) {
			t.Errorf("item %d: %+v, copied %+v", i, y, x)
		}
		if y.Body != nil {
			_ = append(y.Body.Data, "over the end"...)
		}
	}
	if !bytes.Equal(doc, before) {
		t.Error("the document was written to")
	}
	var y mail
	if err := shared.Adds[0].Data.Unmarshal(&y); err != nil {
		t.Fatal(err)
	}
	if clear(doc); string(y.Body.Data) == "Dear all,\r\nthe plan" || y.Subject != "Quay walls" {
		t.Errorf("of a shared text only the bytes are part of the document: %q, %q", y.Subject, y.Body.Data)
	}
}
