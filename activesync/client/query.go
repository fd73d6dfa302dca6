package client

import (
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"slices"
	"strconv"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// code is the number of a command in the compact query (MS-ASHTTP
// 2.2.1.1.1.1.2).
type code byte

const (
	codeSync            code = 0
	codeSendMail        code = 1
	codeSmartForward    code = 2
	codeSmartReply      code = 3
	codeFolderSync      code = 9
	codeFolderCreate    code = 10
	codeFolderDelete    code = 11
	codeFolderUpdate    code = 12
	codeMoveItems       code = 13
	codeGetItemEstimate code = 14
	codeMeetingResponse code = 15
	codeSearch          code = 16
	codeSettings        code = 17
	codePing            code = 18
	codeItemOperations  code = 19
	codeProvision       code = 20

	codeResolveRecipients code = 21
	codeValidateCert      code = 22
	codeFind              code = 23
)

// The parameters of the compact query (MS-ASHTTP 2.2.1.1.1.1.3) that are used.
const (
	paramCollectionID = 1
	paramItemID       = 3
	paramLongID       = 4
	paramOptions      = 7
	paramUser         = 8

	optionSaveInSent = 0x01
	optionMultiPart  = 0x02
)

// locale is the LCID of the compact query: en-US. Nothing is asked for that
// depends on it.
const locale = 0x0409

// query is what stands behind the question mark of an exchange.
type query struct {
	command    string
	code       code
	version    activesync.Version
	key        activesync.PolicyKey // "" for none
	user       string
	deviceID   string
	deviceType string
	multipart  bool
	saveInSent bool // up to 12.1; later it stands in the body, and so does source
	source     wire.SmartSource
}

// plain is the form with names (MS-ASHTTP 2.2.1.1.1.2).
func (q *query) plain() string {
	s := "Cmd=" + q.command + "&User=" + url.QueryEscape(q.user) + "&DeviceId=" + q.deviceID + "&DeviceType=" + q.deviceType
	if q.saveInSent {
		s += "&SaveInSent=T"
	}
	for _, p := range q.sourceParams() {
		s += "&" + p.name + "=" + url.QueryEscape(p.value)
	}
	return s
}

// param is a parameter of the query, with its number in the compact form.
type param struct {
	code  byte
	name  string
	value string
}

// sourceParams name the message that is answered or sent on.
func (q *query) sourceParams() []param {
	var out []param
	for _, p := range []param{
		{paramCollectionID, "CollectionId", string(q.source.FolderID)},
		{paramItemID, "ItemId", string(q.source.ItemID)},
		{paramLongID, "LongId", q.source.LongID},
	} {
		if p.value != "" {
			out = append(out, p)
		}
	}
	return out
}

// fits reports whether the compact form can hold all that is said; a parameter of it
// has 255 bytes at most, and an id may have more.
func (q *query) fits() bool {
	return !slices.ContainsFunc(q.sourceParams(), func(p param) bool { return len(p.value) > 255 })
}

// compact is the form in base64. withUser is for sign-ins whose header does not
// name the user.
func (q *query) compact(withUser bool) string {
	b := []byte{byte(q.version), byte(q.code)}
	b = binary.LittleEndian.AppendUint16(b, locale)
	b = append(b, byte(len(q.deviceID)))
	b = append(b, q.deviceID...)
	if key, err := strconv.ParseUint(string(q.key), 10, 32); err == nil {
		b = append(b, 4)
		b = binary.LittleEndian.AppendUint32(b, uint32(key))
	} else {
		b = append(b, 0)
	}
	b = append(b, byte(len(q.deviceType)))
	b = append(b, q.deviceType...)
	options := byte(0)
	if q.saveInSent {
		options |= optionSaveInSent
	}
	if q.multipart {
		options |= optionMultiPart
	}
	for _, p := range q.sourceParams() {
		b = append(b, p.code, byte(len(p.value)))
		b = append(b, p.value...)
	}
	if options != 0 {
		b = append(b, paramOptions, 1, options)
	}
	if withUser && len(q.user) <= 255 {
		b = append(b, paramUser, byte(len(q.user)))
		b = append(b, q.user...)
	}
	return base64.StdEncoding.EncodeToString(b)
}
