package server

import (
	"net/http"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
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

// moveConversation moves the messages of a conversation, and from now on those
// that come (MS-ASCMD 2.2.3.117).
func (x *exchange) moveConversation(mv wire.ConversationMove) wire.ConversationMoved {
	out := wire.ConversationMoved{Status: 1, ConversationID: mv.ConversationID}
	dst := x.folderNamed(mv.DstFldID)
	switch {
	case mv.Options == nil || !mv.Options.MoveAlways:
		out.Status = 155
	case dst == nil || dst.kind.Class() != activesync.ClassEmail:
		out.Status = 156
	case len(mv.ConversationID) == 0:
		out.Status = 2
	}
	if out.Status != 1 {
		return out
	}
	found := false
	for _, h := range x.hits(mailQuery{class: activesync.ClassEmail, conversation: string(mv.ConversationID)}) {
		if found = true; h.folder != dst && h.folder.kind != activesync.FolderSent && h.folder.kind != activesync.FolderDrafts {
			x.m.move(h.folder, dst, h.item)
		}
	}
	if !found {
		out.Status = 6
		return out
	}
	x.m.always[string(mv.ConversationID)] = dst.id
	return out
}

// redirect is the folder that a message of a conversation goes to when it
// comes into the Inbox.
func (m *Mailbox) redirect(f *folder, it *item) *folder {
	if len(m.always) == 0 || f.kind != activesync.FolderInbox || it.source == nil {
		return f
	}
	if to := m.folders[m.always[string(conversation(message.ParseBytes(it.source())))]]; to != nil && !to.gone {
		return to
	}
	return f
}
