package wire

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// MoveItemsRequest moves items between folders (MS-ASCMD 2.2.1.12), 1000 at most.
type MoveItemsRequest struct {
	_     wbxml.Root `wbxml:"Move:MoveItems"`
	Moves []Move     `wbxml:"Move:Move"`
}

// Move is one item to move.
type Move struct {
	SrcMsgID activesync.ServerID `wbxml:"Move:SrcMsgId"`
	SrcFldID activesync.ServerID `wbxml:"Move:SrcFldId"`
	DstFldID activesync.ServerID `wbxml:"Move:DstFldId"`
}

// MoveItemsResponse answers a MoveItemsRequest.
type MoveItemsResponse struct {
	_ wbxml.Root `wbxml:"Move:MoveItems"`
	// Status is there only when the request as a whole failed.
	Status    int            `wbxml:"Move:Status,omitempty"`
	Responses []MoveResponse `wbxml:"Move:Response"`
}

// MoveSuccess is the Status of a move that was done (MS-ASCMD 2.2.3.177.10).
const MoveSuccess = 3

// MoveResponse tells of one item. DstMsgID is its id from now on.
type MoveResponse struct {
	SrcMsgID activesync.ServerID `wbxml:"Move:SrcMsgId"`
	Status   int                 `wbxml:"Move:Status"`
	DstMsgID activesync.ServerID `wbxml:"Move:DstMsgId,omitempty"`
}
