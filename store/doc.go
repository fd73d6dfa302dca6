// Package store keeps on this machine what an account holds on its server: the
// folders, the items, where each folder's synchronisation stands, and the
// journal of what the person did and the server does not know yet.
//
// It owns one bbolt file, and the files beside it. It does no networking and decides nothing about when
// or what to sync; it makes sure that whatever is decided is kept whole: a
// SyncKey and all that came with it are one transaction, a person's change and
// its journal record are one transaction, and counts always equal the lists.
//
// # Concurrency
//
// All methods may be called from any goroutine. Readers never wait for writers
// and see the state before or after a write, never one between. Nothing that is
// returned points into the file.
//
// # The file
//
// Ids and times are 8 bytes, big endian. "Sealed" is AES-256-GCM under a key
// derived from Options.Key, bound to bucket, account and key of the value, so
// that values cannot be exchanged for each other. "Name" is the first 16 bytes
// of an HMAC-SHA-256 under another derived key: what the server calls a thing
// cannot be read from it. What is not sealed says only how many items there
// are, when they are from, and the flags of a line of a list.
//
//	meta
//	  schema                      8 bytes: the structure's version
//	  check                       sealed: a fixed word, tells a wrong key
//	  device                      sealed: the DeviceId of this installation
//	  folders, items, ops         8 bytes: the last id given out
//	scrub                         noise, while what was deleted is written over
//	accounts
//	  <name of the account>
//	    account                   sealed: the AccountID
//	    state                     sealed JSON: activesync.AccountState
//	    hierarchy                 sealed: SyncKey of the folder hierarchy
//	    folders                   the mailboxes
//	      <folder>                sealed JSON: folderRecord
//	    sync                      where each folder stands
//	      <folder>                sealed JSON: activesync.SyncState
//	    counts
//	      <folder>                8 bytes each: items in the list, unread ones;
//	                              conversations, those with unread messages
//	    list                      the list of each folder, newest first
//	      <folder><time><item>    flags, for an event also its last end (time is
//	                              inverted milliseconds since 1970)
//	    threads                   the messages of each conversation, newest first
//	      <folder><name of the conversation><time><item>
//	                              the flags of the list
//	    heads                     the conversations of each folder, newest first
//	      <folder><time of the newest><name of the conversation>
//	                              4 bytes each: messages, unread, flagged ones
//	    names                     what the server calls an item
//	      <folder><name>          <item>
//	    waiting                   items that the server has to name (again)
//	      <folder><print><item>   kind, size
//	    prints
//	      <item>                  <print>, the fingerprint under which it waits
//	    rows                      one line of a list, and where the item is
//	      <item>                  sealed: row
//	    contents                  body, attachments and all that a list does not show
//	      <item>                  sealed, compressed: content, contact or event
//	    journal
//	      <op>                    sealed JSON: activesync.Op
//	    mime                      the message of a record that sends one, or what a record makes of a contact or event
//	      <op>                    sealed, compressed: MIME, unless it is a file, or storedChange
//	    drafts                    messages that are being written, and those that a record of the
//	                              journal sends, as long as it does; made when needed
//	      <name of the draft>     sealed, compressed JSON: draftRecord
//	    untold                    messages that arrived and the person was not told of
//	      <item>                  <print>
//	    told                      what the person was told of, or is about to be
//	      <print>                 8 bytes: when it arrived, seconds since 1970
//	    links                     messages by their Message-ID, where conversations go by it; made
//	                              when needed
//	      <name of the id>        <item>
//	    found                     what the organisation's address list answered, for a month
//	      <name of the words>     sealed, compressed JSON: activesync.People
//	      16 zero bytes           sealed JSON: how old each of them is
//
// folders (its options), journal, mime, drafts, untold and told hold what only this machine
// knows; all else can be had from the server again.
//
// # Files beside it
//
// Attachments that were fetched lie in a directory beside the file, named after
// it with ".files", in one directory an account; their names are names in the
// sense above, and their form is that of package sealfile, under a third derived
// key. Nothing in the store depends on them: they are removed after a month
// without use, and sooner where they become too many.
//
// Messages to be sent that are larger than 256 KiB lie in another directory beside
// it, with ".outbox", one directory an account, in the same form. The record names
// its file, which is on the disk before the record is; a file that no record names
// is removed when the store is opened.
//
// # Items
//
// A row keeps what the server last said of an item (its home folder, ServerId,
// read mark and flag) and beside it what is shown. What is shown is what the
// server said with the item's journal records played over it, in order. So a
// batch changes what the server said, the end of a record changes what the
// server said or drops the record, and in all cases the second follows from the
// first. A record that is OpSending may have been carried out already; it is
// never just dropped by taking it back, see RevertOp.
//
// An item waits when the server has to name it anew: after Reset every item of
// the folder does, after a move the item does in its new home. An item that the
// server adds is looked for by its ServerId, then among the waiting ones by
// fingerprint; exactly one match is the same item.
//
// What is kept of an entry (a contact or an event) is what the server has; its row
// is made of what is shown. Where the server changes a field that the person
// changed too, the server's side stands and the person's is set aside in a record
// that is not played. An entry that is made here waits for its name. The answer to
// its making may be lost; then it is known again among what the server tells of
// after that.
//
// The item of a draft that is written here shows what is written, not what the
// server has; what that has of it (its print, its attachments) stands in the
// draft's record, which leads to the item.
//
// An item that the server removes waits too, where the batch has a brake, until
// its folder is in step and it is known how many such there are. Too many at
// once go on waiting for the person's decision, and so do those the person
// chose to keep; Reset passes the latter over. All of them are found again by
// their fingerprint should the server add them anew.
package store
