package sample

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"path"
	"strings"

	"eas.example/securemail/activesync/calendar"
)

// attachment is a file that was made.
type attachment struct {
	ctype string
	data  []byte
}

// file makes an attachment by the end of its name. What is in it follows from
// the name, so that it is the same each time.
func (l *letter) file(name string) (ctype string, data []byte) {
	if a := l.ready[name]; a != nil {
		return a.ctype, a.data
	}
	switch path.Ext(name) {
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet(name)
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document", document(name, l.text)
	case ".pdf":
		return "application/pdf", pdf(l.subject, l.text)
	case ".png":
		return "image/png", chart(name)
	case ".jpg":
		return "image/jpeg", photo(name)
	case ".csv":
		return "text/csv", []byte(csv(name))
	case ".vcf":
		a := l.from.contact
		return "text/vcard", []byte(crlf(fmt.Sprintf("BEGIN:VCARD\nVERSION:3.0\nFN:%s\nN:%s;%s;;;\nORG:%s\nEMAIL:%s\nTEL;TYPE=WORK:%s\nEND:VCARD\n",
			a.Name(), a.LastName, a.FirstName, a.CompanyName, a.Email1.Address, a.BusinessPhone)))
	}
	return "text/plain; charset=utf-8", []byte(crlf(l.text))
}

// rows are figures by quarter for a number of things.
func rows(name string) [][]string {
	out := [][]string{{"Item", "Q1", "Q2", "Q3", "Q4", "Year"}}
	for i, item := range []string{"Dredging", "Quay walls", "Cranes, lease", "Pilotage", "Tugs", "Lighting", "Power", "Security", "Survey", "Training",
		"Software", "Insurance", "Waste", "Water", "Fenders", "Bollards", "Paint", "Fuel", "Radio", "Cleaning"} {
		row, sum := []string{item}, 0
		for q := range 4 {
			n := 2000 + int(mix(name, i*4+q)%48000)
			sum += n
			row = append(row, fmt.Sprint(n))
		}
		out = append(out, append(row, fmt.Sprint(sum)))
	}
	return out
}

func csv(name string) string {
	var b strings.Builder
	for _, row := range rows(name) {
		b.WriteString(strings.ReplaceAll(strings.Join(row, ";"), "Cranes, lease", `"Cranes, lease"`) + "\r\n")
	}
	return b.String()
}

// packed is a zip of XML files, as office programs write. The first is the
// list of types.
func packed(files [][2]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err == nil {
			_, err = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + f[1]))
		}
		if err != nil {
			return nil // a Buffer takes everything
		}
	}
	if z.Close() != nil {
		return nil
	}
	return b.Bytes()
}

const (
	packageNS  = `xmlns="http://schemas.openxmlformats.org/package/2006/`
	relationNS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	officeType = "application/vnd.openxmlformats-officedocument."
)

// office is a package whose main part lies at main.
func office(main, ctype string, parts ...[2]string) []byte {
	types := `<Types ` + packageNS + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/` + main + `" ContentType="` + officeType + ctype + `"/>`
	if ctype == "spreadsheetml.sheet.main+xml" {
		types += `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + officeType + `spreadsheetml.worksheet+xml"/>`
	}
	root := `<Relationships ` + packageNS + `relationships"><Relationship Id="rId1" Type="` + relationNS + `/officeDocument" Target="` + main + `"/></Relationships>`
	return packed(append([][2]string{{"[Content_Types].xml", types + "</Types>"}, {"_rels/.rels", root}}, parts...))
}

// sheet is a workbook with one sheet of figures.
func sheet(name string) []byte {
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	var b strings.Builder
	b.WriteString(`<worksheet ` + ns + `><sheetData>`)
	for r, row := range rows(name) {
		fmt.Fprintf(&b, `<row r="%d">`, r+1)
		for c, v := range row {
			at := fmt.Sprintf("%c%d", 'A'+c, r+1)
			if r == 0 || c == 0 {
				fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, at, html.EscapeString(v))
			} else {
				fmt.Fprintf(&b, `<c r="%s"><v>%s</v></c>`, at, v)
			}
		}
		b.WriteString("</row>")
	}
	b.WriteString("</sheetData></worksheet>")
	book := `<workbook ` + ns + ` xmlns:r="` + relationNS + `"><sheets><sheet name="Figures" sheetId="1" r:id="rId1"/></sheets></workbook>`
	rels := `<Relationships ` + packageNS + `relationships"><Relationship Id="rId1" Type="` + relationNS + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
	return office("xl/workbook.xml", "spreadsheetml.sheet.main+xml", [2]string{"xl/workbook.xml", book},
		[2]string{"xl/_rels/workbook.xml.rels", rels}, [2]string{"xl/worksheets/sheet1.xml", b.String()})
}

// document is a text with a heading.
func document(name, text string) []byte {
	var b strings.Builder
	b.WriteString(`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	for line := range strings.SplitSeq(strings.TrimSuffix(name, ".docx")+"\n\n"+text, "\n") {
		b.WriteString(`<w:p><w:r><w:t xml:space="preserve">` + html.EscapeString(line) + "</w:t></w:r></w:p>")
	}
	b.WriteString("</w:body></w:document>")
	return office("word/document.xml", "wordprocessingml.document.main+xml", [2]string{"word/document.xml", b.String()})
}

// pdf is one page with the first lines of a text.
func pdf(title, text string) []byte {
	safe := func(s string) string {
		s = strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return '?'
			}
			return r
		}, s)
		return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(s)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "BT /F1 18 Tf 72 770 Td (%s) Tj /F1 11 Tf 0 -34 Td 15 TL\n", safe(title))
	for i, line := range strings.Split(text, "\n") {
		if i == 44 {
			break
		}
		fmt.Fprintf(&page, "(%.100s) Tj T*\n", safe(line))
	}
	page.WriteString("ET")
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", page.Len(), page.String()), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

// chart is a diagram of twelve bars.
func chart(name string) []byte {
	pal := color.Palette{color.White, color.RGBA{31, 78, 121, 255}, color.RGBA{210, 218, 226, 255}, color.RGBA{226, 120, 50, 255}}
	img := image.NewPaletted(image.Rect(0, 0, 480, 240), pal)
	for y := 20; y < 220; y += 40 {
		for x := 20; x < 460; x++ {
			img.SetColorIndex(x, y, 2)
		}
	}
	for i := range 12 {
		h := 30 + int(mix(name, i)%170)
		for y := 220 - h; y < 220; y++ {
			for x := 30 + i*36; x < 54+i*36; x++ {
				img.SetColorIndex(x, y, uint8(1+i/11*2))
			}
		}
	}
	return encodePNG(img)
}

// logo is a wave and a quay.
func logo() []byte {
	img := image.NewPaletted(image.Rect(0, 0, 120, 40), color.Palette{color.White, color.RGBA{31, 78, 121, 255}, color.RGBA{90, 155, 190, 255}})
	for x := range 120 {
		wave := 26 + int(4*math.Sin(float64(x)/7))
		for y := range 40 {
			switch {
			case y > wave:
				img.SetColorIndex(x, y, 2)
			case y > 16 && x > 70 || y > 6 && x > 84 && x < 90:
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	return encodePNG(img)
}

func encodePNG(img image.Image) []byte {
	var b bytes.Buffer
	if png.Encode(&b, img) != nil {
		return nil // a Buffer takes everything
	}
	return b.Bytes()
}

// photo is a view over water at some time of day.
func photo(name string) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 320, 200))
	hue := float64(mix(name, 0)%100) / 100
	sunX, sunY := 60+float64(mix(name, 1)%200), 40+float64(mix(name, 2)%50)
	for y := range 200 {
		for x := range 320 {
			fy := float64(y) / 200
			r, g, b := 120+100*hue*fy*1.6, 150+40*fy, 210-60*hue*fy
			if y > 120 {
				glint := 12 * math.Sin(float64(x)/9+float64(y)*float64(y)/90)
				r, g, b = 30+60*hue+glint, 70+40*fy+glint, 110+30*fy+glint
			} else if math.Hypot(float64(x)-sunX, float64(y)-sunY) < 18 {
				r, g, b = 255, 235, 180
			}
			img.SetRGBA(x, y, color.RGBA{uint8(r), uint8(g), uint8(b), 255})
		}
	}
	return encodeJPEG(img)
}

func encodeJPEG(img image.Image) []byte {
	var b bytes.Buffer
	if jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}) != nil {
		return nil // a Buffer takes everything
	}
	return b.Bytes()
}

// calendar is the invitation, or the answer to one, as iCalendar.
func (l *letter) calendar() []byte {
	e := *l.invite
	return calendar.WriteICS(&calendar.File{Method: l.method, Items: []calendar.Item{{Event: e}}})
}

// report says that a letter could not be delivered (RFC 3464).
func (l *letter) report(text part) part {
	to := strings.Trim(l.headers[0][strings.Index(l.headers[0], ":")+1:], " ")
	status := fmt.Sprintf("Reporting-MTA: dns; mail.example.test\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: 5.1.1\r\n"+
		"Diagnostic-Code: smtp; 550 5.1.1 <%s>: no such mailbox here\r\n", to, to)
	sent := "From: " + mailbox(l.to[0]) + "\r\nTo: " + to + "\r\nSubject: " + strings.TrimPrefix(l.subject, "Undeliverable: ") + "\r\n\r\n"
	return part{ctype: "multipart/report; report-type=delivery-status", parts: []part{text, {ctype: "message/delivery-status", data: []byte(status)},
		{ctype: "text/rfc822-headers", data: []byte(sent)}}}
}
