package message

import (
	"path/filepath"
	"strings"
)

// kindOf is what a file is that can do harm once it is opened, by its extension,
// "" for others. The programs are those that Outlook withholds (its level 1
// types), and their like on other systems.
func kindOf(ext string) string {
	for _, k := range [...]struct{ what, exts string }{
		{"a program", "exe com scr pif bat cmd cpl msi msp mst msix appx appxbundle gadget application msc jar app command tool action workflow " +
			"deb rpm apk pkg dmg run elf appimage flatpakref flatpak snap xpi crx hta jnlp msu appinstaller"},
		{"a script", "js jse vb vbs vbe vbscript ws wsf wsh wsc sct ps1 ps1xml ps2 psc1 psc2 psm1 psd1 py pyc pyo pyw pyz pyzw rb pl php sh bash zsh csh ksh fish " +
			"scpt scptd applescript osx reg inf ins isp ade adp mde mdb shb shs scf lua tcl awk"},
		{"a link that starts something", "lnk url desktop website webloc library-ms search-ms settingcontent-ms appref-ms theme themepack rdp iqy slk diagcab xbap"},
		{"a document with macros", "docm dotm xlsm xltm xlam xla xll pptm potm ppam ppsm sldm one onepkg chm hlp"},
		{"a disk that is mounted", "iso img vhd vhdx udf"},
		{webPage, "html htm xhtml xht shtml mht mhtml svg"},
	} {
		if ext != "" && strings.Contains(" "+k.exts+" ", " "+ext+" ") {
			return k.what
		}
	}
	return ""
}

const webPage = "a web page"

// Risk says in words why a file should not be opened without thinking, "" where
// nothing is known against it. It goes by the name that the file gets here, as the
// system does, and by the type where the name says nothing.
func Risk(name, contentType string) string {
	name = strings.ToLower(FileName(name))
	ext := filepath.Ext(name)
	what := kindOf(strings.TrimPrefix(ext, "."))
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	if what == "" {
		switch strings.TrimSpace(kind) {
		case "application/x-msdownload", "application/x-msdos-program", "application/vnd.microsoft.portable-executable", "application/x-executable",
			"application/x-elf", "application/x-mach-binary", "application/java-archive", "application/x-sharedlib":
			what = "a program"
		case "application/x-sh", "application/x-shellscript", "text/x-shellscript", "application/javascript", "text/javascript", "text/vbscript", "application/x-bat":
			what = "a script"
		}
	}
	if what == "" {
		return ""
	}
	if inner := strings.TrimPrefix(filepath.Ext(strings.TrimSuffix(name, ext)), "."); what != webPage && inner != "" &&
		strings.Contains(" pdf doc docx xls xlsx ppt pptx txt jpg jpeg png gif zip mp3 mp4 csv odt rtf ", " "+inner+" ") {
		return "It is " + what + " that has the name of a document."
	}
	return "It is " + what + "."
}
