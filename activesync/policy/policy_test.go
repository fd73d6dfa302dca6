package policy

import (
	"slices"
	"testing"

	"eas.example/securemail/activesync"
)

func TestAcknowledgementIsTruthful(t *testing.T) {
	tests := []struct {
		name  string
		doc   map[string]string
		want  int
		unmet []string
	}{
		{"no document", nil, 1, nil},
		{"permissions demand nothing", map[string]string{"AllowCamera": "1", "AttachmentsEnabled": "1", "AllowBluetooth": "2", "DevicePasswordEnabled": "0",
			"MaxInactivityTimeDeviceLock": "9999", "MaxEmailBodyTruncationSize": "-1", "MinDevicePasswordLength": ""}, 1, nil},
		{"what is carried out is met", map[string]string{"AttachmentsEnabled": "0", "MaxAttachmentSize": "1000", "MaxEmailAgeFilter": "3", "RequireDeviceEncryption": "1"}, 1, nil},
		{"a password is not", map[string]string{"DevicePasswordEnabled": "1", "MinDevicePasswordLength": "4", "MaxEmailAgeFilter": "3"}, 2,
			[]string{"DevicePasswordEnabled", "MinDevicePasswordLength"}},
		{"the unknown is not", map[string]string{"RequireSomethingNew": "1"}, 2, []string{"RequireSomethingNew"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := FromServer(tt.doc)
			if got := p.Acknowledgement(); got != tt.want || !slices.Equal(p.Unmet(), tt.unmet) {
				t.Errorf("status %d, unmet %v; want %d, %v", got, p.Unmet(), tt.want, tt.unmet)
			}
		})
	}
}

func TestClampFilter(t *testing.T) {
	p := FromServer(map[string]string{"MaxEmailAgeFilter": "4", "MaxCalendarAgeFilter": "6"})
	tests := []struct {
		class  activesync.Class
		filter int
		want   int
	}{
		{activesync.ClassEmail, 0, 4}, {activesync.ClassEmail, 5, 4}, {activesync.ClassEmail, 2, 2},
		{activesync.ClassCalendar, 0, 6}, {activesync.ClassCalendar, 4, 4}, {activesync.ClassContacts, 0, 0},
	}
	for _, tt := range tests {
		if got := p.ClampFilter(tt.class, tt.filter); got != tt.want {
			t.Errorf("%s filter %d becomes %d, want %d", tt.class, tt.filter, got, tt.want)
		}
	}
	if got := FromServer(nil).ClampFilter(activesync.ClassEmail, 0); got != 0 {
		t.Errorf("no policy clamps to %d", got)
	}
}

func TestRulesPutTheUnmetFirst(t *testing.T) {
	rules := FromServer(map[string]string{"AttachmentsEnabled": "0", "DevicePasswordEnabled": "1", "AllowRemoteDesktop": "0"}).Rules()
	if len(rules) != 3 || rules[0].Met || rules[1].Met || !rules[2].Met || rules[2].Words != "not allowed" {
		t.Errorf("rules = %+v", rules)
	}
}
