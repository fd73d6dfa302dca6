// Command dump writes an HTML file as the screens show it, at 80 columns. It is
// what BenchmarkDump measures.
package main

import (
	"fmt"
	"os"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/message"
)

func main() {
	src, err := os.ReadFile(os.Args[1])
	if err == nil {
		body := activesync.Body{Type: activesync.BodyHTML, Data: src, Size: int64(len(src))}
		_, err = os.Stdout.WriteString(message.RenderText(body, message.RenderOptions{Width: 80, Numbers: true}).String())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
