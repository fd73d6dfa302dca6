package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kind is what the value of an element means.
type kind uint8

const (
	other       kind = iota // not known: anything but 0 demands something
	requirement             // 1 demands it
	password                // a detail of the password, which passwordSwitch turns on
	permission              // 0 forbids it
	levels                  // 2 is free, less is not
	mailAge                 // FilterType of mail
	calendarAge             // FilterType of a calendar
	size                    // bytes
	truncation              // bytes, -1 is free
	list                    // any is a demand
	detail                  // of another element; demands nothing by itself
)

// passwordSwitch turns the demands on a password on (MS-ASPROV 2.2.2.17).
const passwordSwitch = "DevicePasswordEnabled"

// Periods as FilterTypes.
const (
	longestMail      = 5 // 1 month
	shortestCalendar = 4 // 2 weeks
	longestCalendar  = 7 // 6 months
)

// element is one policy.
type element struct {
	name  string
	kind  kind
	label string
}

// elements are those of MS-ASPROV 2.2.2.28, in its order.
var elements = [...]element{
	{passwordSwitch, requirement, "Password for this program"},
	{"AlphanumericDevicePasswordRequired", password, "Password with letters and digits"},
	{"PasswordRecoveryEnabled", detail, "Recovery of the password"}, // an offer
	{"RequireStorageCardEncryption", requirement, "Encryption on storage cards"},
	{"DeviceEncryptionEnabled", requirement, "Encryption on storage cards"}, // 12.0
	{"AttachmentsEnabled", permission, "Attachments"},
	{"MinDevicePasswordLength", password, "Length of the password"},
	{"MaxInactivityTimeDeviceLock", password, "Lock when idle"},
	{"MaxDevicePasswordFailedAttempts", password, "Wrong passwords before erasing"},
	{"MaxAttachmentSize", size, "Size of attachments"},
	{"AllowSimpleDevicePassword", password, "Simple passwords"},
	{"DevicePasswordExpiration", password, "Age of the password"},
	{"DevicePasswordHistory", password, "Earlier passwords not used again"},
	{"AllowStorageCard", permission, "Storage cards"},
	{"AllowCamera", permission, "Camera"},
	{"RequireDeviceEncryption", requirement, "Encryption of the device"},
	{"AllowUnsignedApplications", permission, "Unsigned programs"},
	{"AllowUnsignedInstallationPackages", permission, "Unsigned packages"},
	{"MinDevicePasswordComplexCharacters", password, "Kinds of characters in the password"},
	{"AllowWiFi", permission, "Wi-Fi"},
	{"AllowTextMessaging", permission, "Text messages"},
	{"AllowPOPIMAPEmail", permission, "POP and IMAP mail"},
	{"AllowBluetooth", levels, "Bluetooth"},
	{"AllowIrDA", permission, "Infrared"},
	{"RequireManualSyncWhenRoaming", requirement, "Checking by hand when roaming"},
	{"AllowDesktopSync", permission, "Synchronisation with a desktop"},
	{"MaxCalendarAgeFilter", calendarAge, "Period of the calendar"},
	{"AllowHTMLEmail", permission, "HTML mail"},
	{"MaxEmailAgeFilter", mailAge, "Period of mail"},
	{"MaxEmailBodyTruncationSize", truncation, "Size of plain texts"},
	{"MaxEmailHTMLBodyTruncationSize", truncation, "Size of HTML texts"},
	{"RequireSignedSMIMEMessages", requirement, "Signed mail (S/MIME)"},
	{"RequireEncryptedSMIMEMessages", requirement, "Encrypted mail (S/MIME)"},
	{"RequireSignedSMIMEAlgorithm", detail, "Algorithm of signatures"},
	{"RequireEncryptionSMIMEAlgorithm", detail, "Cipher of encrypted mail"},
	{"AllowSMIMEEncryptionAlgorithmNegotiation", levels, "Choice of the S/MIME cipher"},
	{"AllowSMIMESoftCerts", permission, "S/MIME certificates in files"},
	{"AllowBrowser", permission, "Browser"},
	{"AllowConsumerEmail", permission, "Private mail accounts"},
	{"AllowRemoteDesktop", permission, "Remote desktop"},
	{"AllowInternetSharing", permission, "Sharing the network"},
	{"UnapprovedInROMApplicationList", list, "Programs that may not run"},
	{"ApprovedApplicationList", list, "Programs that may run"},
}

// position is the place of an element in the document; unknown ones are last.
func position(name string) int {
	if i := slices.IndexFunc(elements[:], func(e element) bool { return e.name == name }); i >= 0 {
		return i
	}
	return len(elements)
}

func elementOf(name string) element {
	if i := position(name); i < len(elements) {
		return elements[i]
	}
	return element{name: name, label: unknownLabel(name)}
}

// unknownLabel makes words of a name: RequireSomethingNew is "Something new".
func unknownLabel(name string) string {
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

// demands reports whether a value restricts anything: a permission and a
// requirement that is off do not.
func (e element) demands(value string) bool {
	switch e.kind {
	case detail:
		return false
	case permission:
		return value == "0"
	case levels:
		return value != "2"
	case truncation:
		return value != "-1"
	case size, list:
		return true
	}
	switch e.name {
	case "AllowSimpleDevicePassword":
		return value == "0"
	case "MaxInactivityTimeDeviceLock": // MS-ASPROV 2.2.2.35
		n, err := strconv.Atoi(value)
		return err != nil || n > 0 && n < 9999
	}
	if e.kind == other && strings.HasPrefix(e.name, "Allow") {
		return value == "0"
	}
	return value != "0"
}

// met reports whether this program carries out the demand. What it happens not
// to do anyway, such as using the camera, does not count: nothing here keeps
// the machine from it.
func (e element) met(value string) bool {
	n, err := strconv.ParseInt(value, 10, 64)
	switch e.name {
	case "AttachmentsEnabled", "AllowHTMLEmail", "RequireStorageCardEncryption", "DeviceEncryptionEnabled", "RequireDeviceEncryption":
		return true
	case "MaxAttachmentSize":
		return err == nil && n >= 0
	case "MaxEmailAgeFilter":
		return err == nil && n > 0
	case "MaxCalendarAgeFilter": // shorter periods cannot be asked for
		return err == nil && n >= shortestCalendar
	}
	return false
}

// how tells what is done for a demand, or why it is not met.
func (e element) how(met bool) string {
	if met {
		switch e.kind {
		case requirement:
			return "everything this program keeps is sealed; other files of this machine are not its concern"
		case size:
			return "larger attachments are not fetched"
		case mailAge, calendarAge:
			return "nothing older is asked for"
		}
		if e.name == "AllowHTMLEmail" {
			return "only plain texts are asked for"
		}
		return "attachments are not fetched"
	}
	switch {
	case e.name == "MaxInactivityTimeDeviceLock":
		return "the screens lock and ask for the password of the account; commands and the rest of this machine do not"
	case e.name == passwordSwitch:
		return "only screens that nobody used ask for one"
	case e.kind == password:
		return "this program has no password of its own"
	case e.name == "AllowSMIMESoftCerts":
		return "keys in files that the person names open mail all the same"
	case strings.Contains(e.name, "SMIME"):
		return "this program reads signed and encrypted mail (S/MIME), and sends neither"
	case e.kind == permission, e.kind == levels, e.kind == list:
		return "this program cannot keep the machine from it"
	case e.kind == truncation:
		return "texts are kept whole"
	case e.kind == mailAge, e.kind == calendarAge, e.kind == size:
		return "the value makes no sense"
	case e.kind == requirement:
		return "this program cannot tell when that is"
	}
	return "this program does not know it"
}

// words is what an element demands.
func (e element) words(value string) string {
	number := func(format string) string {
		if _, err := strconv.Atoi(value); err != nil {
			return value
		}
		return fmt.Sprintf(format, value)
	}
	switch e.kind {
	case permission:
		return "not allowed"
	case requirement:
		return "required"
	case list:
		return "a list of the organisation"
	case mailAge:
		return ageWords(value, map[string]string{"1": "1 day", "2": "3 days", "3": "1 week", "4": "2 weeks", "5": "1 month"})
	case calendarAge:
		return ageWords(value, map[string]string{"4": "2 weeks", "5": "1 month", "6": "3 months", "7": "6 months"})
	case size, truncation:
		return sizeWords(value, e.kind)
	}
	switch e.name {
	case "AlphanumericDevicePasswordRequired":
		return "required"
	case "AllowSimpleDevicePassword":
		return "not allowed"
	case "AllowBluetooth":
		if value == "1" {
			return "for hands-free sets only"
		}
	case "AllowSMIMEEncryptionAlgorithmNegotiation":
		if value == "1" {
			return "strong ones only"
		}
	case "MinDevicePasswordLength":
		return number("at least %s characters")
	case "MinDevicePasswordComplexCharacters":
		return number("at least %s")
	case "MaxInactivityTimeDeviceLock":
		return number("after %s seconds")
	case "DevicePasswordExpiration":
		return number("at most %s days")
	case "MaxDevicePasswordFailedAttempts":
		return number("at most %s")
	case "DevicePasswordHistory":
		return number("the last %s")
	}
	switch value {
	case "0":
		return "not allowed"
	case "1":
		return "required"
	}
	return value
}

func ageWords(value string, known map[string]string) string {
	if w, ok := known[value]; ok {
		return "at most " + w
	}
	return value
}

func sizeWords(value string, k kind) string {
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil || n < 0:
		return value
	case n == 0 && k == truncation:
		return "no text at all"
	case n == 0:
		return "not allowed"
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("at most %d MB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("at most %d KB", n>>10)
	}
	return fmt.Sprintf("at most %d bytes", n)
}
