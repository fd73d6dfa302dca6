package wire

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// order is the names of the elements in the order in which they are written,
// children in brackets.
func order(t *testing.T, v any) string {
	t.Helper()
	b, err := wbxml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	n, err := wbxml.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return outline(n)
}

func outline(n *wbxml.Node) string {
	s := n.Tag.Name()
	if len(n.Children) == 0 {
		return s
	}
	var parts []string
	for _, c := range n.Children {
		parts = append(parts, outline(c))
	}
	return s + "(" + strings.Join(parts, " ") + ")"
}

// Servers refuse a request whose elements stand in another order (MS-ASCMD 6).
func TestOrderOfRequests(t *testing.T) {
	device := DeviceInformation{Model: "m", IMEI: "i", FriendlyName: "f", OS: "o", OSLanguage: "l", PhoneNumber: "p", UserAgent: "u", EnableOutboundSMS: "0", MobileOperator: "x"}
	const set = "DeviceInformation(Set(Model IMEI FriendlyName OS OSLanguage PhoneNumber UserAgent EnableOutboundSMS MobileOperator))"
	when := time.Date(2026, 9, 8, 9, 10, 0, 0, time.UTC)
	sync := SyncCollection{
		Class: "Email", SyncKey: "1", CollectionID: "5", DeletesAsMoves: Bool(true), GetChanges: Bool(false), WindowSize: 10, ConversationMode: Bool(false),
		Options: []SyncOptions{{FilterType: Int(0), Class: "Email", BodyPreferences: []BodyPreference{{Type: 1, TruncationSize: Int(0), AllOrNone: true, Preview: 9}, {Type: 2}},
			Conflict: Int(1), MIMETruncation: Int(8), MIMESupport: Int(0), MaxItems: 5}},
	}
	sync.Delete("5:1")
	sync.ChangeRead("5:2", true)
	sync.commands().Adds = []SyncAdd{{ClientID: "c", ApplicationData: mustPack(&Email{Subject: ptr("s")}), Send: true}}
	sync.commands().Fetches = []SyncFetch{{ServerID: "5:3"}}
	for want, v := range map[string]any{
		"Provision(" + set + " Policies(Policy(PolicyType)))":      NewProvisionRequest(activesync.V141, device),
		"Provision(Policies(Policy(PolicyType)))":                  NewProvisionRequest(activesync.V140, device),
		"Provision(Policies(Policy(PolicyType PolicyKey Status)))": AcknowledgeProvision(activesync.V161, "1", PolicyPartly),
		"Provision(RemoteWipe(Status))":                            AcknowledgeWipe(&ProvisionResponse{RemoteWipe: &WipeStatus{}}, WipeDone),
		"Provision(AccountOnlyRemoteWipe(Status))":                 AcknowledgeWipe(&ProvisionResponse{AccountOnlyRemoteWipe: &WipeStatus{}}, WipeDone),
		"Provision":                      &ProvisionRequest{},
		"Settings(" + set + ")":          NewDeviceInformation(device),
		"Settings(UserInformation(Get))": NewUserInformation(),
		"SmartReply(ClientId Source(FolderId ItemId) SaveInSentItems ReplaceMime Mime)": &SmartReplyRequest{ClientID: "c", Source: SmartSource{FolderID: "5", ItemID: "5:1"},
			SaveInSentItems: true, ReplaceMIME: true, MIME: []byte("x")},
		"SmartForward(ClientId Source(LongId) SaveInSentItems Mime)": &SmartForwardRequest{ClientID: "c", Source: SmartSource{LongID: "l"}, SaveInSentItems: true, MIME: []byte("x")},
		"SmartForward(ClientId Source(FolderId ItemId InstanceId) Forwardees(Forwardee(Email Name)))": &SmartForwardRequest{ClientID: "c",
			Source: SmartSource{FolderID: "5", ItemID: "5:1", InstanceID: ptr(Dashed(when))}, Forwardees: []Forwardee{{Email: "a@b", Name: "A"}}},
		"MeetingResponse(Request(UserResponse CollectionId RequestId))":                               NewMeetingAnswer(activesync.V140, "5", "5:1", MeetingAccept, "note", when),
		"MeetingResponse(Request(UserResponse CollectionId RequestId InstanceId))":                    NewMeetingAnswer(activesync.V141, "5", "5:1", MeetingAccept, "note", when),
		"MeetingResponse(Request(UserResponse CollectionId RequestId InstanceId SendResponse))":       NewMeetingAnswer(activesync.V160, "5", "5:1", MeetingDecline, "", when),
		"MeetingResponse(Request(UserResponse CollectionId RequestId SendResponse(Body(Type Data))))": NewMeetingAnswer(activesync.V161, "5", "5:1", MeetingTentative, "late", time.Time{}),
		"ResolveRecipients(To To Options(Availability(StartTime EndTime)))":                           NewAvailability(when, when, "a@b", "c@d"),
		"ValidateCert(CertificateChain(Certificate) Certificates(Certificate) CheckCRL)":              &ValidateCertRequest{Chain: []string{"a"}, Certificates: []string{"b"}, CheckCRL: true},
		"Settings(Oof(Get(BodyType)))": NewOofGet(),
		"Settings(Oof(Set(OofState StartTime EndTime OofMessage(AppliesToInternal Enabled ReplyMessage BodyType))))": NewOofSet(OofTimed, when, when, "gone", ""),
		"Settings(DevicePassword(Set(Password)))":                            &SettingsRequest{DevicePassword: &DevicePasswordSettings{Password: "p"}},
		"FolderSync(SyncKey)":                                                &FolderSyncRequest{SyncKey: "0"},
		"FolderCreate(SyncKey ParentId DisplayName Type)":                    &FolderCreateRequest{Type: 12},
		"FolderUpdate(SyncKey ServerId ParentId DisplayName)":                &FolderUpdateRequest{},
		"FolderDelete(SyncKey ServerId)":                                     &FolderDeleteRequest{},
		"Ping(HeartbeatInterval Folders(Folder(Id Class) Folder(Id Class)))": &PingRequest{HeartbeatInterval: 60, Folders: []PingFolder{{"5", "Email"}, {"2", "Calendar"}}},
		"Ping": &PingRequest{},
		"MoveItems(Move(SrcMsgId SrcFldId DstFldId))":                                                  &MoveItemsRequest{Moves: []Move{{"1", "2", "3"}}},
		"SendMail(ClientId SaveInSentItems Mime)":                                                      &SendMailRequest{ClientID: "c", SaveInSentItems: true, MIME: []byte("x")},
		"ItemOperations(Fetch(Store FileReference))":                                                   &ItemOperationsRequest{Fetches: []Fetch{FetchFile("f")}},
		"ItemOperations(Fetch(Store CollectionId ServerId Options(MIMESupport BodyPreference(Type))))": &ItemOperationsRequest{Fetches: []Fetch{FetchItem("5", "5:1", []BodyPreference{{Type: 4}}, 2)}},
		"ItemOperations(EmptyFolderContents(CollectionId Options(DeleteSubFolders)))":                  &ItemOperationsRequest{Empty: []EmptyFolderContents{{CollectionID: "3", Options: &EmptyFolderOptions{true}}}},
		"GetItemEstimate(Collections(Collection(Class CollectionId FilterType SyncKey)))":              NewEstimate(activesync.V121, "5", "1", "Email", 0).At(activesync.V121),
		"GetItemEstimate(Collections(Collection(SyncKey CollectionId Options(FilterType Class))))":     NewEstimate(activesync.V140, "5", "1", "Email", 3).At(activesync.V140),
		"Sync(Collections(Collection(Class SyncKey CollectionId DeletesAsMoves GetChanges WindowSize ConversationMode " +
			"Options(FilterType Class BodyPreference(Type TruncationSize AllOrNone Preview) BodyPreference(Type) Conflict MIMETruncation MIMESupport MaxItems) " +
			"Commands(Add(ClientId ApplicationData(Subject) Send) Change(ServerId ApplicationData(Read)) Delete(ServerId) Fetch(ServerId)))) HeartbeatInterval WindowSize Partial)": &SyncRequest{Collections: []SyncCollection{sync}, HeartbeatInterval: 60, WindowSize: 5, Partial: true},
	} {
		if got := order(t, v); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	// The form for 12.1 is made of the later one too.
	if got := order(t, NewEstimate(activesync.V140, "5", "1", "Email", 3).At(activesync.V121)); got != "GetItemEstimate(Collections(Collection(Class CollectionId FilterType SyncKey)))" {
		t.Errorf("got %s", got)
	}
}

// What a request says, a server reads.
func TestRequestsAreReadAsWritten(t *testing.T) {
	in := SyncRequest{WindowSize: 7, Wait: 3, Collections: []SyncCollection{{
		SyncKey: "9", CollectionID: "5", GetChanges: Bool(false), Options: []SyncOptions{{FilterType: Int(0), BodyPreferences: []BodyPreference{{Type: 2, TruncationSize: Int(0)}}}},
		Commands: &SyncCommands{Deletes: []SyncDelete{{ServerID: "5:1"}}},
	}}}
	var out SyncRequest
	b, err := wbxml.Marshal(&in)
	if err == nil {
		err = wbxml.Unmarshal(b, &out)
	}
	if diff := cmp.Diff(in, out); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestProvisionDoc(t *testing.T) {
	in := map[string]string{"AttachmentsEnabled": "0", "MaxAttachmentSize": "1000", "MaxInactivityTimeDeviceLock": "", "ApprovedApplicationList": "aa\nbb", "NoSuchPolicy": "1"}
	b, err := wbxml.Marshal(&ProvisionResponse{Status: 1, Policies: &PolicyAnswers{Policies: []PolicyAnswer{{
		PolicyType: PolicyType, Status: 1, Key: "4294967295", Data: &PolicyData{Document: *NewProvisionDoc(in)},
	}}}})
	var out ProvisionResponse
	if err == nil {
		err = wbxml.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	delete(in, "NoSuchPolicy")
	p := out.Policy()
	if diff := cmp.Diff(in, p.Doc()); diff != "" || p.Key != "4294967295" || out.Wipe() {
		t.Errorf("key %s: %s", p.Key, diff)
	}
	entries := p.Data.Document.Entries()
	if len(entries) != 4 || entries[0].Name != "AttachmentsEnabled" || entries[3].Name != "ApprovedApplicationList" {
		t.Errorf("not in the order of the document: %v", entries)
	}
	if none := (&ProvisionResponse{}).Policy(); none.Doc() != nil || none.Key != "" {
		t.Errorf("got %+v", none)
	}
	if !(&ProvisionResponse{AccountOnlyRemoteWipe: &WipeStatus{}}).Wipe() {
		t.Error("an account-only wipe is a wipe")
	}
}

func TestFolderChanges(t *testing.T) {
	r := FolderSyncResponse{Changes: &FolderChanges{
		Adds:    []FolderElement{{ServerID: "1", ParentID: "0", DisplayName: "Inbox", Type: 2}},
		Updates: []FolderElement{{ServerID: "2", ParentID: "1", DisplayName: "Harbour", Type: 12}},
		Deletes: []FolderDeletedEntry{{ServerID: "1"}},
	}}
	want := []activesync.FolderChange{
		{Kind: activesync.Removed, ServerID: "1"},
		{Kind: activesync.Added, ServerID: "1", Parent: "0", Name: "Inbox", Type: activesync.FolderInbox},
		{Kind: activesync.Updated, ServerID: "2", Parent: "1", Name: "Harbour", Type: activesync.FolderUserMail},
	}
	if diff := cmp.Diff(want, r.FolderChanges()); diff != "" {
		t.Error(diff)
	}
	if got := (&FolderSyncResponse{}).FolderChanges(); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestAddressesOfTheUser(t *testing.T) {
	old := SettingsResponse{UserInformation: &UserInformation{Get: &UserInformationGiven{EmailAddresses: &EmailAddresses{SMTPAddresses: []string{"a@x.test", "b@x.test"}}}}}
	later := SettingsResponse{UserInformation: &UserInformation{Get: &UserInformationGiven{Accounts: []UserAccount{
		{EmailAddresses: &EmailAddresses{SMTPAddresses: []string{"a@x.test", "b@x.test"}, PrimarySMTPAddress: "b@x.test"}}, {AccountID: "2"}}}}}
	if diff := cmp.Diff([]string{"a@x.test", "b@x.test"}, old.Addresses()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"b@x.test", "a@x.test"}, later.Addresses()); diff != "" {
		t.Error(diff)
	}
	if got := (&SettingsResponse{}).Addresses(); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestFailuresOfAnAnswer(t *testing.T) {
	c := SyncCollectionResponse{Responses: &SyncResults{
		Changes: []SyncChangeResult{{ServerID: "1", Status: 1}, {ServerID: "2", Status: 8}}, Deletes: []SyncChangeResult{{ServerID: "3", Status: 5}},
	}}
	if diff := cmp.Diff(map[activesync.ServerID]int{"2": 8, "3": 5}, c.Failures()); diff != "" {
		t.Error(diff)
	}
}

// Servers count free and busy half hours from the time that was asked for.
func TestAvailabilityIsAskedOnTheHalfHour(t *testing.T) {
	at := time.Date(2026, 9, 8, 9, 10, 0, 0, time.UTC)
	a := NewAvailability(at, at.Add(5*time.Minute), "a@b").Options.Availability
	if a.StartTime != "2026-09-08T09:00:00.000Z" || *a.EndTime != "2026-09-08T09:30:00.000Z" {
		t.Errorf("asked for %s to %s", a.StartTime, *a.EndTime)
	}
	a = NewAvailability(at, at.Add(time.Hour), "a@b").Options.Availability // the last ten minutes too
	if *a.EndTime != "2026-09-08T10:30:00.000Z" {
		t.Errorf("asked for %s to %s", a.StartTime, *a.EndTime)
	}
}

// People outside who are not answered would be, were their text written back.
func TestOofThatIsNotSentIsNoText(t *testing.T) {
	have := Oof{State: OofOn, Messages: []OofMessage{{Internal: true, Enabled: 1, ReplyMessage: "in"}, {Known: true, ReplyMessage: "out"}, {Unknown: true, ReplyMessage: "out"}}}
	if o := have.OutOfOffice(); o.Inside != "in" || o.Outside != "" {
		t.Errorf("%+v", o)
	}
	have.State = OofOff // then none is sent
	if o := have.OutOfOffice(); o.Outside != "out" {
		t.Errorf("%+v", o)
	}
}

// A text that the server did not show must not be forgotten by writing the rest.
func TestOofLeavesUnseenTextsAlone(t *testing.T) {
	o := NewOofSet(OofOn, time.Time{}, time.Time{}, "", "away").Oof.Set
	if len(o.Messages) != 2 || o.Messages[0].Internal || !o.Messages[0].Known || !o.Messages[1].Unknown || o.StartTime != nil {
		t.Errorf("%+v", o)
	}
}
