package ui

import (
	"context"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/policy"
	"eas.example/securemail/contacts"
)

// The backends that are made up keep no address book and have no policies.

func (b *prefsBackend) LocalContacts(context.Context, activesync.AccountID) (contacts.Setting, error) {
	return contacts.Setting{Fields: contacts.AllFields, Override: true}, nil
}

func (b *prefsBackend) Policies(context.Context) ([]policy.Row, error) { return nil, nil }

func (b *bookBackend) LocalContacts(context.Context, activesync.AccountID) (contacts.Setting, error) {
	return contacts.Setting{}, nil
}

func (b *bookBackend) Policies(context.Context) ([]policy.Row, error) { return nil, nil }

func (b *composeBackend) LocalContacts(context.Context, activesync.AccountID) (contacts.Setting, error) {
	return contacts.Setting{}, nil
}

func (b *composeBackend) Policies(context.Context) ([]policy.Row, error) { return nil, nil }
