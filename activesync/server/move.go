package server

import (
	"net/http"

	"eas.example/securemail/activesync/wire"
)

// maxMoves is how many items one MoveItems request may name.
const maxMoves = 1000

// moveItems moves items; they get other ids (MS-ASCMD 2.2.1.12).
func (x *exchange) moveItems() *reply {
	var req wire.MoveItemsRequest
	if x.decode(&req) != nil {
		return x.failure(103, http.StatusBadRequest)
	}
	if len(req.Moves) == 0 || len(req.Moves) > maxMoves {
		return x.failure(103, http.StatusBadRequest)
	}
	out := &wire.MoveItemsResponse{}
	for _, mv := range req.Moves {
		out.Responses = append(out.Responses, x.moveOne(mv))
	}
	return document(out)
}

func (x *exchange) moveOne(mv wire.Move) wire.MoveResponse {
	r := wire.MoveResponse{SrcMsgID: mv.SrcMsgID}
	src, dst := x.m.folders[string(mv.SrcFldID)], x.m.folders[string(mv.DstFldID)]
	switch {
	case src == nil || src.gone || src.item(mv.SrcMsgID) == nil:
		r.Status = 1
	case dst == nil || dst.gone || dst.kind.Class() != src.kind.Class():
		r.Status = 2
	case src == dst:
		r.Status = 4
	default:
		r.Status, r.DstMsgID = wire.MoveSuccess, dst.itemID(x.m.move(src, dst, src.item(mv.SrcMsgID)))
	}
	return r
}
