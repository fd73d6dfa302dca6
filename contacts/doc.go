// Package contacts turns contacts into vCards 4.0 (RFC 6350) and 3.0 (RFC 2426)
// and back, reads 2.1 as well, and tells what is known of a person in words.
//
// A contact that is written and read again is the same in every field. What
// vCard has a property for stands there, as other programs expect it; what it
// has none for, and what a property does not tell, stands in extensions:
//
//	X-SECUREMAIL-FIELD=Name     parameter of TEL, EMAIL, IMPP, ADR: the field the value belongs to
//	X-SECUREMAIL-EMAILNAME      display name of an address, with the parameter above
//	X-SECUREMAIL-FILEAS         FileAs
//	X-SECUREMAIL-OFFICE         OfficeLocation
//	X-SECUREMAIL-ACCOUNT        AccountName
//	X-SECUREMAIL-CUSTOMERID     CustomerID
//	X-SECUREMAIL-GOVERNMENTID   GovernmentID
//	X-SECUREMAIL-MMS            MMS
//	X-SECUREMAIL-ALIAS          Alias
//	X-SECUREMAIL-RANK           WeightedRank
//
// Extensions that other programs know are used where there are some:
// X-PHONETIC-FIRST-NAME, X-PHONETIC-LAST-NAME and X-PHONETIC-ORG for the yomi
// names (in 4.0 also SORT-AS); in 3.0 X-ANNIVERSARY, X-SPOUSE, X-MANAGER,
// X-ASSISTANT and X-CHILD, for which 4.0 has ANNIVERSARY and RELATED. Line ends
// become line feeds, other control characters are left out. Of dates only the
// day is kept. A birthday in 1604 is one without a year, as Outlook and Apple
// have it.
//
// A Book keeps the local address book of an account: the default contacts
// folder, never its subfolders, as a vdir, one vCard a file, which khard reads
// and vdirsyncer carries on. It goes from Exchange to the files only. What it
// wrote stands in a ledger outside of the directory; files that are not in the
// ledger are never touched, one of ours that a person changed is kept aside
// until the person has chosen a side, and a directory without our mark is not
// the one that was written to. Keep keeps the books of all accounts in step.
// A Machine finds other programs that sync contacts of an Exchange account.
//
// Everything but Book, Keep and Machine does no I/O. All of it may be called
// from any goroutine; a Book locks its ledger against other processes.
package contacts
