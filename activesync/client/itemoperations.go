package client

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"eas.example/securemail/activesync"
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
	return out, status("ItemOperations", out.Status)
}

// splitParts takes a multipart answer apart (MS-ASCMD 2.2.1.10.1).
func splitParts(data []byte) ([][]byte, error) {
	if len(data) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	n := int(binary.LittleEndian.Uint32(data))
	if n < 1 || n > (len(data)-4)/8 {
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

// FetchAttachment writes the content of an attachment to w as it comes in, and
// tells its type, where the server does, and how many bytes it wrote.
func (c *Client) FetchAttachment(ctx context.Context, reference string, w io.Writer) (contentType string, n int64, err error) {
	body, err := wbxml.Marshal(&wire.ItemOperationsRequest{Fetches: []wire.Fetch{wire.FetchFile(reference)}})
	if err != nil {
		return "", 0, fmt.Errorf("ItemOperations: %w", err)
	}
	r := &request{command: "ItemOperations", code: codeItemOperations, multipart: true, silent: silentSync,
		body: strings.NewReader(string(body)), size: int64(len(body))}
	a, err := c.do(ctx, r)
	if err != nil {
		return "", 0, err
	}
	defer a.close()
	if strings.HasPrefix(a.header.Get("Content-Type"), typeMultipart) {
		return a.filePart(w)
	}
	return a.fileInline(w)
}

// filePart reads the table, the answer, and then the one part of a multipart
// answer, which is passed on as it comes.
func (a *answer) filePart(w io.Writer) (contentType string, n int64, err error) {
	var head [20]byte
	if _, err := io.ReadFull(a.body, head[:]); err != nil {
		return "", 0, wrapCut(a, err)
	}
	word := func(i int) int64 { return int64(binary.LittleEndian.Uint32(head[4*i:])) }
	parts, at, size := word(0), word(1), word(2)
	if parts < 1 || parts > 64 || at < 4+8*parts || size > 1<<20 {
		return "", 0, fmt.Errorf("ItemOperations: %w: the table of parts makes no sense", activesync.ErrTruncated)
	}
	if parts == 1 { // only a status
		all := append(make([]byte, 0, at+size), head[:]...)
		if at+size < int64(len(head)) {
			return "", 0, fmt.Errorf("ItemOperations: %w: the table of parts makes no sense", activesync.ErrTruncated)
		}
		all = all[:at+size]
		if _, err := io.ReadFull(a.body, all[len(head):]); err != nil {
			return "", 0, wrapCut(a, err)
		}
		_, err := a.properties(all[at:])
		if err == nil {
			err = fmt.Errorf("ItemOperations: %w: the answer holds no file", activesync.ErrNotFound)
		}
		return "", 0, err
	}
	begin, length := word(3), word(4)
	skip := at - 20 // rest of the table
	if _, err := io.CopyN(io.Discard, a.body, skip); err != nil {
		return "", 0, wrapCut(a, err)
	}
	doc := make([]byte, size)
	if _, err := io.ReadFull(a.body, doc); err != nil {
		return "", 0, wrapCut(a, err)
	}
	props, err := a.properties(doc)
	if err != nil {
		return "", 0, err
	}
	if _, err := io.CopyN(io.Discard, a.body, max(begin-at-size, 0)); err != nil {
		return "", 0, wrapCut(a, err)
	}
	n, err = io.CopyN(w, a.body, length)
	if err != nil {
		return props.ContentType, n, wrapCut(a, err)
	}
	return props.ContentType, n, nil
}

// properties is what the answer says of the file.
func (a *answer) properties(doc []byte) (*wire.AttachmentProperties, error) {
	out := &wire.ItemOperationsResponse{}
	if err := a.decode(doc, out); err != nil {
		return nil, err
	}
	if err := status("ItemOperations", out.Status); err != nil {
		return nil, err
	}
	props := &wire.AttachmentProperties{}
	for _, f := range out.Fetches() {
		if err := status("ItemOperations", f.Status); err != nil {
			return nil, err
		}
		if f.Properties != nil {
			if err := f.Properties.Unmarshal(props); err != nil {
				return nil, a.understood(err)
			}
		}
	}
	return props, nil
}

// fileInline decodes the base64 text of an answer in one document while it
// comes in.
func (a *answer) fileInline(w io.Writer) (contentType string, n int64, err error) {
	d := wbxml.NewDecoder(a.body, wbxml.Limits{})
	var path []wbxml.Tag
	found := false
	for {
		t, err := d.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			return contentType, n, a.understood(err)
		}
		switch t.Kind {
		case wbxml.Start:
			path = append(path, t.Tag)
		case wbxml.End:
			path = path[:len(path)-1]
		case wbxml.Text:
			switch path[len(path)-1] {
			case wbxml.MustTag("ItemOperations:Status"):
				b, err := io.ReadAll(io.LimitReader(d.Value(), 16))
				if err != nil {
					return contentType, n, a.understood(err)
				}
				code := 0
				if _, err := fmt.Sscan(string(b), &code); err == nil {
					if err := status("ItemOperations", code); err != nil {
						return contentType, n, err
					}
				}
			case wbxml.MustTag("AirSyncBase:ContentType"):
				b, err := io.ReadAll(io.LimitReader(d.Value(), 256))
				if err != nil {
					return contentType, n, a.understood(err)
				}
				contentType = string(b)
			case wbxml.MustTag("ItemOperations:Data"):
				found = true
				src := io.Reader(d.Value())
				if !t.Opaque {
					src = base64.NewDecoder(base64.StdEncoding, src)
				}
				m, err := io.Copy(w, src)
				if n += m; err != nil {
					return contentType, n, a.understood(err)
				}
			}
		}
	}
	if !found {
		return contentType, n, fmt.Errorf("ItemOperations: %w: the answer holds no file", activesync.ErrNotFound)
	}
	return contentType, n, nil
}
