package server

import (
	"errors"
	"fmt"
	"strings"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

var errOrder = errors.New("an element stands where it may not")

// orders are the children an element may have, in the order in which Exchange
// takes them; what they may hold where they stand in a certain other one is named
// outer>inner. "*" marks those that may be repeated, "!" those that must be there,
// "+" both; a list that begins with "any" takes them in any order.
var orders = map[string]string{
	"AirSync:Sync":        "AirSync:Collections AirSync:Wait AirSync:HeartbeatInterval AirSync:WindowSize AirSync:Partial",
	"AirSync:Collections": "AirSync:Collection+",
	"AirSync:Collection": "AirSync:Class AirSync:SyncKey! AirSync:CollectionId! AirSync:Supported AirSync:DeletesAsMoves AirSync:GetChanges " +
		"AirSync:WindowSize AirSync:ConversationMode AirSync:Options* AirSync:Commands",
	"AirSync:Options": "any AirSync:FilterType AirSync:Class AirSyncBase:BodyPreference* AirSyncBase:BodyPartPreference AirSync:Conflict " +
		"AirSync:MIMETruncation AirSync:MIMESupport AirSync:MaxItems RightsManagement:RightsManagementSupport",
	"GetItemEstimate:Collection>AirSync:Options": "any AirSync:FilterType AirSync:Class AirSync:MaxItems",
	"AirSyncBase:BodyPartPreference":             "AirSyncBase:Type! AirSyncBase:TruncationSize AirSyncBase:AllOrNone AirSyncBase:Preview",
	"AirSync:Add":                                "AirSync:Class AirSync:ClientId! AirSync:ApplicationData! Email2:Send",
	"AirSync:Commands":                           "any AirSync:Add* AirSync:Change* AirSync:Delete* AirSync:Fetch*",
	"AirSync:Delete":                             "AirSync:ServerId! AirSyncBase:InstanceId",
	"AirSync:Change":                             "AirSync:ServerId! AirSyncBase:InstanceId AirSync:ApplicationData! Email2:Send",
	"AirSync:Fetch":                              "AirSync:ServerId!",
	"AirSyncBase:BodyPreference":                 "AirSyncBase:Type! AirSyncBase:TruncationSize AirSyncBase:AllOrNone AirSyncBase:Preview",
	"FolderHierarchy:FolderSync":                 "FolderHierarchy:SyncKey!",
	"FolderHierarchy:FolderCreate":               "FolderHierarchy:SyncKey! FolderHierarchy:ParentId! FolderHierarchy:DisplayName! FolderHierarchy:Type!",
	"FolderHierarchy:FolderUpdate":               "FolderHierarchy:SyncKey! FolderHierarchy:ServerId! FolderHierarchy:ParentId! FolderHierarchy:DisplayName!",
	"FolderHierarchy:FolderDelete":               "FolderHierarchy:SyncKey! FolderHierarchy:ServerId!",
	"Ping:Ping":                                  "any Ping:HeartbeatInterval Ping:Folders",
	"Ping:Folders":                               "Ping:Folder+",
	"Ping:Folder":                                "any Ping:Id! Ping:Class!",
	"Move:MoveItems":                             "Move:Move+",
	"Move:Move":                                  "Move:SrcMsgId! Move:SrcFldId! Move:DstFldId!",
	"Provision:Provision":                        "Settings:DeviceInformation Provision:Policies Provision:RemoteWipe Provision:AccountOnlyRemoteWipe",
	"Provision:Policy":                           "Provision:PolicyType! Provision:PolicyKey Provision:Status",
	"Provision:Policies":                         "Provision:Policy!",
	"Provision:RemoteWipe":                       "Provision:Status!",
	"Provision:AccountOnlyRemoteWipe":            "Provision:Status!",
	"Settings:DeviceInformation":                 "Settings:Set!",
	"Settings:Settings": "any Settings:RightsManagementInformation Settings:Oof Settings:DevicePassword Settings:DeviceInformation " +
		"Settings:UserInformation",
	"Settings:Oof":                         "any Settings:Get Settings:Set",
	"Settings:Oof>Settings:Get":            "Settings:BodyType!",
	"Settings:DevicePassword":              "Settings:Set!",
	"Settings:UserInformation":             "Settings:Get!",
	"Settings:RightsManagementInformation": "Settings:Get!",
	"Settings:Oof>Settings:Set":            "Settings:OofState! Settings:StartTime Settings:EndTime Settings:OofMessage*",
	"Settings:OofMessage": "Settings:AppliesToInternal Settings:AppliesToExternalKnown Settings:AppliesToExternalUnknown Settings:Enabled " +
		"Settings:ReplyMessage Settings:BodyType",
	"Settings:DevicePassword>Settings:Set":                      "Settings:Password!",
	"Settings:Set":                                              "Settings:Model Settings:IMEI Settings:FriendlyName Settings:OS Settings:OSLanguage Settings:PhoneNumber Settings:UserAgent Settings:EnableOutboundSMS Settings:MobileOperator",
	"ComposeMail:SendMail":                                      "ComposeMail:ClientId! ComposeMail:AccountId ComposeMail:SaveInSentItems ComposeMail:Mime! RightsManagement:TemplateID",
	"ComposeMail:SmartReply":                                    smart,
	"ComposeMail:SmartForward":                                  smart + " AirSyncBase:Body ComposeMail:Forwardees",
	"ComposeMail:Forwardees":                                    "ComposeMail:Forwardee+",
	"ComposeMail:Forwardee":                                     "any ComposeMail:Email! ComposeMail:Name",
	"ComposeMail:Source":                                        "any ComposeMail:FolderId ComposeMail:ItemId ComposeMail:LongId ComposeMail:InstanceId",
	"ItemOperations:ItemOperations":                             "any ItemOperations:EmptyFolderContents* ItemOperations:Fetch* ItemOperations:Move*",
	"ItemOperations:Move>ItemOperations:Options":                "ItemOperations:MoveAlways",
	"ItemOperations:EmptyFolderContents>ItemOperations:Options": "ItemOperations:DeleteSubFolders",
	"ItemOperations:Fetch>ItemOperations:Options": "any ItemOperations:Schema ItemOperations:Range ItemOperations:UserName ItemOperations:Password " +
		"AirSync:MIMESupport AirSyncBase:BodyPreference* AirSyncBase:BodyPartPreference RightsManagement:RightsManagementSupport",
	"ItemOperations:Move": "any ItemOperations:ConversationId! ItemOperations:DstFldId! ItemOperations:Options",
	"Search:Search":       "Search:Store!",
	"Search:Store":        "Search:Name! Search:Query! Search:Options",
	"Search:Options": "any Search:Range Search:UserName Search:Password Search:DeepTraversal Search:RebuildResults AirSync:MIMESupport " +
		"AirSyncBase:BodyPreference* AirSyncBase:BodyPartPreference RightsManagement:RightsManagementSupport Search:Picture",
	"Search:Picture":                         "any Search:MaxSize Search:MaxPictures",
	"Search:EqualTo":                         "DocumentLibrary:LinkId! Search:Value!",
	"Search:GreaterThan":                     "Email:DateReceived! Search:Value!",
	"Search:LessThan":                        "Email:DateReceived! Search:Value!",
	"Find:Find":                              "Find:SearchId! Find:ExecuteSearch!",
	"Find:ExecuteSearch":                     "any Find:MailBoxSearchCriterion Find:GalSearchCriterion",
	"Find:MailBoxSearchCriterion":            "Find:Query! Find:Options",
	"Find:GalSearchCriterion":                "Find:Query! Find:Options",
	"Find:MailBoxSearchCriterion>Find:Query": "any AirSync:Class AirSync:CollectionId Find:FreeText!",
	"Find:Picture":                           "any Find:MaxSize Find:MaxPictures",
	"Find:Options":                           "any Find:Range Find:DeepTraversal Find:Picture",
	"ResolveRecipients:ResolveRecipients":    "any ResolveRecipients:To+ ResolveRecipients:Options",
	"ResolveRecipients:Options": "any ResolveRecipients:CertificateRetrieval ResolveRecipients:MaxCertificates " +
		"ResolveRecipients:MaxAmbiguousRecipients ResolveRecipients:Availability ResolveRecipients:Picture",
	"ResolveRecipients:Availability":  "any ResolveRecipients:StartTime! ResolveRecipients:EndTime",
	"ResolveRecipients:Picture":       "any ResolveRecipients:MaxSize ResolveRecipients:MaxPictures",
	"ValidateCert:CertificateChain":   "ValidateCert:Certificate+",
	"ValidateCert:Certificates":       "ValidateCert:Certificate+",
	"ValidateCert:ValidateCert":       "any ValidateCert:CertificateChain ValidateCert:Certificates! ValidateCert:CheckCRL",
	"MeetingResponse:MeetingResponse": "MeetingResponse:Request+",
	"MeetingResponse:Request": "MeetingResponse:UserResponse! MeetingResponse:CollectionId MeetingResponse:RequestId Search:LongId " +
		"MeetingResponse:InstanceId MeetingResponse:SendResponse",
	"MeetingResponse:SendResponse":       "AirSyncBase:Body MeetingResponse:ProposedStartTime MeetingResponse:ProposedEndTime",
	"ItemOperations:EmptyFolderContents": "any AirSync:CollectionId! ItemOperations:Options",
	"ItemOperations:Fetch": "any ItemOperations:Store! AirSync:CollectionId AirSync:ServerId Search:LongId DocumentLibrary:LinkId AirSyncBase:FileReference " +
		"ItemOperations:Options RightsManagement:RemoveRightsManagementProtection",
	"GetItemEstimate:GetItemEstimate": "GetItemEstimate:Collections!",
	"GetItemEstimate:Collections":     "GetItemEstimate:Collection+",
}

const smart = "ComposeMail:ClientId! ComposeMail:Source! ComposeMail:AccountId ComposeMail:SaveInSentItems ComposeMail:ReplaceMime " +
	"ComposeMail:Mime RightsManagement:TemplateID"

// The question for one folder changed its order with 14.0 (MS-ASCMD 2.2.1.9).
const (
	estimateOld = "GetItemEstimate:Class GetItemEstimate:CollectionId! AirSync:FilterType! AirSync:SyncKey!"
	estimateNew = "AirSync:SyncKey! GetItemEstimate:CollectionId! AirSync:ConversationMode AirSync:Options"
)

// checkOrder holds a request against the tables and against what the version
// allows.
func checkOrder(n *wbxml.Node, v activesync.Version) error { return checkIn("", n, v) }

// checkIn is checkOrder for an element inside another: what some of them hold
// depends on where they stand.
func checkIn(outer string, n *wbxml.Node, v activesync.Version) error {
	if since := n.Tag.Since(); since > uint8(v) {
		return fmt.Errorf("%w: %v is of %d.%d", errOrder, n.Tag, since/10, since%10)
	}
	if n.Tag == wbxml.MustTag("AirSync:ApplicationData") {
		return nil // the classes check their own
	}
	spec, ok := orders[outer+">"+n.Tag.String()]
	if !ok {
		spec, ok = orders[n.Tag.String()]
	}
	if n.Tag == wbxml.MustTag("GetItemEstimate:Collection") {
		spec, ok = estimateNew, true
		if v <= activesync.V121 {
			spec = estimateOld
		}
	}
	if ok {
		if err := inOrder(n, spec); err != nil {
			return err
		}
	}
	if n.Child(wbxml.MustTag("AirSync:Class")) != nil && (n.Tag == wbxml.MustTag("AirSync:Collection")) == (v >= activesync.V140) &&
		strings.HasPrefix(n.Tag.String(), "AirSync:") {
		return fmt.Errorf("%w: Class in %v", errOrder, n.Tag) // up to 12.1 it stands in a Collection, later in what is in it (MS-ASCMD 2.2.3.27.6)
	}
	for _, c := range n.Children {
		if err := checkIn(n.Tag.String(), c, v); err != nil {
			return err
		}
	}
	return nil
}

func inOrder(n *wbxml.Node, spec string) error {
	names := strings.Fields(spec)
	free := names[0] == "any"
	if free {
		names = names[1:]
	}
	at := 0
	seen := map[string]int{}
	for _, c := range n.Children {
		name := c.Tag.String()
		i := index(names, name)
		if i < 0 || !free && i < at {
			return fmt.Errorf("%w: %s in %v", errOrder, name, n.Tag)
		}
		at = max(at, i)
		if seen[name]++; seen[name] > 1 && !strings.HasSuffix(names[i], "*") && !strings.HasSuffix(names[i], "+") {
			return fmt.Errorf("%w: %s twice in %v", errOrder, name, n.Tag)
		}
	}
	for _, name := range names {
		if must := strings.TrimRight(name, "!+"); must != name && seen[must] == 0 {
			return fmt.Errorf("%w: %v without %s", errOrder, n.Tag, must)
		}
	}
	return nil
}

func index(names []string, name string) int {
	for i, n := range names {
		if strings.TrimRight(n, "*!+") == name {
			return i
		}
	}
	return -1
}
