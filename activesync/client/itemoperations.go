package client

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// ItemOperations fetches items and empties folders (MS-ASCMD 2.2.1.10). Each
// operation has a Status of its own in the answer.
func (c *Client) ItemOperations(ctx context.Context, in *wire.ItemOperationsRequest) (*wire.ItemOperationsResponse, error) {
	body, err := wbxml.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("ItemOperations: %w", err)
	}
	data, a, err := c.exchange(ctx, &request{command: "ItemOperations", code: codeItemOperations, multipart: true, silent: silentSync}, body)
	if err != nil {
		return nil, err
	}
	out := &wire.ItemOperationsResponse{}
	if strings.HasPrefix(a.header.Get("Content-Type"), typeMultipart) {
		if out.Parts, err = splitParts(data); err != nil {
			return nil, wrapCut(a, err)
		}
		data = out.Parts[0]
	}
	if err := a.decode(data, out); err != nil {
		return nil, err
	}
	return out, operationsStatus(out.Status)
}

// Statuses of ItemOperations that are no failure (MS-ASCMD 2.2.3.177.8).
const (
	operationsEmpty   = 10 // the file has no bytes
	operationsPartial = 17 // each operation says how it went
)

// operationsStatus is the error of the Status of all operations.
func operationsStatus(code int) error {
	if code == operationsPartial {
		return nil
	}
	return status("ItemOperations", code)
}

// mostParts is far above what is asked for at once. What is said of a part takes
// three times as much memory as it has bytes.
const mostParts = 1 << 16

// splitParts takes a multipart answer apart (MS-ASCMD 2.2.1.10.1).
func splitParts(data []byte) ([][]byte, error) {
	if len(data) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	n := int(binary.LittleEndian.Uint32(data))
	if n < 1 || n > min(mostParts, (len(data)-4)/8) {
		return nil, io.ErrUnexpectedEOF
	}
	parts := make([][]byte, n)
	for i := range parts {
		at := uint64(binary.LittleEndian.Uint32(data[4+8*i:]))
		size := uint64(binary.LittleEndian.Uint32(data[8+8*i:]))
		if at+size > uint64(len(data)) {
			return nil, io.ErrUnexpectedEOF
		}
		parts[i] = data[at : at+size]
	}
	return parts, nil
}
