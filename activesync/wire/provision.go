package wire

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// PolicyType is the form of the policies from 12.0 on (MS-ASPROV 2.2.2.43).
const PolicyType = "MS-EAS-Provisioning-WBXML"

// The Status values with which a client acknowledges policies or a wipe
// (MS-ASPROV 2.2.2.54.2).
const (
	PolicyApplied    = 1
	PolicyPartly     = 2
	PolicyNotApplied = 3
	PolicyExternal   = 4
	WipeDone         = 1
	WipeFailed       = 2
)

// ProvisionRequest asks for the policies, acknowledges them or acknowledges a
// wipe (MS-ASPROV 2.2.2.44). DeviceInformation is mandatory from 14.1 on in the
// first phase and unknown before.
type ProvisionRequest struct {
	_                     wbxml.Root            `wbxml:"Provision:Provision"`
	DeviceInformation     *DeviceInformationSet `wbxml:"Settings:DeviceInformation"`
	Policies              *PolicyRequests       `wbxml:"Provision:Policies"`
	RemoteWipe            *WipeStatus           `wbxml:"Provision:RemoteWipe"`
	AccountOnlyRemoteWipe *WipeStatus           `wbxml:"Provision:AccountOnlyRemoteWipe"` // 16.1
}

// PolicyRequests holds the one Policy of a request.
type PolicyRequests struct {
	Policy PolicyRequest `wbxml:"Provision:Policy"`
}

// PolicyRequest is the policy asked for, or acknowledged with Key and Status.
type PolicyRequest struct {
	PolicyType string               `wbxml:"Provision:PolicyType"`
	Key        activesync.PolicyKey `wbxml:"Provision:PolicyKey,omitempty"`
	Status     int                  `wbxml:"Provision:Status,omitempty"`
}

// WipeStatus is the outcome of a wipe in a request; in an answer it is empty.
type WipeStatus struct {
	Status int `wbxml:"Provision:Status,omitempty"`
}

// NewProvisionRequest is the first phase: it asks for the policies.
func NewProvisionRequest(v activesync.Version, d DeviceInformation) *ProvisionRequest {
	r := &ProvisionRequest{Policies: &PolicyRequests{PolicyRequest{PolicyType: PolicyType}}}
	if v >= activesync.V141 {
		r.DeviceInformation = &DeviceInformationSet{Set: d}
	}
	return r
}

// AcknowledgeProvision is the second phase: key is the temporary key of the
// first, status one of PolicyApplied, PolicyPartly, PolicyNotApplied.
func AcknowledgeProvision(_ activesync.Version, key activesync.PolicyKey, status int) *ProvisionRequest {
	return &ProvisionRequest{Policies: &PolicyRequests{PolicyRequest{PolicyType: PolicyType, Key: key, Status: status}}}
}

// AcknowledgeWipe tells the server how the wipe that answer asked for ended
// (MS-ASPROV 3.1.5.1.2.2).
func AcknowledgeWipe(answer *ProvisionResponse, status int) *ProvisionRequest {
	w := &WipeStatus{Status: status}
	if answer.AccountOnlyRemoteWipe != nil {
		return &ProvisionRequest{AccountOnlyRemoteWipe: w}
	}
	return &ProvisionRequest{RemoteWipe: w}
}

// ProvisionResponse answers both phases. Some servers leave Status out.
type ProvisionResponse struct {
	_                     wbxml.Root      `wbxml:"Provision:Provision"`
	DeviceInformation     *SettingsStatus `wbxml:"Settings:DeviceInformation"`
	Status                int             `wbxml:"Provision:Status,omitempty"`
	Policies              *PolicyAnswers  `wbxml:"Provision:Policies"`
	RemoteWipe            *WipeStatus     `wbxml:"Provision:RemoteWipe"`
	AccountOnlyRemoteWipe *WipeStatus     `wbxml:"Provision:AccountOnlyRemoteWipe"`
}

// PolicyAnswers holds the policies of an answer; there is one.
type PolicyAnswers struct {
	Policies []PolicyAnswer `wbxml:"Provision:Policy"`
}

// PolicyAnswer is a policy as the server gives it. Status 2 says that there is
// none for this user. Key is temporary in the first phase, final in the second.
type PolicyAnswer struct {
	PolicyType string               `wbxml:"Provision:PolicyType,omitempty"`
	Status     int                  `wbxml:"Provision:Status"`
	Key        activesync.PolicyKey `wbxml:"Provision:PolicyKey,omitempty"`
	Data       *PolicyData          `wbxml:"Provision:Data"`
}

// PolicyData holds the document with the policies.
type PolicyData struct {
	Document ProvisionDoc `wbxml:"Provision:EASProvisionDoc"`
}

// Wipe reports whether the server asks to erase the data of this account.
func (r *ProvisionResponse) Wipe() bool {
	return r.RemoteWipe != nil || r.AccountOnlyRemoteWipe != nil
}

// Policy is the policy of the answer, empty where there is none.
func (r *ProvisionResponse) Policy() PolicyAnswer {
	if r.Policies == nil || len(r.Policies.Policies) == 0 {
		return PolicyAnswer{}
	}
	return r.Policies.Policies[0]
}

// Doc is the document as received, element name to value; nil where the answer
// has none. An absent or empty element is no restriction (MS-ASPROV 2.2.2.28).
func (p PolicyAnswer) Doc() map[string]string {
	if p.Data == nil {
		return nil
	}
	return p.Data.Document.Map()
}
