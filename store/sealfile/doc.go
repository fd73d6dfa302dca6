// Package sealfile keeps large content in files of its own, sealed, without ever
// having more than a piece of it in memory.
//
// # The form of a file
//
//	8 bytes    "smfile 1"
//	32 bytes   salt; the file's key is HKDF-SHA-256 of the key given, this salt,
//	           and the words "securemail file 1"
//	pieces     each 12 bytes nonce, sealed content, 16 bytes tag
//
// A piece holds 64 KiB of content, the last one 1 byte to 64 KiB; empty content is
// one empty piece. Pieces are sealed with AES-256-GCM under random nonces. What
// is authenticated beside the content is the number of the piece, 8 bytes, big
// endian, and one byte that is 1 for the last. So pieces can be neither exchanged
// nor left out, a file that was cut off is noticed, and its whole pieces are good
// for going on where it ended.
//
// While it is being written a file has another name, with ".part" behind it. It
// gets its own when all of it is on the disk.
//
// # Concurrency
//
// A Writer is for one goroutine, and there may be one for a file. A Reader may be
// used by several.
package sealfile
