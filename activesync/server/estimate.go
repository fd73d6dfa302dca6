package server

import (
	"math"
	"slices"
	"strconv"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// estimate tells how many items a Sync would bring (MS-ASCMD 2.2.1.9).
func (x *exchange) estimate() *reply {
	out := &wire.GetItemEstimateResponse{Status: 1}
	for _, col := range descendants(x.root, wbxml.MustTag("GetItemEstimate:Collection")) {
		id := string(textOf(col.Child(wbxml.MustTag("GetItemEstimate:CollectionId"))))
		key := activesync.SyncKey(textOf(col.Child(wbxml.MustTag("AirSync:SyncKey"))))
		if f := x.folderNamed(activesync.ServerID(id)); f != nil && f.kind.Class() != activesync.ClassEmail && col.Child(wbxml.MustTag("AirSync:ConversationMode")) != nil {
			return x.failure(103, 400) // MS-ASCMD 2.2.3.36.1
		}
		filter := 0
		for _, n := range descendants(col, wbxml.MustTag("AirSync:FilterType")) {
			var ok bool
			if filter, ok = numberOf(n); !ok || filter < 0 || filter > 8 {
				return x.failure(103, 400)
			}
		}
		out.Responses = append(out.Responses, x.estimateOf(id, key, filter))
	}
	return document(out)
}

func (x *exchange) estimateOf(id string, key activesync.SyncKey, filter int) wire.EstimateResponse {
	f := x.folderNamed(activesync.ServerID(id))
	if f == nil || !x.serves(f) {
		return wire.EstimateResponse{Status: 2}
	}
	c := x.d.collections[f.id]
	switch {
	case key == activesync.KeyNone || c == nil:
		return wire.EstimateResponse{Status: 3}
	case key != c.key:
		return wire.EstimateResponse{Status: 4}
	}
	if allowed, ok := filters[f.kind.Class()]; ok && !slices.Contains(allowed, filter) {
		return wire.EstimateResponse{Status: 110}
	}
	n := x.pending(f, c, filter, math.MaxInt)
	return wire.EstimateResponse{Status: 1, Collection: &wire.EstimateOfFolder{CollectionID: activesync.ServerID(id), Estimate: n}}
}

// textOf is the text of an element, empty where there is none.
func textOf(n *wbxml.Node) []byte {
	if n == nil {
		return nil
	}
	return n.Text
}

// numberOf is the number that an element holds.
func numberOf(n *wbxml.Node) (int, bool) {
	v, err := strconv.Atoi(string(textOf(n)))
	return v, err == nil
}

// number is the number in a child of the request's root.
func (x *exchange) number(name string) (int, bool) {
	return numberOf(x.root.Child(wbxml.MustTag(name)))
}
