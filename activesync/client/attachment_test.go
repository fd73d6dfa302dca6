package client

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// fileProperties is what an answer says of a file; data is its content in the
// document, nil where it lies in a part.
type fileProperties struct {
	_           wbxml.Root `wbxml:"ItemOperations:Properties"`
	ContentType string     `wbxml:"AirSyncBase:ContentType"`
	Part        *int       `wbxml:"ItemOperations:Part"`
	Data        []byte     `wbxml:"ItemOperations:Data,omitempty"`
}

func fileAnswer(t testing.TB, p fileProperties, status int) []byte {
	t.Helper()
	raw, err := wbxml.MakeRaw(&p)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, &wire.ItemOperationsResponse{Status: 1, Response: &wire.ItemOperationsDone{
		Fetches: []wire.FetchResponse{{Status: status, Properties: &raw}}}})
}

func inlineFile(t testing.TB, ctype string, content []byte) []byte {
	t.Helper()
	return fileAnswer(t, fileProperties{ContentType: ctype, Data: []byte(base64.StdEncoding.EncodeToString(content))}, 1)
}

// inParts writes the table and the parts (MS-ASCMD 2.2.1.10.1).
func inParts(parts ...[]byte) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(parts)))
	at := 4 + 8*len(parts)
	for _, p := range parts {
		out = binary.LittleEndian.AppendUint32(out, uint32(at))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(p)))
		at += len(p)
	}
	return append(out, bytes.Join(parts, nil)...)
}

func multipartFile(t testing.TB, ctype string, content []byte) []byte {
	t.Helper()
	return inParts(fileAnswer(t, fileProperties{ContentType: ctype, Part: wire.Int(1)}, 1), content)
}

func TestAttachmentInBothForms(t *testing.T) {
	all := make([]byte, 300_000)
	for i := range all {
		all[i] = byte(i * 7)
	}
	for _, content := range [][]byte{all, all[:1], all[:2], all[:3], all[:65_537]} {
		for ctype, body := range map[string][]byte{typeWBXML: inlineFile(t, "image/png", content), typeMultipart: multipartFile(t, "image/png", content)} {
			for _, packed := range []bool{false, true} {
				s := always(200, body, "Content-Type", ctype)
				if packed {
					s = always(200, gzipped(t, body), "Content-Type", ctype, "Content-Encoding", "gzip")
				}
				var out bytes.Buffer
				kind, n, err := open(t, s).FetchAttachment(t.Context(), "5:1:0", &out)
				if err != nil || n != int64(len(content)) || !bytes.Equal(out.Bytes(), content) || kind != "image/png" {
					t.Errorf("%s, packed %v: %d of %d bytes of %q, %v", ctype, packed, n, len(content), kind, err)
				}
				if s.asked[0].Header.Get("MS-ASAcceptMultiPart") != "T" {
					t.Error("multipart is not asked for")
				}
			}
		}
	}
}

func TestAttachmentCutOffAtEveryLength(t *testing.T) {
	content := []byte("the content of the file")
	for ctype, body := range map[string][]byte{typeWBXML: inlineFile(t, "text/plain", content), typeMultipart: multipartFile(t, "text/plain", content)} {
		for n := range body {
			var out bytes.Buffer
			_, wrote, err := open(t, always(200, body[:n], "Content-Type", ctype)).FetchAttachment(t.Context(), "1", &out)
			only(t, ctype, err, activesync.ErrTruncated)
			if wrote != int64(out.Len()) || !bytes.HasPrefix(content, out.Bytes()) {
				t.Errorf("%s, %d of %d bytes: wrote %q, told of %d", ctype, n, len(body), out.Bytes(), wrote)
			}
		}
	}
}

func TestBrokenPartTables(t *testing.T) {
	doc := fileAnswer(t, fileProperties{ContentType: "text/plain", Part: wire.Int(1)}, 1)
	table := func(words ...uint32) []byte {
		var out []byte
		for _, w := range words {
			out = binary.LittleEndian.AppendUint32(out, w)
		}
		return append(append(out, doc...), "content"...)
	}
	d := uint32(len(doc))
	for name, body := range map[string][]byte{
		"no parts":                  table(0, 20, d, 20+d, 7),
		"too many parts":            table(1<<30, 20, d, 20+d, 7),
		"all bits":                  table(^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0)),
		"the answer in the table":   table(2, 4, d, 20+d, 7),
		"the answer far away":       table(2, ^uint32(0), d, 20+d, 7),
		"an answer of 4 GiB":        table(2, 20, ^uint32(0), 20+d, 7),
		"the file in the answer":    table(2, 20, d, 20, 7),
		"the file in the table":     table(2, 20, d, 0, 7),
		"the file behind the end":   table(2, 20, d, 1<<31, 7),
		"a file longer than it is":  table(2, 20, d, 20+d, 8),
		"a file of 4 GiB":           table(2, 20, d, 20+d, ^uint32(0)),
		"a web page":                []byte("<html><title>Sign in</title>and pay</html>"),
		"nothing behind the number": {2, 0, 0, 0},
	} {
		var out bytes.Buffer
		c := open(t, always(200, body, "Content-Type", typeMultipart))
		var n int64
		var err error
		used := allocatedBy(func() { _, n, err = c.FetchAttachment(t.Context(), "1", &out) })
		only(t, "attachment, "+name, err, activesync.ErrTruncated)
		if used > 16<<20 {
			t.Errorf("%s: %d MB were allocated", name, used>>20)
		}
		if n != int64(out.Len()) {
			t.Errorf("%s: told of %d bytes and wrote %d", name, n, out.Len())
		}
		if strings.HasPrefix(name, "the file in") { // fine where all is in memory
			continue
		}
		_, err = c.ItemOperations(t.Context(), &wire.ItemOperationsRequest{})
		if err == nil {
			t.Errorf("ItemOperations takes %s", name)
		}
	}
}

func TestAttachmentThatIsNotThere(t *testing.T) {
	empty := encode(t, &wire.ItemOperationsResponse{Status: 1})
	for ctype, bodies := range map[string]map[string][]byte{
		typeWBXML:     {"refused": fileAnswer(t, fileProperties{}, 6), "empty": empty},
		typeMultipart: {"refused": inParts(fileAnswer(t, fileProperties{}, 6)), "empty": inParts(empty)},
	} {
		for name, body := range bodies {
			var out bytes.Buffer
			_, n, err := open(t, always(200, body, "Content-Type", ctype)).FetchAttachment(t.Context(), "1", &out)
			if !errors.Is(err, activesync.ErrNotFound) || n != 0 || out.Len() != 0 {
				t.Errorf("%s, %s: %d bytes, %v", ctype, name, n, err)
			}
		}
	}
	// SOGo has a text in place of a file that does not exist.
	null := fileAnswer(t, fileProperties{ContentType: "text/plain", Data: []byte("(null)")}, 1)
	if _, _, err := open(t, always(200, null)).FetchAttachment(t.Context(), "1", io.Discard); err == nil {
		t.Error("(null) is taken for base64")
	}
}

// A file without a byte is one, however the server says it.
func TestFileWithoutBytes(t *testing.T) {
	inline := fileAnswer(t, fileProperties{ContentType: "text/plain", Data: []byte("QQ==")}, 1)
	for name, tt := range map[string]struct {
		ctype string
		body  []byte
	}{
		"in a part":   {typeMultipart, multipartFile(t, "text/plain", nil)},
		"inline":      {typeWBXML, bytes.ReplaceAll(inline, []byte("\x03QQ==\x00"), nil)},
		"by a status": {typeWBXML, fileAnswer(t, fileProperties{}, 10)},
	} {
		var out bytes.Buffer
		_, n, err := open(t, always(200, tt.body, "Content-Type", tt.ctype)).FetchAttachment(t.Context(), "1", &out)
		if err != nil || n != 0 || out.Len() != 0 {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
	}
}

// A Status for all operations that says that some went well is none of failure.
func TestOperationsThatWentInPart(t *testing.T) {
	body := encode(t, &wire.ItemOperationsResponse{Status: operationsPartial})
	if _, err := open(t, always(200, body, "Content-Type", typeWBXML)).ItemOperations(t.Context(), &wire.ItemOperationsRequest{}); err != nil {
		t.Error(err)
	}
}

var errFull = errors.New("no space left on device")

// full takes some bytes and then no more.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	n := min(f.room, len(p))
	f.room -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestFullDiskIsNotTheServersFault(t *testing.T) {
	content := bytes.Repeat([]byte("content "), 10_000)
	for ctype, body := range map[string][]byte{typeWBXML: inlineFile(t, "text/plain", content), typeMultipart: multipartFile(t, "text/plain", content)} {
		_, n, err := open(t, always(200, body, "Content-Type", ctype)).FetchAttachment(t.Context(), "1", &full{room: 100})
		if !errors.Is(err, errFull) || errors.Is(err, activesync.ErrTruncated) || n != 100 || strings.Contains(err.Error(), "mail.example.test") {
			t.Errorf("%s: %d bytes, %v", ctype, n, err)
		}
	}
}

// endless is a file of size bytes that exists only while it is read.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.left))
	for i := range p[:n] {
		p[i] = 'A'
	}
	e.left -= int64(n)
	return n, nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// allocatedBy is how many bytes f takes from the heap in all.
func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestAttachmentIsNotHeldInMemory(t *testing.T) {
	const size = 24 << 20 // in base64 a multiple of 4
	doc := fileAnswer(t, fileProperties{ContentType: "video/mp4", Part: wire.Int(1)}, 1)
	head := inParts(doc, nil)
	binary.LittleEndian.PutUint32(head[16:], size)
	long := fileAnswer(t, fileProperties{ContentType: "video/mp4", Data: []byte("QUJD")}, 1)
	before, after, _ := bytes.Cut(long, append([]byte{0x03}, "QUJD\x00"...))
	if after == nil { // the writer may choose opaque data
		before, after, _ = bytes.Cut(long, append([]byte{0xC3, 4}, "QUJD"...))
	}
	for ctype, tt := range map[string]struct {
		body  io.Reader
		bytes int64
	}{
		typeMultipart: {io.MultiReader(bytes.NewReader(head), &endless{left: size}), size},
		typeWBXML:     {io.MultiReader(bytes.NewReader(before), strings.NewReader("\x03"), &endless{left: size}, strings.NewReader("\x00"), bytes.NewReader(after)), size / 4 * 3},
	} {
		s := &server{answer: func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {ctype}}, Body: io.NopCloser(tt.body), ContentLength: -1}, nil
		}}
		c := open(t, s)
		out := &counter{}
		var err error
		used := allocatedBy(func() { _, _, err = c.FetchAttachment(t.Context(), "1", out) })
		if err != nil || out.n != tt.bytes {
			t.Errorf("%s: %d bytes, want %d; %v", ctype, out.n, tt.bytes, err)
		}
		if used > 4<<20 {
			t.Errorf("%s: %d MB were allocated for a file of %d MB", ctype, used>>20, tt.bytes>>20)
		}
	}
}
