package wire

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// PingRequest asks to be told when something changes in the folders (MS-ASCMD
// 2.2.1.13). A part that is absent means "as in the last Ping".
type PingRequest struct {
	_                 wbxml.Root   `wbxml:"Ping:Ping"`
	HeartbeatInterval int          `wbxml:"Ping:HeartbeatInterval,omitempty"` // seconds
	Folders           []PingFolder `wbxml:"Ping:Folders>Ping:Folder,omitempty"`
}

// PingFolder is one folder to watch.
type PingFolder struct {
	ID    activesync.ServerID `wbxml:"Ping:Id"`
	Class activesync.Class    `wbxml:"Ping:Class"`
}

// PingResponse ends the wait. Status 1: nothing happened, 2: Folders changed,
// 5: HeartbeatInterval is the nearest bound, 6: MaxFolders is the bound.
type PingResponse struct {
	_                 wbxml.Root            `wbxml:"Ping:Ping"`
	Status            int                   `wbxml:"Ping:Status"`
	Folders           []activesync.ServerID `wbxml:"Ping:Folders>Ping:Folder,omitempty"`
	MaxFolders        int                   `wbxml:"Ping:MaxFolders,omitempty"`
	HeartbeatInterval int                   `wbxml:"Ping:HeartbeatInterval,omitempty"` // seconds
}
