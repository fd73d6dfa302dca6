package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// FetchAttachment writes the content of an attachment to w as it comes in, and
// tells its type, where the server does, and how many bytes it wrote.
func (c *Client) FetchAttachment(ctx context.Context, reference string, w io.Writer) (contentType string, n int64, err error) {
	return c.fetchWhole(ctx, wire.FetchFile(reference), w)
}

// fetchWhole writes what a Fetch brings to w as it comes in.
func (c *Client) fetchWhole(ctx context.Context, f wire.Fetch, w io.Writer) (contentType string, n int64, err error) {
	out := &sink{}
	err = c.fetchFile(ctx, f, out, func(p wire.FilePart) (io.Writer, error) {
		contentType = p.ContentType
		return w, nil
	})
	return contentType, out.n, err
}

// FetchRange fetches the bytes of an attachment from from on: all of it from 0,
// else at most as many as most says. begin is told what the server is about to give, which may be the
// whole file, and says where to write it; its bytes are written as they come in.
func (c *Client) FetchRange(ctx context.Context, reference string, from, most int64, begin func(wire.FilePart) (io.Writer, error)) error {
	f := wire.FetchFile(reference)
	if from > 0 {
		f = wire.FetchFileRange(reference, from, from+most-1)
	}
	return c.fetchFile(ctx, f, &sink{}, begin)
}

func (c *Client) fetchFile(ctx context.Context, what wire.Fetch, out *sink, begin func(wire.FilePart) (io.Writer, error)) error {
	body, err := wbxml.Marshal(&wire.ItemOperationsRequest{Fetches: []wire.Fetch{what}})
	if err != nil {
		return fmt.Errorf("ItemOperations: %w", err)
	}
	r := &request{command: "ItemOperations", code: codeItemOperations, multipart: true, silent: silentSync,
		body: bytes.NewReader(body), size: int64(len(body)), rewind: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }}
	a, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	defer a.close()
	out.begin = begin
	if strings.HasPrefix(a.header.Get("Content-Type"), typeMultipart) {
		err = a.filePart(out)
	} else {
		err = a.fileInline(out)
	}
	if s, ok := errors.AsType[*activesync.StatusError](err); ok && s.Code == operationsEmpty {
		err = out.open(wire.FilePart{Total: -1})
	}
	if out.err != nil { // the server is not to blame
		err = fmt.Errorf("write the file: %w", out.err)
	}
	return err
}

// sink is where a file goes. It keeps the error of writing apart from those of
// reading.
type sink struct {
	begin func(wire.FilePart) (io.Writer, error)
	w     io.Writer
	n     int64
	err   error
}

// open finds out where the file goes, once it is known what comes.
func (s *sink) open(p wire.FilePart) error {
	if s.w, s.err = s.begin(p); s.err != nil {
		return s.err
	}
	return nil
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
func (a *answer) filePart(w *sink) error {
	nonsense := fmt.Errorf("ItemOperations: %w: the table of parts makes no sense", activesync.ErrTruncated)
	var head [12]byte
	if _, err := io.ReadFull(a.body, head[:]); err != nil {
		return wrapCut(a, err)
	}
	word := func(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) }
	parts, at, size := word(head[:]), word(head[4:]), word(head[8:])
	if parts < 1 || parts > 64 || at < 4+8*parts || at > maxTable || size > maxTable {
		return nonsense
	}
	front := make([]byte, at+size) // all up to the end of the document
	copy(front, head[:])
	if _, err := io.ReadFull(a.body, front[len(head):]); err != nil {
		return wrapCut(a, err)
	}
	props, err := a.properties(front[at:])
	if err != nil {
		return err
	}
	if parts == 1 {
		return fmt.Errorf("ItemOperations: %w: the answer holds no file", activesync.ErrNotFound)
	}
	begin, length := word(front[12:]), word(front[16:])
	if begin < at+size {
		return nonsense
	}
	if _, err := io.CopyN(io.Discard, a.body, begin-at-size); err != nil {
		return wrapCut(a, err)
	}
	if err := w.open(props.File()); err != nil {
		return err
	}
	if _, err = io.CopyN(w, a.body, length); err != nil {
		return wrapCut(a, err)
	}
	return nil
}

// properties is what the answer says of the file.
func (a *answer) properties(doc []byte) (*wire.AttachmentProperties, error) {
	out := &wire.ItemOperationsResponse{}
	if err := a.decode(doc, out); err != nil {
		return nil, err
	}
	if err := operationsStatus(out.Status); err != nil {
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
func (a *answer) fileInline(w *sink) error {
	body := bufio.NewReader(a.body)
	if head, err := body.Peek(excerptBytes); len(head) == 0 && err == io.EOF || len(head) > 0 && !looksLikeWBXML(head) {
		return a.decode(head, nil) // says what it is
	}
	d := wbxml.NewDecoder(body, wbxml.Limits{})
	var path []wbxml.Tag
	found := false
	var props wire.AttachmentProperties
	for {
		t, err := d.Next()
		switch {
		case err == io.EOF && !found:
			return fmt.Errorf("ItemOperations: %w: the answer holds no file", activesync.ErrNotFound)
		case err == io.EOF:
			return nil
		case err != nil:
			return a.understood(err)
		}
		switch t.Kind {
		case wbxml.Start:
			path = append(path, t.Tag)
		case wbxml.End:
			if !found && path[len(path)-1] == wbxml.MustTag("ItemOperations:Data") { // a file without a byte
				found = true
				if err := w.open(props.File()); err != nil {
					return err
				}
			}
			path = path[:len(path)-1]
		case wbxml.Text:
			switch path[len(path)-1] {
			case wbxml.MustTag("ItemOperations:Status"):
				err = a.fileStatus(d.Value())
			case wbxml.MustTag("AirSyncBase:ContentType"):
				props.ContentType, err = a.short(d.Value())
			case wbxml.MustTag("ItemOperations:Range"):
				props.Range, err = a.short(d.Value())
			case wbxml.MustTag("ItemOperations:Total"):
				var total string
				total, err = a.short(d.Value())
				props.Total = wire.Number(total)
			case wbxml.MustTag("ItemOperations:Data"):
				found = true
				err = a.fileData(w, &props, d.Value(), t.Opaque)
			}
			if err != nil {
				return err
			}
		}
	}
}

func (a *answer) fileData(w *sink, props *wire.AttachmentProperties, src io.Reader, opaque bool) error {
	if err := w.open(props.File()); err != nil {
		return err
	}
	if !opaque {
		src = base64.NewDecoder(base64.StdEncoding, src)
	}
	if _, err := io.Copy(w, src); err != nil {
		return a.understood(err)
	}
	return nil
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
	return operationsStatus(code)
}

// short reads a text that is not long.
func (a *answer) short(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, 256))
	if err != nil {
		return "", a.understood(err)
	}
	return string(b), nil
}
