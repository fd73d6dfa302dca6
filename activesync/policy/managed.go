package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// Names of the managed policies, as the file has them.
const (
	ExportContacts    = "export_contacts"
	ContactFields     = "contact_fields_to_export"
	OverrideCheck     = "override_native_contacts_check"
	LockedScreen      = "control_locked_screen_notifications"
	DefaultInterval   = "default_sync_interval"
	MaxInterval       = "max_sync_interval"
	SearchLimit       = "mail_search_limit"
	AllowedServers    = "allowed_servers"
	BackgroundRefresh = "background_refresh_allowed"
	Attachments       = "attachments"
	InternalDomains   = "internal_domains"
	PhishingAddresses = "report_phishing_addresses"
	OpenIn            = "open_in"
)

// Values of policies that have more than on and off.
const (
	On  = "on"
	Off = "off"

	FieldsAll            = "all"
	FieldsNamePhone      = "name and phone"
	FieldsNamePhoneEmail = "name, phone and email"

	LockedAllow  = "allow"
	LockedSender = "sender or title"
	LockedCount  = "count only"
	LockedBlock  = "block"
)

// managed is one managed policy.
type managed struct {
	name  string
	label string
	words []string // the values it may have; nil where it is a list of texts
	// free holds where no file says anything, unnamed where one exists and does
	// not name it, locked where the file cannot be read. A list is free when it
	// is empty. The locked intervals are free because then no server is spoken to.
	free, unnamed, locked string
	forbids               string // the value that takes a feature away, "" for none
	enforced              bool
	how                   string
}

var onOff = []string{On, Off}

const all = string(activesync.PeriodAll)

var periods = []string{string(activesync.Period1d), string(activesync.Period3d), string(activesync.Period1w), string(activesync.Period2w),
	string(activesync.Period1m), string(activesync.PeriodAll)}

// policies are all managed policies, in the order in which they are listed.
var policies = [...]managed{
	{ExportContacts, "Export contacts", onOff, On, Off, Off, Off, true, "off takes away Sync with Local Contacts, export and sharing"},
	{ContactFields, "Contact fields to export", []string{FieldsAll, FieldsNamePhone, FieldsNamePhoneEmail}, FieldsAll, FieldsAll, FieldsNamePhone, "", true,
		"other fields stay out of address books and vCards"},
	{OverrideCheck, "Override native contacts check", onOff, On, On, Off, "", true,
		"off refuses Sync with Local Contacts while another program syncs an Exchange account"},
	{LockedScreen, "Control locked screen notifications", []string{LockedAllow, LockedSender, LockedCount, LockedBlock}, LockedAllow, LockedAllow, LockedBlock, "", true,
		"notifications tell no more than this, on a locked screen or not"},
	{DefaultInterval, "Default sync interval", periods, all, all, all, "", true,
		"the period that a mailbox starts with"},
	{MaxInterval, "Max sync interval", periods, all, all, all, "", true, "mail that is older is not asked for"},
	{SearchLimit, "Mail search limit", periods, all, all, all, "", true, "searches on the server look no further back"},
	{AllowedServers, "Allowed servers", nil, "", "", "", "", true, "a server that a list does not name is not spoken to"},
	{BackgroundRefresh, "Background refresh allowed", onOff, On, On, Off, Off, true, "off means that nothing is received while no screen is attached"},
	{Attachments, "Attachments", onOff, On, On, Off, Off, true, "off means that attachments are not fetched"},
	{InternalDomains, "Internal domains", nil, "", "", "", "", true, "screens ask before a message goes to any other, commands do not"},
	{OpenIn, "Open in other programs", onOff, On, On, Off, Off, true, "off means that no message and no attachment is opened in the browser or by another program"},
	{PhishingAddresses, "Report phishing addresses", nil, "", "", "", "", true,
		"messages can be reported to these, in More; they go to Junk then"},
}

func policyNamed(name string) (managed, bool) {
	i := slices.IndexFunc(policies[:], func(p managed) bool { return p.name == name })
	if i < 0 {
		return managed{}, false
	}
	return policies[i], true
}

// value of a policy as a file has it.
type value struct {
	word string
	list []string
	by   string // the file
}

// Managed is what the organisation decided, as a file said it at one moment.
// The zero value is that of a machine without a policy file.
type Managed struct {
	values map[string]value
	file   string // one that was read; "" where there is none
	err    error  // why the file cannot be read
}

// Err is why the policy file cannot be read. Then everything that a managed
// policy governs is locked.
func (m Managed) Err() error { return m.err }

// by is who set a policy.
func (m Managed) by(name string) string {
	if v, ok := m.values[name]; ok {
		return v.by
	}
	if m.file != "" {
		return m.file
	}
	return "default"
}

// SetBy is who set a policy: a file, or "default".
func (m Managed) SetBy(name string) string { return m.by(name) }

// Word is the value of a policy that is not a list.
func (m Managed) Word(name string) string {
	p, ok := policyNamed(name)
	v, set := m.values[name]
	switch {
	case !ok:
		return ""
	case m.err != nil:
		return p.locked
	case set:
		return v.word
	case m.file != "":
		return p.unnamed
	}
	return p.free
}

// List is the value of a policy that is a list; empty where nothing is said.
func (m Managed) List(name string) []string { return slices.Clone(m.values[name].list) }

// Forbidden says why a policy takes a feature away, "" where it does not.
func (m Managed) Forbidden(name string) string {
	p, ok := policyNamed(name)
	if name == PhishingAddresses && len(m.values[name].list) == 0 {
		return fmt.Sprintf("%s (%s) names nobody", p.label, name)
	}
	if !ok || p.forbids == "" || m.Word(name) != p.forbids {
		return ""
	}
	if m.err != nil {
		return fmt.Sprintf("%s (%s) is locked because the policy file cannot be read: %v", p.label, name, m.err)
	}
	if _, set := m.values[name]; !set {
		return fmt.Sprintf("%s (%s) is off: %s does not name it", p.label, name, m.file)
	}
	return fmt.Sprintf("%s (%s) is off, set by %s", p.label, name, m.by(name))
}

// AsError is Forbidden as an error, nil where nothing is forbidden.
func (m Managed) AsError(name string) error {
	if why := m.Forbidden(name); why != "" {
		return fmt.Errorf("%w: %s", activesync.ErrPolicy, why)
	}
	return nil
}

// Override reports whether contacts are synced although another program syncs
// an Exchange account into address books of this machine.
func (m Managed) Override() bool { return m.Word(OverrideCheck) != Off }

// DefaultPeriod is the period that a folder of a class starts with.
func (m Managed) DefaultPeriod(c activesync.Class) activesync.Period {
	if c != activesync.ClassEmail {
		return activesync.PeriodAll
	}
	return activesync.Period(m.Word(DefaultInterval))
}

// maxFilter is the longest period of mail as a FilterType, 0 for any.
func (m Managed) maxFilter(c activesync.Class) int {
	if c != activesync.ClassEmail {
		return 0
	}
	return activesync.Period(m.Word(MaxInterval)).FilterType()
}

// SearchSince is the time before which the server is not searched, zero for
// none. now is the time now.
func (m Managed) SearchSince(now time.Time) time.Time {
	return activesync.Period(m.Word(SearchLimit)).Since(now)
}

// AllowServer reports, as an error, whether a server may not be spoken to. An
// entry is a host, or .domain for all hosts of a domain.
func (m Managed) AllowServer(host string) error {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if m.err != nil {
		return fmt.Errorf("%w: Allowed servers (%s) is locked because the policy file cannot be read: %w", activesync.ErrPolicy, AllowedServers, m.err)
	}
	list := m.values[AllowedServers].list
	for _, s := range list {
		s = strings.ToLower(s)
		if s == host || strings.HasPrefix(s, ".") && strings.HasSuffix(host, s) {
			return nil
		}
	}
	if len(list) == 0 {
		return nil
	}
	return fmt.Errorf("%w: Allowed servers (%s) does not name %s, set by %s", activesync.ErrPolicy, AllowedServers, host, m.by(AllowedServers))
}

// External reports whether an address lies outside the internal domains; it
// does not where none are named, and does where they cannot be read.
func (m Managed) External(address string) bool {
	if m.err != nil {
		return true
	}
	list := m.values[InternalDomains].list
	if len(list) == 0 {
		return false
	}
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	return !slices.ContainsFunc(list, func(d string) bool {
		d = strings.ToLower(strings.TrimPrefix(d, "@"))
		return domain == d || strings.HasSuffix(domain, "."+d)
	})
}
