package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// answer carries a request out, if the device may ask for it. Mail to other
// mailboxes goes off when this one is free again: two senders at once would
// wait for each other.
func (x *exchange) answer() *reply {
	rep := x.locked()
	for _, deliver := range x.mail {
		deliver()
	}
	return rep
}

func (x *exchange) locked() *reply {
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	if !x.s.speaks(x.Version) {
		return x.failure(138, http.StatusBadRequest)
	}
	if !slices.Contains(Commands(), x.Command) || x.Command == "Find" && x.Version < activesync.V161 {
		return x.failure(137, http.StatusNotImplemented)
	}
	x.d = x.m.device(x.Device)
	if rep := x.gate(); rep != nil {
		return rep
	}
	if x.root == nil && x.needsBody() {
		return x.failure(101, http.StatusBadRequest)
	}
	if x.root != nil && (x.root.Tag != x.rootTag() || checkOrder(x.root, x.Version) != nil) {
		return x.malformed()
	}
	return x.run()
}

// run carries out one command. The caller holds the mailbox's mu.
func (x *exchange) run() *reply {
	switch x.Command {
	case "Provision":
		return x.provision()
	case "Settings":
		return x.settings()
	case "FolderSync":
		return x.folderSync()
	case "FolderCreate", "FolderDelete", "FolderUpdate":
		return x.changeHierarchy()
	case "Sync":
		return x.sync()
	case "GetItemEstimate":
		return x.estimate()
	case "Ping":
		return x.ping()
	case "ItemOperations":
		return x.itemOperations()
	case "MoveItems":
		return x.moveItems()
	case "MeetingResponse":
		return x.meetingResponse()
	case "SendMail", "SmartReply", "SmartForward":
		return x.sendMail()
	}
	return x.ask()
}

// needsBody reports whether a command says nothing without a document, and has no
// status of its own for that (MS-ASCMD 2.2.2, 101).
func (x *exchange) needsBody() bool {
	switch x.Command {
	case "Sync", "Ping", "Provision", "FolderSync", "FolderCreate", "FolderDelete", "FolderUpdate", "ItemOperations", "Settings":
		return false
	}
	return rootPages[x.Command] != "ComposeMail" || x.Version >= activesync.V140
}

// ask carries out the commands that only ask.
func (x *exchange) ask() *reply {
	switch x.Command {
	case "Search":
		return x.search()
	case "Find":
		return x.find()
	case "ResolveRecipients":
		return x.resolveRecipients()
	case "ValidateCert":
		return x.validateCert()
	}
	return plain(http.StatusNotImplemented)
}

// gate lets nothing but Provision through while the device is to be erased, and
// nothing but what does not need them before the policies are acknowledged
// (MS-ASPROV 3.2.5.1).
func (x *exchange) gate() *reply {
	switch {
	case x.Command == "Provision":
		return nil
	case x.mustWipe():
		return x.mustEraseFirst()
	case x.s.cfg.Policies == nil, x.Command == "Ping", x.Command == "Settings" && !x.personality().LateSettings:
		return nil
	}
	x.policyDropped()
	switch {
	case !x.hasKey:
		return x.wantsPolicies(141)
	case x.d.policyKey == 0:
		return x.wantsPolicies(142)
	case x.d.outdated:
		return x.wantsPolicies(143)
	case x.PolicyKey != x.d.policyKey:
		return x.wantsPolicies(144)
	}
	return nil
}

// mustEraseFirst refuses all else to a device that is to be erased (MS-ASCMD 2.2.2).
func (x *exchange) mustEraseFirst() *reply {
	if !x.hasKey {
		return x.failure(140, http.StatusForbidden)
	}
	return x.failure(140, 449)
}

// failure says a common status: as an HTTP status up to 12.1, and in a
// document of the command from 14.0 on (MS-ASCMD 2.2.2).
func (x *exchange) failure(status, httpStatus int) *reply {
	if x.Version <= activesync.V121 || rootPages[x.Command] == "" {
		return plain(httpStatus)
	}
	return x.say(status)
}

// malformed refuses a request that breaks the schema: the commands that have a
// status of their own for it use that one.
func (x *exchange) malformed() *reply {
	if status := map[string]int{"Sync": 4, "Ping": 4, "FolderSync": 10, "FolderCreate": 10, "FolderDelete": 10, "FolderUpdate": 10,
		"ItemOperations": 2, "Provision": 2, "Settings": 2, "ResolveRecipients": 5, "ValidateCert": 2, "Find": 2}[x.Command]; status != 0 {
		return x.say(status)
	}
	return x.failure(103, http.StatusBadRequest)
}

// say is a document that holds nothing but a Status.
func (x *exchange) say(status int) *reply {
	root := &wbxml.Node{Tag: x.rootTag()}
	tag := wbxml.MustTag(rootPages[x.Command] + ":Status")
	root.Children = append(root.Children, &wbxml.Node{Tag: tag, Text: []byte(strconv.Itoa(status))})
	b, err := root.Append(nil)
	if err != nil {
		return plain(http.StatusInternalServerError)
	}
	return &reply{status: http.StatusOK, body: b, ctype: wbxmlType}
}

// rootTag is the element that a request of this command has at its root.
func (x *exchange) rootTag() wbxml.Tag { return wbxml.MustTag(rootPages[x.Command] + ":" + x.Command) }

// rootPages are the code pages of the commands' root elements.
var rootPages = map[string]string{"Sync": "AirSync", "FolderSync": "FolderHierarchy", "FolderCreate": "FolderHierarchy",
	"FolderDelete": "FolderHierarchy", "FolderUpdate": "FolderHierarchy", "MoveItems": "Move", "GetItemEstimate": "GetItemEstimate",
	"Settings": "Settings", "Ping": "Ping", "ItemOperations": "ItemOperations", "Provision": "Provision", "SendMail": "ComposeMail",
	"SmartReply": "ComposeMail", "SmartForward": "ComposeMail", "MeetingResponse": "MeetingResponse", "Search": "Search",
	"ResolveRecipients": "ResolveRecipients", "ValidateCert": "ValidateCert", "Find": "Find"}

// decode reads the body into a request.
func (x *exchange) decode(v any) error {
	if x.root == nil {
		return errors.New("the request has no body")
	}
	if err := wbxml.Unmarshal(x.Body, v); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	return nil
}
