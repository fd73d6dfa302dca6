package server

import (
	"bytes"
	"encoding/base64"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
	"eas.example/securemail/activesync/wbxml"
	"eas.example/securemail/activesync/wire"
)

// noRecipients is the status of a draft that is to be sent and goes to nobody
// (MS-ASCMD 2.2.2, InvalidRecipients).
const noRecipients = 183

// The elements that a draft takes from a device (MS-ASCMD 2.2.3.7.2): where its
// body is MIME, that has the others.
const (
	draftTakes     = "Email:To Email:Cc Email2:Bcc Email:Subject Email:Importance Email:ReplyTo AirSyncBase:Attachments AirSyncBase:Body Email:Read Email:Flag"
	mimeDraftTakes = "Email:Importance AirSyncBase:Attachments AirSyncBase:Body Email:Read Email:Flag"
)

// draft is a message in Drafts while a device changes it.
type draft struct {
	header map[string]string
	id     string // Message-ID
	form   string // the media type of text
	text   []byte
	files  []message.File
	made   []int // which files the device attached now
	names  []string
}

// draftFields are the fields that a device can change, in the order in which
// they are written.
var draftFields = []string{"To", "Cc", "Bcc", "Reply-To", "Subject", "Importance"}

// drafted is what a device makes of a draft, from before, which is nil for one
// that is made. status is 1 when it may.
func (x *exchange) drafted(before []byte, id string, raw wbxml.Raw) (d *draft, status int) {
	var e wire.Email
	node, err := raw.Node()
	if err != nil || raw.Unmarshal(&e) != nil || e.Body != nil && (e.Body.Type < 1 || e.Body.Type > 4 || e.Body.Type == uint8(activesync.BodyRTF)) {
		return nil, 6
	}
	takes := draftTakes
	if e.Body != nil && e.Body.Type == uint8(activesync.BodyMIME) {
		takes = mimeDraftTakes
	}
	for _, n := range node.Children {
		if !slices.Contains(strings.Fields(takes), n.Tag.String()) {
			return nil, 6
		}
	}
	d = readDraft(before)
	for name, value := range map[string]*string{"To": e.To, "Cc": e.Cc, "Bcc": e.Bcc, "Reply-To": e.ReplyTo, "Subject": e.Subject} {
		if value != nil {
			d.header[name] = *value
		}
	}
	if e.Importance != nil {
		d.header["Importance"] = map[int]string{0: "low", 2: "high"}[e.Importance.Int(1)]
	}
	if e.Body != nil {
		data := slices.Concat(e.Body.Data, e.Body.Binary)
		switch activesync.BodyType(e.Body.Type) {
		case activesync.BodyMIME:
			*d = *readDraft(data)
		case activesync.BodyHTML:
			d.form, d.text = "text/html", data
		default:
			d.form, d.text = "text/plain", data
		}
	}
	if e.Attachments != nil && !d.attach(id, e.Attachments) {
		return nil, 6
	}
	return d, 1
}

// readDraft takes a message apart; nil is an empty one.
func readDraft(source []byte) *draft {
	p := message.ParseBytes(source)
	list := func(l []activesync.Address) string { return activesync.FormatAddresses(l, ", ") }
	d := &draft{id: p.MessageID, form: "text/plain", text: []byte(p.Text), files: p.Attachments, header: map[string]string{
		"To": list(p.To), "Cc": list(p.Cc), "Bcc": list(p.Bcc), "Reply-To": list(p.ReplyTo), "Subject": p.Subject,
		"Importance": map[activesync.Importance]string{activesync.ImportanceHigh: "high", activesync.ImportanceLow: "low"}[importance(p)]}}
	if p.HTML != "" {
		d.form, d.text = "text/html", []byte(p.HTML)
	}
	return d
}

// attach takes files off and adds others. It reports false where the device
// names one that is not there, or does not say what it has to.
func (d *draft) attach(id string, list *wire.Attachments) bool {
	if len(list.Attachments) > 0 {
		return false
	}
	off := map[int]bool{}
	for _, del := range list.Deletes {
		of, number, _ := strings.Cut(strings.TrimPrefix(del.FileReference, id), ":")
		n, err := strconv.Atoi(number)
		if of != "" || err != nil || n < 0 || n >= len(d.files) || off[n] {
			return false
		}
		off[n] = true
	}
	var left []message.File
	for i, f := range d.files {
		if !off[i] {
			left = append(left, f)
		}
	}
	d.files = left
	for _, add := range list.Adds {
		if add.ClientID == "" || add.DisplayName == "" || add.Method != "1" && add.Method != "5" {
			return false
		}
		d.made, d.names = append(d.made, len(d.files)), append(d.names, add.ClientID)
		d.files = append(d.files, message.File{Name: add.DisplayName, ContentType: add.ContentType, ContentID: add.ContentID, Inline: add.IsInline.Bool(), Content: add.Content})
	}
	return true
}

// sourceOfDraft is a draft as a message. Its addresses need not be any yet.
func (x *exchange) sourceOfDraft(d *draft) []byte {
	from, now := x.m.email, time.Now()
	if d.id == "" {
		d.id = "draft-" + strconv.FormatUint(x.m.rev, 10) + "@" + message.DomainOf(from)
	}
	var b bytes.Buffer
	field := func(name, value string) {
		if value = strings.NewReplacer("\r", " ", "\n", " ").Replace(value); value != "" {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	part := func(form string, data []byte) {
		field("Content-Type", form)
		field("Content-Transfer-Encoding", "base64")
		b.WriteString("\r\n")
		for s := base64.StdEncoding.EncodeToString(data); s != ""; {
			n := min(len(s), 76)
			b.WriteString(s[:n] + "\r\n")
			s = s[n:]
		}
	}
	field("From", from)
	for _, name := range draftFields {
		field(name, d.header[name])
	}
	field("Date", now.Format(time.RFC1123Z))
	field("Message-ID", "<"+d.id+">")
	field("MIME-Version", "1.0")
	if len(d.files) == 0 {
		part(d.form+"; charset=utf-8", d.text)
		return b.Bytes()
	}
	const border = "=_the_parts_of_a_draft"
	field("Content-Type", `multipart/mixed; boundary="`+border+`"`)
	b.WriteString("\r\n--" + border + "\r\n")
	part(d.form+"; charset=utf-8", d.text)
	for _, f := range d.files {
		b.WriteString("--" + border + "\r\n")
		kind := "attachment"
		if f.Inline {
			kind = "inline"
		}
		field("Content-Disposition", mime.FormatMediaType(kind, map[string]string{"filename": f.Name}))
		if f.ContentID != "" {
			field("Content-ID", "<"+f.ContentID+">")
		}
		form := f.ContentType
		if form == "" || strings.HasPrefix(form, "message/") {
			form = "application/octet-stream"
		}
		part(form, f.Content)
	}
	b.WriteString("--" + border + "--\r\n")
	return b.Bytes()
}

// attached is what the answer says of the files that the device added
// (MS-ASAIRS 2.2.2.7), nil where it added none.
func (d *draft) attached(id string) *wbxml.Raw {
	if len(d.made) == 0 {
		return nil
	}
	list := &wire.Attachments{}
	for i, n := range d.made {
		list.Attachments = append(list.Attachments, wire.Attachment{FileReference: id + ":" + strconv.Itoa(n), ClientID: d.names[i]})
	}
	raw, err := wire.Pack(&wire.Email{Attachments: list})
	if err != nil {
		return nil
	}
	return &raw
}

// changeDraft makes of a draft what the device wants, and sends it where it
// says so, from 16.0 on. A message elsewhere can only be marked.
func (x *exchange) changeDraft(f *folder, c *collection, it *item, ch wire.SyncChange) (data *wbxml.Raw, status int) {
	if c.state.stale(it) && !c.options.deviceWins {
		return nil, 7
	}
	id := string(f.itemID(it))
	d, status := x.drafted(it.source(), id, ch.ApplicationData)
	if status != 1 {
		return nil, status
	}
	mime := x.sourceOfDraft(d)
	if ch.Send {
		if !x.sendDraft(mime) {
			return nil, noRecipients
		}
		x.m.remove(f, it)
		return nil, 1
	}
	if x.personality().RenewsDrafts {
		x.m.remove(f, it)
		x.m.put(f, &item{source: Mail(mime), date: time.Now().UTC().Truncate(time.Second), read: true})
		return nil, 1
	}
	it.source, it.date, it.read = Mail(mime), time.Now().UTC().Truncate(time.Second), true
	f.untidy = true
	x.own(c, it)
	it.whole = it.changed
	return d.attached(id), 1
}

// newDraft is the message that a device puts into Drafts; it is nil where that
// was sent at once.
func (x *exchange) newDraft(in wire.SyncAdd) (it *item, d *draft, status int) {
	if d, status = x.drafted(nil, "", in.ApplicationData); status != 1 {
		return nil, nil, status
	}
	mime := x.sourceOfDraft(d)
	if in.Send {
		if !x.sendDraft(mime) {
			return nil, nil, noRecipients
		}
		return nil, d, 1
	}
	return &item{source: Mail(mime), date: time.Now().UTC().Truncate(time.Second), read: true}, d, 1
}

// sendDraft sends a draft, and keeps its copy in Sent; it reports false where it
// goes to nobody or to what is no address.
func (x *exchange) sendDraft(mime []byte) bool {
	p := message.ParseBytes(mime)
	rcpts := slices.Concat(p.To, p.Cc, p.Bcc)
	if len(rcpts) == 0 || slices.ContainsFunc(rcpts, func(a activesync.Address) bool { return !strings.Contains(a.Address, "@") }) {
		return false
	}
	x.dispatch(mime, rcpts, true)
	return true
}

// takesDrafts reports whether devices may write into a folder what others read
// there as drafts.
func (x *exchange) takesDrafts(f *folder) bool {
	return f.kind == activesync.FolderDrafts && x.Version >= activesync.V160
}
