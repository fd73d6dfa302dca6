package action

// What is done to people. Whatever lets them leave the program is governed by
// Export contacts.
const (
	NewPerson    ID = "new-contact"
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
		{ID: EditPerson, Name: "Edit contact", Help: "Change what is known of the person.", Also: "change modify picture", Keys: []string{"e"}, In: Contacts, More: true, Need: needPerson},
		{ID: DeletePerson, Name: "Delete contact", Help: "Delete the person, or those marked.", Also: "trash remove", Keys: []string{"d", "delete"}, In: Contacts, More: true, Need: needPerson},
		{ID: MarkPerson, Name: "Mark contact", Help: "Mark the person, to act on several at once.", Also: "select", Keys: []string{"x"}, In: People, Need: needPerson},
		{ID: UnmarkPeople, Name: "Drop the marks of contacts", Help: "Unmark everyone.", Keys: []string{"X"}, In: People,
			Need: func(f Facts) string { return unless(f.Marked > 0, "No one is marked.") }},
		{ID: Share, Name: "Share as vCard", Help: "Write a message with the vCards of the person, or of those marked.", Also: "vcf send contact", Keys: []string{"v"}, In: Contacts, More: true, Policy: "export_contacts", Need: needPerson},
		{ID: Export, Name: "Export to address book", Help: "Write the person's vCard into the local address book.", Also: "vcf save vdir khard", Keys: []string{"E"}, In: Contacts, More: true, Policy: "export_contacts",
			Need: func(f Facts) string { return unless(f.Contact, "Select a person first.") }},
	}
}

func needPerson(f Facts) string {
	return unless(f.Contact || f.Marked > 0, "Select a person first.")
}
