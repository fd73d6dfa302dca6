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
	src, dst := x.folderNamed(mv.SrcFldID), x.folderNamed(mv.DstFldID)
	switch {
	case src == nil || x.itemNamed(src, mv.SrcMsgID) == nil:
		r.Status = 1
	case dst == nil || dst.kind.Class() != src.kind.Class():
		r.Status = 2
	case src == dst:
		r.Status = 4
	default:
		r.Status = wire.MoveSuccess
		if moved := x.m.move(src, dst, x.itemNamed(src, mv.SrcMsgID)); !x.personality().UnnamedMoves {
			r.DstMsgID = x.itemName(dst, moved.number)
		}
	}
	return r
}
