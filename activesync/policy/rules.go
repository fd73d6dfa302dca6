package policy

import (
	"strconv"
	"strings"
)

// demands reports whether an element restricts anything at all: an empty one,
// a permission, and a requirement that is off do not.
func demands(name, value string) bool {
	value = strings.TrimSpace(value)
	if value == "" {
		return false
	}
	switch name {
	case "PasswordRecoveryEnabled", "RequireSignedSMIMEAlgorithm", "RequireEncryptionSMIMEAlgorithm":
		return false // an offer, and details of demands of their own
	case "AllowBluetooth", "AllowSMIMEEncryptionAlgorithmNegotiation":
		return value != "2"
	case "MaxEmailBodyTruncationSize", "MaxEmailHTMLBodyTruncationSize":
		return value != "-1"
	case "MaxInactivityTimeDeviceLock":
		n, err := strconv.Atoi(value)
		return err != nil || n > 0 && n < 9999
	case "ApprovedApplicationList", "UnapprovedInROMApplicationList":
		return true
	}
	if strings.HasPrefix(name, "Allow") || name == "AttachmentsEnabled" {
		return value == "0"
	}
	return value != "0"
}

// met reports whether this program carries out the element, whatever its value.
func met(name string) bool {
	switch name {
	case "AttachmentsEnabled", "MaxAttachmentSize", "AllowHTMLEmail", "MaxEmailAgeFilter", "MaxCalendarAgeFilter":
		return true
	case "RequireStorageCardEncryption", "RequireDeviceEncryption":
		return true // all that is kept here is sealed
	case "AllowUnsignedApplications", "AllowUnsignedInstallationPackages", "AllowTextMessaging", "AllowCamera", "AllowIrDA",
		"AllowInternetSharing", "AllowDesktopSync", "AllowStorageCard", "AllowPOPIMAPEmail", "AllowConsumerEmail":
		return false // true of this program, but nothing here keeps the machine from it
	}
	return false
}

var labels = map[string]string{
	"DevicePasswordEnabled":                    "Password for this program",
	"AlphanumericDevicePasswordRequired":       "Password with letters and digits",
	"RequireStorageCardEncryption":             "Encryption of what is kept",
	"RequireDeviceEncryption":                  "Encryption of what is kept on the device",
	"AttachmentsEnabled":                       "Attachments",
	"MinDevicePasswordLength":                  "Length of the password",
	"MaxInactivityTimeDeviceLock":              "Lock when idle",
	"MaxDevicePasswordFailedAttempts":          "Wrong passwords before erasing",
	"MaxAttachmentSize":                        "Size of attachments",
	"AllowSimpleDevicePassword":                "Simple passwords",
	"DevicePasswordExpiration":                 "Age of the password",
	"DevicePasswordHistory":                    "Passwords not used again",
	"MinDevicePasswordComplexCharacters":       "Kinds of characters in the password",
	"RequireManualSyncWhenRoaming":             "Checking by hand when roaming",
	"MaxCalendarAgeFilter":                     "Period of the calendar",
	"AllowHTMLEmail":                           "HTML mail",
	"MaxEmailAgeFilter":                        "Period of mail",
	"MaxEmailBodyTruncationSize":               "Size of plain texts",
	"MaxEmailHTMLBodyTruncationSize":           "Size of HTML texts",
	"RequireSignedSMIMEMessages":               "Signed mail (S/MIME)",
	"RequireEncryptedSMIMEMessages":            "Encrypted mail (S/MIME)",
	"AllowSMIMEEncryptionAlgorithmNegotiation": "Choice of the S/MIME cipher",
	"AllowSMIMESoftCerts":                      "S/MIME certificates in files",
	"UnapprovedInROMApplicationList":           "Programs that may not run",
	"ApprovedApplicationList":                  "Programs that may run",
	"AllowWiFi":                                "Wi-Fi", "AllowIrDA": "Infrared", "AllowCamera": "Camera", "AllowBluetooth": "Bluetooth",
	"AllowPOPIMAPEmail": "POP and IMAP mail", "AllowStorageCard": "Storage cards",
}

// label is what an element is about, in words.
func label(name string) string {
	if l, ok := labels[name]; ok {
		return l
	}
	// AllowRemoteDesktop becomes "Remote desktop".
	name = strings.TrimPrefix(strings.TrimPrefix(name, "Allow"), "Require")
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

var (
	mailPeriods     = map[string]string{"1": "1 day", "2": "3 days", "3": "1 week", "4": "2 weeks", "5": "1 month"}
	calendarPeriods = map[string]string{"4": "2 weeks", "5": "1 month", "6": "3 months", "7": "6 months"}
)

// words is what an element demands.
func words(name, value string) string {
	switch name {
	case "MaxEmailAgeFilter":
		if w, ok := mailPeriods[value]; ok {
			return "at most " + w
		}
	case "MaxCalendarAgeFilter":
		if w, ok := calendarPeriods[value]; ok {
			return "at most " + w
		}
	case "MaxAttachmentSize", "MaxEmailBodyTruncationSize", "MaxEmailHTMLBodyTruncationSize":
		return "at most " + value + " bytes"
	case "MinDevicePasswordLength", "MinDevicePasswordComplexCharacters":
		return "at least " + value
	case "MaxInactivityTimeDeviceLock":
		return "after " + value + " seconds"
	case "DevicePasswordExpiration":
		return "at most " + value + " days"
	case "MaxDevicePasswordFailedAttempts", "DevicePasswordHistory":
		return value
	case "ApprovedApplicationList", "UnapprovedInROMApplicationList":
		return "a list"
	}
	if value == "0" {
		return "not allowed"
	}
	return "required"
}
