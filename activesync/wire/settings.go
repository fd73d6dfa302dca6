package wire

import "eas.example/securemail/activesync/wbxml"

// DeviceInformation is what the server is told of this installation
// (MS-ASCMD 2.2.3.45). Each value has at most 1024 characters.
type DeviceInformation struct {
	Model             string `wbxml:"Settings:Model,omitempty"`
	IMEI              string `wbxml:"Settings:IMEI,omitempty"`
	FriendlyName      string `wbxml:"Settings:FriendlyName,omitempty"`
	OS                string `wbxml:"Settings:OS,omitempty"`
	OSLanguage        string `wbxml:"Settings:OSLanguage,omitempty"`
	PhoneNumber       string `wbxml:"Settings:PhoneNumber,omitempty"`
	UserAgent         string `wbxml:"Settings:UserAgent,omitempty"`
	EnableOutboundSMS string `wbxml:"Settings:EnableOutboundSMS,omitempty"`
	MobileOperator    string `wbxml:"Settings:MobileOperator,omitempty"`
}

// DeviceInformationSet is the request form of DeviceInformation.
type DeviceInformationSet struct {
	Set DeviceInformation `wbxml:"Settings:Set"`
}

// SettingsRequest reads and writes settings (MS-ASCMD 2.2.1.18). Children stand
// in this order.
type SettingsRequest struct {
	_                 wbxml.Root              `wbxml:"Settings:Settings"`
	RightsManagement  *RightsManagementAsking `wbxml:"Settings:RightsManagementInformation"` // 14.1 on
	Oof               *OofSettings            `wbxml:"Settings:Oof"`
	DevicePassword    *DevicePasswordSettings `wbxml:"Settings:DevicePassword"`
	DeviceInformation *DeviceInformationSet   `wbxml:"Settings:DeviceInformation"`
	UserInformation   *UserInformationAsking  `wbxml:"Settings:UserInformation"`
}

// UserInformationAsking asks for the addresses of the user.
type UserInformationAsking struct {
	Get bool `wbxml:"Settings:Get,empty"`
}

// NewDeviceInformation tells a server below 14.1 what this installation is;
// from 14.1 on Provision does.
func NewDeviceInformation(d DeviceInformation) *SettingsRequest {
	return &SettingsRequest{DeviceInformation: &DeviceInformationSet{Set: d}}
}

// NewUserInformation asks for the addresses of the user.
func NewUserInformation() *SettingsRequest {
	return &SettingsRequest{UserInformation: &UserInformationAsking{Get: true}}
}

// SettingsResponse answers a SettingsRequest.
type SettingsResponse struct {
	_                 wbxml.Root                   `wbxml:"Settings:Settings"`
	Status            int                          `wbxml:"Settings:Status"`
	RightsManagement  *RightsManagementInformation `wbxml:"Settings:RightsManagementInformation"`
	Oof               *OofAnswer                   `wbxml:"Settings:Oof"`
	DevicePassword    *SettingsStatus              `wbxml:"Settings:DevicePassword"`
	DeviceInformation *SettingsStatus              `wbxml:"Settings:DeviceInformation"`
	UserInformation   *UserInformation             `wbxml:"Settings:UserInformation"`
}

// RightsManagementAsking asks for the templates by which mail can be protected
// (MS-ASRM 2.2.2.17).
type RightsManagementAsking struct {
	Get bool `wbxml:"Settings:Get,empty"`
}

// RightsManagementInformation is the answer on the templates.
type RightsManagementInformation struct {
	Status int                    `wbxml:"Settings:Status"`
	Get    *RightsManagementGiven `wbxml:"Settings:Get"`
}

// RightsManagementGiven holds the templates, 20 at most.
type RightsManagementGiven struct {
	Templates []RightsTemplate `wbxml:"RightsManagement:RightsManagementTemplates>RightsManagement:RightsManagementTemplate"`
}

// RightsTemplate is one way to protect mail.
type RightsTemplate struct {
	ID          string `wbxml:"RightsManagement:TemplateID"`
	Name        string `wbxml:"RightsManagement:TemplateName,omitempty"`
	Description string `wbxml:"RightsManagement:TemplateDescription,omitempty"`
}

// SettingsStatus says whether what was written was taken.
type SettingsStatus struct {
	Status int `wbxml:"Settings:Status"`
}

// UserInformation is the answer on the user's addresses.
type UserInformation struct {
	Status int                   `wbxml:"Settings:Status"`
	Get    *UserInformationGiven `wbxml:"Settings:Get"`
}

// UserInformationGiven has EmailAddresses up to 14.0 and Accounts from 14.1 on.
type UserInformationGiven struct {
	Accounts       []UserAccount   `wbxml:"Settings:Accounts>Settings:Account,omitempty"`
	EmailAddresses *EmailAddresses `wbxml:"Settings:EmailAddresses"`
}

// UserAccount is an account of the user; the primary one has no AccountID.
type UserAccount struct {
	AccountID       string          `wbxml:"Settings:AccountId,omitempty"`
	AccountName     string          `wbxml:"Settings:AccountName,omitempty"`
	UserDisplayName string          `wbxml:"Settings:UserDisplayName,omitempty"`
	SendDisabled    bool            `wbxml:"Settings:SendDisabled,omitempty"`
	EmailAddresses  *EmailAddresses `wbxml:"Settings:EmailAddresses"`
}

// EmailAddresses of an account.
type EmailAddresses struct {
	SMTPAddresses      []string `wbxml:"Settings:SMTPAddress"`
	PrimarySMTPAddress string   `wbxml:"Settings:PrimarySmtpAddress,omitempty"`
}

// Addresses are all addresses of the answer, the primary one first.
func (r *SettingsResponse) Addresses() []string {
	if r.UserInformation == nil || r.UserInformation.Get == nil {
		return nil
	}
	var out []string
	seen := map[string]bool{"": true}
	add := func(e *EmailAddresses) {
		if e == nil {
			return
		}
		for _, a := range append([]string{e.PrimarySMTPAddress}, e.SMTPAddresses...) {
			if !seen[a] {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	for _, a := range r.UserInformation.Get.Accounts {
		add(a.EmailAddresses)
	}
	add(r.UserInformation.Get.EmailAddresses)
	return out
}
