// Command securemail is Secure Mail for the terminal: mail, contacts and
// calendar of an Exchange account, kept in step over Exchange ActiveSync.
package main

import (
	"os"

	"eas.example/securemail/ui/cli"
)

// version is set when a release is built; else it is that of the commit.
var version = ""

func main() { os.Exit(cli.Main(version, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
