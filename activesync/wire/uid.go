package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Where things stand in a GlobalObjId (MS-ASEMAIL 2.2.2.37).
const (
	objDate   = 16 // 4 bytes: the date of the occurrence
	objLength = 36 // uint32: bytes that follow
	objData   = 40
	objUID    = objData + len(objMark)
	objMark   = "vCal-Uid\x01\x00\x00\x00"
	objClass  = "\x04\x00\x00\x00\x82\x00\xe0\x00\x74\xc5\xb7\x10\x1a\x82\xe0\x08"
)

// UIDFromGlobalObjID is the UID of the calendar event that an invitation up to
// 14.1 belongs to (MS-ASEMAIL 3.1.4.7). It is empty where the id is no base64.
func UIDFromGlobalObjID(id string) string {
	b, err := decodeBase64(id)
	if err != nil || len(b) == 0 {
		return ""
	}
	if len(b) >= objUID+1 && string(b[objData:objUID-4]) == objMark[:8] {
		n := int(binary.LittleEndian.Uint32(b[objLength:]))
		if n >= len(objMark)+1 && n <= len(b)-objData {
			return strings.TrimRight(string(b[objUID:objData+n-1]), "\x00")
		}
	}
	for i := objDate; i < objDate+4 && i < len(b); i++ {
		b[i] = 0 // all occurrences of a series have the id of the series
	}
	return strings.ToUpper(hex.EncodeToString(b))
}

// GlobalObjIDFromUID is the id that an invitation to the event carries up to
// 14.1. A UID that is itself an id in hex becomes that id.
func GlobalObjIDFromUID(uid string) string {
	if b, err := hex.DecodeString(uid); err == nil && len(b) > objData && bytes.HasPrefix(b, []byte(objClass)) {
		return base64.StdEncoding.EncodeToString(b)
	}
	b := make([]byte, objData, objUID+len(uid)+1)
	copy(b, objClass)
	binary.LittleEndian.PutUint32(b[objLength:], uint32(len(objMark)+len(uid)+1))
	b = append(b, objMark...)
	b = append(b, uid...)
	b = append(b, 0)
	return base64.StdEncoding.EncodeToString(b)
}

// decodeBase64 reads base64 with line ends in it and with or without padding.
func decodeBase64(s string) ([]byte, error) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', '=':
			return -1
		}
		return r
	}, s)
	return base64.RawStdEncoding.DecodeString(s)
}
