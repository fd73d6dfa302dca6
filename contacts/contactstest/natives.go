// Package contactstest makes what tests about contacts need: the configuration
// files of other programs that sync an Exchange account.
package contactstest

import "path/filepath"

// Natives are the kinds of other programs that may sync an Exchange account
// into an address book, each with its configuration files by path, as those
// programs write them; "none" is no other program. home is the person's, cards
// the directory of our address book.
func Natives(home, cards string) map[string]map[string]string {
	c := filepath.Join(home, ".config")
	return map[string]map[string]string{
		"none":       {},
		"goa":        {c + "/goa-1.0/accounts.conf": "[Account account_1]\nProvider=exchange\nIdentity=ana@example.test\nPresentationIdentity=ana@example.test\nContactsEnabled=true\n"},
		"outlook":    {c + "/goa-1.0/accounts.conf": "[Account account_1]\nProvider=windows_live\nPresentationIdentity=ana@hotmail.test\nContactsEnabled=true\n"},
		"evolution":  {c + "/evolution/sources/a.source": "[Data Source]\nDisplayName=Work\nEnabled=true\n\n[Collection]\nBackendName=ews\nIdentity=ana@example.test\n"},
		"microsoft":  {c + "/evolution/sources/b.source": "[Data Source]\nDisplayName=People\nEnabled=true\n\n[Address Book]\nBackendName=microsoft365\n"},
		"evoeas":     {c + "/evolution/sources/c.source": "[Data Source]\nDisplayName=People\nEnabled=true\n\n[Address Book]\nBackendName=eas\n"},
		"akonadi":    {c + "/akonadi/agentsrc": "[Instances]\nakonadi_ews_resource_0\\AgentType=akonadi_ews_resource\n", c + "/akonadi_ews_resource_0rc": "[General]\nEmail=ana@example.test\n"},
		"davmail":    {c + "/vdirsyncer/config": "[general]\nstatus_path = \"~/.status\"\n\n[pair work]\na = \"here\"\nb = \"there\"\n\n[storage here]\ntype = \"filesystem\"\npath = \"~/elsewhere\"\n\n[storage there]\ntype = \"carddav\"\nurl = \"http://localhost:1080/users/ana@example.test/contacts/\"\n"},
		"vdirsyncer": {c + "/vdirsyncer/config": "[general]\nstatus_path = \"~/.status\"\n\n[pair work]\na = \"here\"\nb = \"there\"\n\n[storage here]\ntype = \"filesystem\"\npath = \"" + cards + "\"\n\n[storage there]\ntype = \"carddav\"\nurl = \"https://outlook.office365.test/dav/\"\n"},
	}
}
