package ui

import (
	"strings"
	"testing"

	"eas.example/securemail/activesync"
	"eas.example/securemail/ui/action"
)

// A picture is put into the text by its path, from what is attached, and by dropping
// it on the terminal; the message is Markdown then, which shows it.
func TestPictureInTheText(t *testing.T) {
	dir := shelfOf(t, "my plan (1).png", "notes.txt")
	text := func(s *composeScreen) string { return s.app.write.text().Text() }
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(toAna("See "), "text"))
		s.keys("ctrl+end")
		s.do(s.app.perform(action.PutPicture))
		s.shows("Put a picture into the text", "Path of the file")
		s.write(dir + "/notes.txt")
		s.keys("enter")
		s.shows("That is no picture; notes.txt can be attached.")
		s.keys("ctrl+u")
		s.write(dir + "/my plan (1).png")
		s.keys("enter")
		s.shows("Files    my plan (1).png", "The message is sent as Markdown now")
		if got := text(s); !strings.Contains(got, "![](my%20plan%20%281%29.png)") || !s.app.write.draft().Markdown {
			t.Errorf("the text is %q, Markdown %t", got, s.app.write.draft().Markdown)
		}
		s.keys("alt+p")
		s.shows("Which picture?", "Another file")
		s.keys("1")
		if got := text(s); strings.Count(got, "![](") != 2 || len(s.attached()) != 1 {
			t.Errorf("the text is %q, attached %v", got, s.attached())
		}
	})
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{}, "text"))
		s.write("x ")
		s.paste("'" + dir + "/my plan (1).png'")
		s.shows("Attach?", "Into the text")
		s.keys("right enter")
		if got := text(s); got != "x ![](my%20plan%20%281%29.png)" || len(s.attached()) != 1 || !s.app.write.draft().Markdown {
			t.Errorf("the text is %q, attached %v", got, s.attached())
		}
	})
	onComposeScreen(t, newComposeBackend(), 80, 24, func(s *composeScreen) {
		s.do(s.app.openCompose(activesync.Draft{}, "text"))
		s.paste(dir + "/notes.txt")
		s.shows("Attach?")
		s.hides("Into the text")
	})
}
