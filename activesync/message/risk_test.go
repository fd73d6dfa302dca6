package message

import (
	"strings"
	"testing"
)

func TestRisk(t *testing.T) {
	for _, tt := range []struct{ name, kind, want string }{
		{"budget.xlsx", "", ""}, {"photo.jpeg", "image/jpeg", ""}, {"notes", "text/plain", ""}, {"", "", ""},
		{"setup.EXE", "", "It is a program."}, {"setup.exe. ", "application/octet-stream", "It is a program."}, {"run.sh", "", "It is a script."},
		{"invoice.pdf.js", "application/pdf", "It is a script that has the name of a document."}, {"page.pdf.html", "", "It is a web page."},
		{"photo\u202egpj.exe", "", "It is a program."}, {"plan.docm", "", "It is a document with macros."}, {"tool", "application/x-msdownload; name=x", "It is a program."},
		{"disk.iso", "", "It is a disk that is mounted."}, {"go.lnk", "", "It is a link that starts something."},
		{"update.jnlp", "", "It is a program."}, {strings.Repeat("a", 116) + ".exe" + strings.Repeat("b", 20), "", "It is a program."}, // cut to 120 bytes
	} {
		if got := Risk(tt.name, tt.kind); got != tt.want {
			t.Errorf("%q %q: %q, want %q", tt.name, tt.kind, got, tt.want)
		}
	}
}
