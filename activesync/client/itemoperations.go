package client

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
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
	return c.fetchFile(ctx, wire.FetchFile(reference), w)
}

// sink is where a file goes. It keeps the error of writing apart from those of
// reading.
type sink struct {
	w   io.Writer
	n   int64
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	if err != nil {
		s.err = err
	}
	return n, err
}

// maxTable bounds the table of parts and the document before a file.
const maxTable = 1 << 20

// filePart reads the table, the answer, and then the one part of a multipart
// answer, which is passed on as it comes.
func (a *answer) filePart(w io.Writer) (contentType string, err error) {
	nonsense := fmt.Errorf("ItemOperations: %w: the table of parts makes no sense", activesync.ErrTruncated)
	var head [12]byte
	if _, err := io.ReadFull(a.body, head[:]); err != nil {
		return "", wrapCut(a, err)
	}
	word := func(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) }
	parts, at, size := word(head[:]), word(head[4:]), word(head[8:])
	if parts < 1 || parts > 64 || at < 4+8*parts || at > maxTable || size > maxTable {
		return "", nonsense
	}
	front := make([]byte, at+size) // all up to the end of the document
	copy(front, head[:])
	if _, err := io.ReadFull(a.body, front[len(head):]); err != nil {
		return "", wrapCut(a, err)
	}
	props, err := a.properties(front[at:])
	if err != nil {
		return "", err
	}
	if parts == 1 {
		return "", fmt.Errorf("ItemOperations: %w: the answer holds no file", activesync.ErrNotFound)
	}
	begin, length := word(front[12:]), word(front[16:])
	if begin < at+size {
		return "", nonsense
	}
	if _, err := io.CopyN(io.Discard, a.body, begin-at-size); err != nil {
		return "", wrapCut(a, err)
	}
	if _, err = io.CopyN(w, a.body, length); err != nil {
		return props.ContentType, wrapCut(a, err)
	}
	return props.ContentType, nil
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
func (a *answer) fileInline(w io.Writer) (contentType string, err error) {
	body := bufio.NewReader(a.body)
	if head, err := body.Peek(excerptBytes); len(head) == 0 && err == io.EOF || len(head) > 0 && !looksLikeWBXML(head) {
		return "", a.decode(head, nil) // says what it is
	}
	d := wbxml.NewDecoder(body, wbxml.Limits{})
	var path []wbxml.Tag
	found := false
	for {
		t, err := d.Next()
		switch {
		case err == io.EOF && !found:
			return contentType, fmt.Errorf("ItemOperations: %w: the answer holds no file", activesync.ErrNotFound)
		case err == io.EOF:
			return contentType, nil
		case err != nil:
			return contentType, a.understood(err)
		}
		switch t.Kind {
		case wbxml.Start:
			path = append(path, t.Tag)
		case wbxml.End:
			path = path[:len(path)-1]
		case wbxml.Text:
			switch path[len(path)-1] {
			case wbxml.MustTag("ItemOperations:Status"):
				err = a.fileStatus(d.Value())
			case wbxml.MustTag("AirSyncBase:ContentType"):
				contentType, err = a.short(d.Value())
			case wbxml.MustTag("ItemOperations:Data"):
				found = true
				src := io.Reader(d.Value())
				if !t.Opaque {
					src = base64.NewDecoder(base64.StdEncoding, src)
				}
				if _, err = io.Copy(w, src); err != nil {
					err = a.understood(err)
				}
			}
			if err != nil {
				return contentType, err
			}
		}
	}
}

func (a *answer) fileStatus(r io.Reader) error {
	s, err := a.short(r)
	if err != nil {
		return err
	}
	code, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return fmt.Errorf("ItemOperations: the answer of %s makes no sense: its status is %q", a.host, oneLine(s))
	}
	return status("ItemOperations", code)
}

// short reads a text that is not long.
func (a *answer) short(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, 256))
	if err != nil {
		return "", a.understood(err)
	}
	return string(b), nil
}
