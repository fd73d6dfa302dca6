package wire

import (
	"fmt"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// SyncRequest asks for the changes of folders and sends own ones (MS-ASCMD
// 2.2.1.21). Wait (minutes) and HeartbeatInterval (seconds, 14.0 on) exclude
// each other.
type SyncRequest struct {
	_                 wbxml.Root       `wbxml:"AirSync:Sync"`
	Collections       []SyncCollection `wbxml:"AirSync:Collections>AirSync:Collection,omitempty"`
	Wait              int              `wbxml:"AirSync:Wait,omitempty"`
	HeartbeatInterval int              `wbxml:"AirSync:HeartbeatInterval,omitempty"`
	WindowSize        int              `wbxml:"AirSync:WindowSize,omitempty"`
	Partial           bool             `wbxml:"AirSync:Partial,empty"`
}

// SyncCollection is one folder of a request.
type SyncCollection struct {
	Class            activesync.Class    `wbxml:"AirSync:Class,omitempty"` // 12.1 only
	SyncKey          activesync.SyncKey  `wbxml:"AirSync:SyncKey"`
	CollectionID     activesync.ServerID `wbxml:"AirSync:CollectionId"`
	DeletesAsMoves   *bool               `wbxml:"AirSync:DeletesAsMoves"`
	GetChanges       *bool               `wbxml:"AirSync:GetChanges"`
	WindowSize       int                 `wbxml:"AirSync:WindowSize,omitempty"`
	ConversationMode *bool               `wbxml:"AirSync:ConversationMode"` // mail, 14.0 on
	Options          []SyncOptions       `wbxml:"AirSync:Options"`
	Commands         *SyncCommands       `wbxml:"AirSync:Commands"`
}

// SyncOptions says what is wanted of a folder. The server remembers the last
// block as a whole (MS-ASCMD 2.2.3.125.5).
type SyncOptions struct {
	FilterType         *int                `wbxml:"AirSync:FilterType"`
	Class              activesync.Class    `wbxml:"AirSync:Class,omitempty"` // 14.0 on
	BodyPreferences    []BodyPreference    `wbxml:"AirSyncBase:BodyPreference"`
	BodyPartPreference *BodyPartPreference `wbxml:"AirSyncBase:BodyPartPreference"` // 14.1 on
	Conflict           *int                `wbxml:"AirSync:Conflict"`
	MIMETruncation     *int                `wbxml:"AirSync:MIMETruncation"`
	MIMESupport        *int                `wbxml:"AirSync:MIMESupport"`
	MaxItems           int                 `wbxml:"AirSync:MaxItems,omitempty"`
}

// SyncCommands are the client's own changes. No two may name one ServerID.
type SyncCommands struct {
	Adds    []SyncAdd    `wbxml:"AirSync:Add"`
	Changes []SyncChange `wbxml:"AirSync:Change"`
	Deletes []SyncDelete `wbxml:"AirSync:Delete"`
	Fetches []SyncFetch  `wbxml:"AirSync:Fetch"`
}

// SyncAdd makes an item.
type SyncAdd struct {
	Class           activesync.Class `wbxml:"AirSync:Class,omitempty"` // only to add an SMS
	ClientID        string           `wbxml:"AirSync:ClientId"`
	ApplicationData wbxml.Raw        `wbxml:"AirSync:ApplicationData"`
	Send            bool             `wbxml:"Email2:Send,empty"` // a draft, 16.0 on
}

// SyncChange changes an item, or one occurrence of a series.
type SyncChange struct {
	ServerID        activesync.ServerID `wbxml:"AirSync:ServerId"`
	InstanceID      string              `wbxml:"AirSyncBase:InstanceId,omitempty"` // 16.0 on
	ApplicationData wbxml.Raw           `wbxml:"AirSync:ApplicationData"`
	Send            bool                `wbxml:"Email2:Send,empty"` // a draft, 16.0 on
}

// SyncDelete removes an item, or one occurrence of a series.
type SyncDelete struct {
	ServerID   activesync.ServerID `wbxml:"AirSync:ServerId"`
	InstanceID string              `wbxml:"AirSyncBase:InstanceId,omitempty"` // 16.0 on
}

// SyncFetch asks for a whole item.
type SyncFetch struct {
	ServerID activesync.ServerID `wbxml:"AirSync:ServerId"`
}

func (c *SyncCollection) commands() *SyncCommands {
	if c.Commands == nil {
		c.Commands = &SyncCommands{}
	}
	return c.Commands
}

// Delete adds the removal of an item.
func (c *SyncCollection) Delete(id activesync.ServerID) {
	c.commands().Deletes = append(c.commands().Deletes, SyncDelete{ServerID: id})
}

// ChangeRead adds a change of the read mark of a message.
func (c *SyncCollection) ChangeRead(id activesync.ServerID, read bool) {
	c.change(id, &Email{Read: ptr(MakeSwitch(read))})
}

// ChangeFlag adds a change of the follow-up flag of a message. The block is
// replaced as a whole; an empty one clears the flag (MS-ASEMAIL 2.2.2.34).
func (c *SyncCollection) ChangeFlag(id activesync.ServerID, flag activesync.FlagStatus) {
	c.change(id, &Email{Flag: encodeFlag(flag)})
}

// AddContact adds the making of a contact.
func (c *SyncCollection) AddContact(clientID string, contact *activesync.Contact, v activesync.Version) {
	c.commands().Adds = append(c.commands().Adds, SyncAdd{ClientID: clientID, ApplicationData: mustPack(EncodeContactAdd(contact, v))})
}

// ChangeContact adds a change of a contact to what contact is; before is what
// it was.
func (c *SyncCollection) ChangeContact(id activesync.ServerID, contact, before *activesync.Contact, v activesync.Version) {
	c.change(id, EncodeContactChange(contact, before, v))
}

// AddEvent adds the making of an event.
func (c *SyncCollection) AddEvent(clientID string, event *activesync.Event, v activesync.Version) {
	c.commands().Adds = append(c.commands().Adds, SyncAdd{ClientID: clientID, ApplicationData: mustPack(EncodeEventAdd(event, clientID, v))})
}

// ChangeEvent adds a change of an event to what event is; before is what it was.
func (c *SyncCollection) ChangeEvent(id activesync.ServerID, event, before *activesync.Event, v activesync.Version) {
	c.change(id, EncodeEventChange(event, before, v))
}

// ChangeOccurrence adds a change of the occurrence that a series has at a time to
// what it is in after; before is what the series was. Up to 14.1 the whole event
// goes with all its exceptions, since some servers forget those that are not
// named; from 16.0 on the occurrence alone (MS-ASCAL 2.2.2.23).
func (c *SyncCollection) ChangeOccurrence(id activesync.ServerID, at time.Time, after, before *activesync.Event, v activesync.Version) {
	if v < activesync.V160 {
		w := EncodeEventChange(after, before, v)
		w.Exceptions = encodeExceptions(after.Exceptions, v)
		for i := range w.Exceptions.Exceptions {
			if b := w.Exceptions.Exceptions[i].Body; b != nil {
				b.EstimatedDataSize = ""
			}
		}
		c.change(id, w)
		return
	}
	instance := string(Compact(at))
	for _, x := range activesync.DiffOccurrence(before, after, at).Exceptions {
		if x.Deleted {
			c.commands().Deletes = append(c.commands().Deletes, SyncDelete{ServerID: id, InstanceID: instance})
			continue
		}
		c.commands().Changes = append(c.commands().Changes, SyncChange{ServerID: id, InstanceID: instance, ApplicationData: mustPack(encodeOccurrence(&x, after.AllDay, v))})
	}
}

func (c *SyncCollection) change(id activesync.ServerID, item any) {
	c.commands().Changes = append(c.commands().Changes, SyncChange{ServerID: id, ApplicationData: mustPack(item)})
}

type packed struct {
	_    wbxml.Root `wbxml:"AirSync:Sync"`
	Item any        `wbxml:"AirSync:ApplicationData"`
}

type unpacked struct {
	_    wbxml.Root `wbxml:"AirSync:Sync"`
	Item wbxml.Raw  `wbxml:"AirSync:ApplicationData"`
}

// Pack turns an item, such as what EncodeEmail gives, into the form that the
// field ApplicationData has.
func Pack(item any) (wbxml.Raw, error) {
	var out unpacked
	b, err := wbxml.Marshal(&packed{Item: item})
	if err == nil {
		err = wbxml.Unmarshal(b, &out)
	}
	if err != nil {
		return out.Item, fmt.Errorf("pack an item: %w", err)
	}
	return out.Item, nil
}

// mustPack is for our own types, which a test packs one by one.
func mustPack(item any) wbxml.Raw {
	raw, err := Pack(item)
	if err != nil {
		panic(err)
	}
	return raw
}
