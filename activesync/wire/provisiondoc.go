package wire

import (
	"reflect"
	"strings"
)

// ProvisionDoc holds the policies in the order of MS-ASPROV 2.2.2.28. Values
// are kept as text, as received; an absent one is no restriction.
type ProvisionDoc struct {
	DevicePasswordEnabled                    *string `wbxml:"Provision:DevicePasswordEnabled"`
	AlphanumericDevicePasswordRequired       *string `wbxml:"Provision:AlphanumericDevicePasswordRequired"`
	PasswordRecoveryEnabled                  *string `wbxml:"Provision:PasswordRecoveryEnabled"`
	RequireStorageCardEncryption             *string `wbxml:"Provision:RequireStorageCardEncryption"`
	AttachmentsEnabled                       *string `wbxml:"Provision:AttachmentsEnabled"`
	MinDevicePasswordLength                  *string `wbxml:"Provision:MinDevicePasswordLength"`
	MaxInactivityTimeDeviceLock              *string `wbxml:"Provision:MaxInactivityTimeDeviceLock"`
	MaxDevicePasswordFailedAttempts          *string `wbxml:"Provision:MaxDevicePasswordFailedAttempts"`
	MaxAttachmentSize                        *string `wbxml:"Provision:MaxAttachmentSize"`
	AllowSimpleDevicePassword                *string `wbxml:"Provision:AllowSimpleDevicePassword"`
	DevicePasswordExpiration                 *string `wbxml:"Provision:DevicePasswordExpiration"`
	DevicePasswordHistory                    *string `wbxml:"Provision:DevicePasswordHistory"`
	AllowStorageCard                         *string `wbxml:"Provision:AllowStorageCard"`
	AllowCamera                              *string `wbxml:"Provision:AllowCamera"`
	RequireDeviceEncryption                  *string `wbxml:"Provision:RequireDeviceEncryption"`
	AllowUnsignedApplications                *string `wbxml:"Provision:AllowUnsignedApplications"`
	AllowUnsignedInstallationPackages        *string `wbxml:"Provision:AllowUnsignedInstallationPackages"`
	MinDevicePasswordComplexCharacters       *string `wbxml:"Provision:MinDevicePasswordComplexCharacters"`
	AllowWiFi                                *string `wbxml:"Provision:AllowWiFi"`
	AllowTextMessaging                       *string `wbxml:"Provision:AllowTextMessaging"`
	AllowPOPIMAPEmail                        *string `wbxml:"Provision:AllowPOPIMAPEmail"`
	AllowBluetooth                           *string `wbxml:"Provision:AllowBluetooth"`
	AllowIrDA                                *string `wbxml:"Provision:AllowIrDA"`
	RequireManualSyncWhenRoaming             *string `wbxml:"Provision:RequireManualSyncWhenRoaming"`
	AllowDesktopSync                         *string `wbxml:"Provision:AllowDesktopSync"`
	MaxCalendarAgeFilter                     *string `wbxml:"Provision:MaxCalendarAgeFilter"`
	AllowHTMLEmail                           *string `wbxml:"Provision:AllowHTMLEmail"`
	MaxEmailAgeFilter                        *string `wbxml:"Provision:MaxEmailAgeFilter"`
	MaxEmailBodyTruncationSize               *string `wbxml:"Provision:MaxEmailBodyTruncationSize"`
	MaxEmailHTMLBodyTruncationSize           *string `wbxml:"Provision:MaxEmailHTMLBodyTruncationSize"`
	RequireSignedSMIMEMessages               *string `wbxml:"Provision:RequireSignedSMIMEMessages"`
	RequireEncryptedSMIMEMessages            *string `wbxml:"Provision:RequireEncryptedSMIMEMessages"`
	RequireSignedSMIMEAlgorithm              *string `wbxml:"Provision:RequireSignedSMIMEAlgorithm"`
	RequireEncryptionSMIMEAlgorithm          *string `wbxml:"Provision:RequireEncryptionSMIMEAlgorithm"`
	AllowSMIMEEncryptionAlgorithmNegotiation *string `wbxml:"Provision:AllowSMIMEEncryptionAlgorithmNegotiation"`
	AllowSMIMESoftCerts                      *string `wbxml:"Provision:AllowSMIMESoftCerts"`
	AllowBrowser                             *string `wbxml:"Provision:AllowBrowser"`
	AllowConsumerEmail                       *string `wbxml:"Provision:AllowConsumerEmail"`
	AllowRemoteDesktop                       *string `wbxml:"Provision:AllowRemoteDesktop"`
	AllowInternetSharing                     *string `wbxml:"Provision:AllowInternetSharing"`
	// The two lists of programs: names, and hashes of programs.
	UnapprovedInROMApplicationList *ApplicationNames  `wbxml:"Provision:UnapprovedInROMApplicationList"`
	ApprovedApplicationList        *ApplicationHashes `wbxml:"Provision:ApprovedApplicationList"`
}

// ApplicationNames is a list of programs that may not run.
type ApplicationNames struct {
	Names []string `wbxml:"Provision:ApplicationName"`
}

// ApplicationHashes is a list of programs that may run.
type ApplicationHashes struct {
	Hashes []string `wbxml:"Provision:Hash"`
}

// Entry is one policy by its element name.
type Entry struct{ Name, Value string }

// Entries are the policies that are present, in the order of the document.
// Lists are joined by line feeds.
func (d *ProvisionDoc) Entries() []Entry {
	var out []Entry
	v := reflect.ValueOf(d).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch f := v.Field(i).Interface().(type) {
		case *string:
			if f != nil {
				out = append(out, Entry{name, *f})
			}
		case *ApplicationNames:
			if f != nil {
				out = append(out, Entry{name, strings.Join(f.Names, "\n")})
			}
		case *ApplicationHashes:
			if f != nil {
				out = append(out, Entry{name, strings.Join(f.Hashes, "\n")})
			}
		}
	}
	return out
}

// Map is the document as element name to value.
func (d *ProvisionDoc) Map() map[string]string {
	out := map[string]string{}
	for _, e := range d.Entries() {
		out[e.Name] = e.Value
	}
	return out
}

// NewProvisionDoc is the document with the given policies; names that are no
// policies are left out.
func NewProvisionDoc(policies map[string]string) *ProvisionDoc {
	d := &ProvisionDoc{}
	v := reflect.ValueOf(d).Elem()
	for i := range v.NumField() {
		value, ok := policies[v.Type().Field(i).Name]
		if !ok {
			continue
		}
		switch f := v.Field(i).Addr().Interface().(type) {
		case **string:
			*f = &value
		case **ApplicationNames:
			*f = &ApplicationNames{Names: strings.Split(value, "\n")}
		case **ApplicationHashes:
			*f = &ApplicationHashes{Hashes: strings.Split(value, "\n")}
		}
	}
	return d
}
