package action

// What is done to people. Whatever lets them leave the program is governed by
// Export contacts.
const (
	NewPerson    ID = "new-contact"
	AddPerson    ID = "add-contact"
	ImportPeople ID = "import-contacts"
	EditPerson   ID = "edit-contact"
	DeletePerson ID = "delete-contact"
	MarkPerson   ID = "mark-contact"
	UnmarkPeople ID = "unmark-contacts"
	Share        ID = "share-vcard"
	Export       ID = "export-contact"
)

func people() []Action {
	return []Action{
		{ID: NewPerson, Name: "New contact", Help: "Make a contact.", Also: "add person create make", Keys: []string{"n"}, In: Contacts, More: true, Need: needAccount},
		{ID: AddPerson, Name: "Add to contacts", Help: "Make a contact of someone whom a search found in the organisation's directory.", Also: "directory GAL address list keep", Keys: []string{"+"}, In: Contacts, More: true,
			Need: func(f Facts) string { return unless(f.Listed, "Search for someone in the directory first.") }},
		{ID: ImportPeople, Name: "Import contacts…", Help: "Take people over from a file of vCards, after a look at what would be done.", Also: "vcf vcard file load", Keys: []string{"I"}, In: Contacts, More: true, Need: needAccount},
		{ID: EditPerson, Name: "Edit contact", Help: "Change what is known of the person.", Also: "change modify picture", Keys: []string{"e"}, In: Contacts, More: true, Need: needPerson},
		{ID: DeletePerson, Name: "Delete contact", Help: "Delete the person, or those marked.", Also: "trash remove", Keys: []string{"d", "delete"}, In: Contacts, More: true, Need: needPerson},
		{ID: MarkPerson, Name: "Mark contact", Help: "Mark the person, to act on several at once.", Also: "select", Keys: []string{"x"}, In: People, Need: needContact},
		{ID: UnmarkPeople, Name: "Drop the marks of contacts", Help: "Unmark everyone.", Keys: []string{"X"}, In: People,
			Need: func(f Facts) string { return unless(f.Marked > 0, "No one is marked.") }},
		{ID: Share, Name: "Share as vCard", Help: "Write a message with the vCards of the person, or of those marked.", Also: "vcf send contact", Keys: []string{"v"}, In: Contacts, More: true, Policy: "export_contacts", Need: needPerson},
		{ID: Export, Name: "Export to address book", Help: "Write the person's vCard into the local address book.", Also: "vcf save vdir khard", Keys: []string{"E"}, In: Contacts, More: true, Policy: "export_contacts",
			Need: needContact},
	}
}

func needPerson(f Facts) string {
	if f.Marked > 0 {
		return ""
	}
	return needContact(f)
}

func needContact(f Facts) string {
	if f.Listed {
		return "Who is in the directory only has to be added to the contacts first."
	}
	return unless(f.Contact, "Select a person first.")
}
