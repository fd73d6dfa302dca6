package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"eas.example/securemail/activesync"
)

// exchangeDefault is the document of an Exchange server whose mailbox policy
// nobody has touched.
func exchangeDefault() map[string]string {
	doc := map[string]string{}
	for line := range strings.FieldsSeq(`DevicePasswordEnabled=0 AlphanumericDevicePasswordRequired=0 PasswordRecoveryEnabled=0
		RequireStorageCardEncryption=0 AttachmentsEnabled=1 MinDevicePasswordLength= MaxInactivityTimeDeviceLock= MaxDevicePasswordFailedAttempts=
		MaxAttachmentSize= AllowSimpleDevicePassword=1 DevicePasswordExpiration= DevicePasswordHistory=0 AllowStorageCard=1 AllowCamera=1
		RequireDeviceEncryption=0 AllowUnsignedApplications=1 AllowUnsignedInstallationPackages=1 MinDevicePasswordComplexCharacters=3 AllowWiFi=1
		AllowTextMessaging=1 AllowPOPIMAPEmail=1 AllowBluetooth=2 AllowIrDA=1 RequireManualSyncWhenRoaming=0 AllowDesktopSync=1
		MaxCalendarAgeFilter=0 AllowHTMLEmail=1 MaxEmailAgeFilter=0 MaxEmailBodyTruncationSize=-1 MaxEmailHTMLBodyTruncationSize=-1
		RequireSignedSMIMEMessages=0 RequireEncryptedSMIMEMessages=0 RequireSignedSMIMEAlgorithm=0 RequireEncryptionSMIMEAlgorithm=0
		AllowSMIMEEncryptionAlgorithmNegotiation=2 AllowSMIMESoftCerts=1 AllowBrowser=1 AllowConsumerEmail=1 AllowRemoteDesktop=1
		AllowInternetSharing=1 UnapprovedInROMApplicationList= ApprovedApplicationList=`) {
		name, value, _ := strings.Cut(line, "=")
		doc[name] = value
	}
	return doc
}

func TestAcknowledgementIsTruthful(t *testing.T) {
	with := func(set ...string) map[string]string {
		doc := exchangeDefault()
		for _, s := range set {
			name, value, _ := strings.Cut(s, "=")
			doc[name] = value
		}
		return doc
	}
	tests := []struct {
		name  string
		doc   map[string]string
		unmet []string
	}{
		{"no document", nil, nil},
		{"Exchange, untouched", with(), nil},
		{"details of a password that is not asked for", with("MinDevicePasswordLength=8", "AllowSimpleDevicePassword=0", "MaxInactivityTimeDeviceLock=900", "DevicePasswordHistory=5"), nil},
		{"the same without the switch", map[string]string{"MinDevicePasswordLength": "8"}, nil},
		{"what is carried out is met", with("AttachmentsEnabled=0", "MaxAttachmentSize=1000", "MaxEmailAgeFilter=3", "MaxCalendarAgeFilter=4", "AllowHTMLEmail=0", "RequireDeviceEncryption=1", "RequireStorageCardEncryption=1"), nil},
		{"spaces around", with("AttachmentsEnabled= 0 ", "RequireManualSyncWhenRoaming= "), nil},
		{"a password is not", with("DevicePasswordEnabled=1", "MinDevicePasswordLength=4", "MaxInactivityTimeDeviceLock=900", "MaxEmailAgeFilter=3"),
			[]string{"DevicePasswordEnabled", "MinDevicePasswordLength", "MaxInactivityTimeDeviceLock", "MinDevicePasswordComplexCharacters"}},
		{"a lock that never comes", with("DevicePasswordEnabled=1", "MaxInactivityTimeDeviceLock=9999", "MinDevicePasswordComplexCharacters=0"), []string{"DevicePasswordEnabled"}},
		{"what only the machine could do", with("AllowCamera=0", "AllowBluetooth=1", "ApprovedApplicationList=aa"), []string{"AllowCamera", "AllowBluetooth", "ApprovedApplicationList"}},
		{"S/MIME", with("RequireSignedSMIMEMessages=1", "AllowSMIMESoftCerts=0", "AllowSMIMEEncryptionAlgorithmNegotiation=1"), []string{"RequireSignedSMIMEMessages", "AllowSMIMEEncryptionAlgorithmNegotiation", "AllowSMIMESoftCerts"}},
		{"texts cut", with("MaxEmailBodyTruncationSize=1024", "MaxEmailHTMLBodyTruncationSize=0"), []string{"MaxEmailBodyTruncationSize", "MaxEmailHTMLBodyTruncationSize"}},
		{"roaming", with("RequireManualSyncWhenRoaming=1"), []string{"RequireManualSyncWhenRoaming"}},
		{"the unknown is not met", with("RequireSomethingNew=1", "AllowOther=0", "AllowMore=1"), []string{"AllowOther", "RequireSomethingNew"}},
		{"values without sense are not met", with("MaxAttachmentSize=big", "MaxEmailAgeFilter=x", "MaxCalendarAgeFilter=2"), []string{"MaxAttachmentSize", "MaxCalendarAgeFilter", "MaxEmailAgeFilter"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := FromServer(tt.doc)
			want := 1
			if len(tt.unmet) > 0 {
				want = 2
			}
			if diff := cmp.Diff(tt.unmet, p.Unmet()); diff != "" || p.Acknowledgement() != want {
				t.Errorf("status %d, want %d: %s", p.Acknowledgement(), want, diff)
			}
		})
	}
}

func TestRules(t *testing.T) {
	p := FromServer(map[string]string{"AttachmentsEnabled": "0", "DevicePasswordEnabled": "1", "MaxInactivityTimeDeviceLock": "900", "AllowRemoteDesktop": "0", "AllowBluetooth": "1",
		"MaxAttachmentSize": "5242880", "MaxEmailAgeFilter": "4", "MaxEmailBodyTruncationSize": "0", "AllowSomethingElse": "0", "AllowCamera": "1", "RequireDeviceEncryption": "1"})
	want := []string{
		"-Password for this program: required", "-Lock when idle: after 900 seconds", "-Bluetooth: for hands-free sets only", "-Size of plain texts: no text at all", "-Remote desktop: not allowed",
		"-Something else: not allowed", "+Attachments: not allowed", "+Size of attachments: at most 5 MB", "+Encryption of the device: required", "+Period of mail: at most 2 weeks",
	}
	var got []string
	for _, r := range p.Rules() {
		sign := "-"
		if r.Met {
			sign = "+"
		}
		got = append(got, sign+r.Label+": "+r.Words)
		if r.How == "" || r.Value != p.doc[r.Name] {
			t.Errorf("%+v", r)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r := FromServer(nil).Rules(); r == nil || len(r) != 0 {
		t.Errorf("no document gives %v, which JSON must show as an empty list", r)
	}
}

// Every element of the document has words for whatever it may say, and never a
// claim without a reason.
func TestEveryElementHasWords(t *testing.T) {
	for name := range maps.Keys(exchangeDefault()) {
		if position(name) == len(elements) {
			t.Errorf("%s is not known", name)
		}
	}
	for _, e := range elements {
		for n := -1; n < 12; n++ {
			p := FromServer(map[string]string{"DevicePasswordEnabled": "1", e.name: strconv.Itoa(n)})
			for _, r := range p.Rules() {
				if r.Label == "" || r.Words == "" || r.How == "" {
					t.Errorf("%+v", r)
				}
				if r.Met == slices.Contains(p.Unmet(), r.Name) {
					t.Errorf("%s is met and unmet", r.Name)
				}
			}
		}
	}
}

func TestClamp(t *testing.T) {
	tests := []struct {
		name, value string
		class       activesync.Class
		wanted      activesync.Period
		want        activesync.Period
	}{
		{"MaxEmailAgeFilter", "4", activesync.ClassEmail, activesync.PeriodAll, activesync.Period2w},
		{"MaxEmailAgeFilter", "4", activesync.ClassEmail, activesync.Period1m, activesync.Period2w},
		{"MaxEmailAgeFilter", "4", activesync.ClassEmail, activesync.Period3d, activesync.Period3d},
		{"MaxEmailAgeFilter", "6", activesync.ClassEmail, activesync.PeriodAll, activesync.Period1m},
		{"MaxEmailAgeFilter", "0", activesync.ClassEmail, activesync.PeriodAll, activesync.PeriodAll},
		{"MaxEmailAgeFilter", "-3", activesync.ClassEmail, activesync.PeriodAll, activesync.PeriodAll},
		{"MaxEmailAgeFilter", "1", activesync.ClassCalendar, activesync.PeriodAll, activesync.PeriodAll},
		{"MaxEmailAgeFilter", "1", activesync.ClassContacts, activesync.PeriodAll, activesync.PeriodAll},
		{"MaxCalendarAgeFilter", "6", activesync.ClassCalendar, activesync.PeriodAll, activesync.Period3m},
		{"MaxCalendarAgeFilter", "6", activesync.ClassCalendar, activesync.Period2w, activesync.Period2w},
		{"MaxCalendarAgeFilter", "1", activesync.ClassCalendar, activesync.PeriodAll, activesync.Period2w},
		{"MaxCalendarAgeFilter", "99", activesync.ClassCalendar, activesync.PeriodAll, activesync.Period6m},
	}
	for _, tt := range tests {
		p := FromServer(map[string]string{tt.name: tt.value})
		if got := p.ClampPeriod(tt.class, tt.wanted); got != tt.want {
			t.Errorf("%s=%s: %s of %s becomes %s, want %s", tt.name, tt.value, tt.wanted, tt.class, got, tt.want)
		}
		if got := p.ClampFilter(tt.class, tt.wanted.FilterType()); got != tt.want.FilterType() {
			t.Errorf("%s=%s: FilterType %d", tt.name, tt.value, got)
		}
	}
	if got := FromServer(nil).ClampFilter(activesync.ClassEmail, 0); got != 0 {
		t.Errorf("no policy clamps to %d", got)
	}
}

func TestLimits(t *testing.T) {
	none := FromServer(nil)
	plain, html := none.BodyTruncation()
	if !none.AttachmentsAllowed() || none.MaxAttachmentSize() != 0 || !none.AllowHTML() || plain != -1 || html != -1 {
		t.Error("no document restricts something")
	}
	p := FromServer(map[string]string{"AttachmentsEnabled": "0 ", "MaxAttachmentSize": " 1000", "AllowHTMLEmail": "0", "MaxEmailBodyTruncationSize": "0", "MaxEmailHTMLBodyTruncationSize": "500"})
	plain, html = p.BodyTruncation()
	if p.AttachmentsAllowed() || p.MaxAttachmentSize() != 1000 || p.AllowHTML() || plain != 0 || html != 500 {
		t.Errorf("limits of %v are not read", p)
	}
	if FromServer(map[string]string{"MaxAttachmentSize": "0"}).AttachmentsAllowed() {
		t.Error("attachments of no size are allowed")
	}
	if got := FromServer(map[string]string{"MaxAttachmentSize": "-5"}).MaxAttachmentSize(); got != 0 {
		t.Errorf("size %d", got)
	}
}
