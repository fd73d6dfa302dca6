package wbxml

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestCodePagesEqualTheNotes(t *testing.T) {
	f, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "protocol", "codepages.tsv"))
	if err != nil {
		t.Skip("the notes on the protocol are not present")
	}
	tenths := func(s string) uint8 { // 0 for a remark instead of a version
		v, _ := strconv.ParseFloat(s, 64)
		return uint8(v*10 + 0.5)
	}
	n := 0
	for line := range strings.Lines(string(f)) {
		c := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(c) < 6 || strings.HasPrefix(c[0], "#") {
			continue
		}
		page, _ := strconv.Atoi(c[0])
		token, _ := strconv.ParseUint(strings.TrimPrefix(c[2], "0x"), 16, 8)
		tag, ok := LookupTag(c[1] + ":" + c[3])
		if !ok || tag != MakeTag(byte(page), byte(token)) {
			t.Errorf("%s:%s is %v, want page %d token %s", c[1], c[3], tag, page, c[2])
		}
		if tag.Since() != tenths(c[4]) || tag.Until() != tenths(c[5]) {
			t.Errorf("%v is sent from %d to %d, want %s to %q", tag, tag.Since(), tag.Until(), c[4], c[5])
		}
		n++
	}
	known := 0
	for p := range 256 {
		for token := range 256 {
			if Tag(p<<8 | token).Known() {
				known++
			}
		}
	}
	if n < 600 || known != n {
		t.Errorf("%d elements compared, %d known", n, known)
	}
}

func TestTagsThatSitOnTheEdges(t *testing.T) {
	for name, want := range map[string]struct {
		tag          Tag
		since, until uint8
	}{
		"AirSync:Sync":                         {0x0005, 25, 0},
		"Calendar:Location":                    {0x0417, 25, 141},
		"AirSyncBase:Location":                 {0x1120, 160, 0},
		"Email2:MeetingMessageType":            {0x1613, 141, 0},
		"Email2:IsDraft":                       {0x1615, 160, 0}, // 0x14 is a gap
		"ComposeMail:Mime":                     {0x1510, 140, 0},
		"ItemOperations:Data":                  {0x140C, 120, 0},
		"FolderHierarchy:FolderSync":           {0x0716, 25, 0},
		"RightsManagement:TemplateID":          {0x1814, 141, 0},
		"Find:Find":                            {0x1905, 161, 0},
		"Settings:RightsManagementInformation": {0x122B, 141, 0},
	} {
		tag, ok := LookupTag(name)
		if !ok || tag != want.tag || tag.String() != name {
			t.Errorf("%s is %v (%#04x), want %#04x", name, tag, uint16(tag), uint16(want.tag))
		} else if tag.Since() != want.since || tag.Until() != want.until {
			t.Errorf("%s is sent from %d to %d, want %d to %d", name, tag.Since(), tag.Until(), want.since, want.until)
		}
	}
}

func TestGapsOfThePagesStayGaps(t *testing.T) {
	for _, tag := range []Tag{MakeTag(22, 0x14), MakeTag(8, 0x0F), MakeTag(18, 0x2A), MakeTag(21, 0x14), MakeTag(25, 0x0F), MakeTag(25, 0x1A), MakeTag(26, 5), MakeTag(255, 5), Tag(0x45)} {
		if tag.Known() || tag.Name() != "" {
			t.Errorf("%v is taken for an element", tag)
		}
	}
	if got := MakeTag(22, 0x14).String(); got != "22:0x14" {
		t.Errorf("an unknown tag is %q", got)
	}
	if _, ok := LookupTag("AirSync:Subject"); ok {
		t.Error("an element was found on a page that does not have it")
	}
}
