package message

import "testing"

func TestTrackersAreCounted(t *testing.T) {
	for _, c := range []struct {
		what, html       string
		trackers, remote int
	}{
		{"a pixel", `<img src="https://t.example/p.gif" width=1 height=1>`, 1, 0},
		{"a pixel by its style", `<img src="https://t.example/p.gif" style="border:0; width:1px; height: 1px !important">`, 1, 0},
		{"a hidden picture", `<img src="https://t.example/p.gif" style="display:none">`, 1, 0},
		{"a picture in what is hidden", `<div style="display:none"><p><img src="//t.example/p.gif"></p></div>`, 1, 0},
		{"a background", `<table background="http://t.example/b.png"><tr><td>Text</table>`, 1, 0},
		{"a background by its style", `<div style="background-image: url( 'https://t.example/b.png' ), url(https://t.example/c.png)">Text</div>`, 2, 0},
		{"a background in capitals", `<div STYLE="BACKGROUND:URL(https://t.example/b.png)">Text</div>`, 1, 0},
		{"the same one three times", `<p style="background:url(https://t.example/b.png)">a<p style="background:url(https://t.example/b.png)">b<img src="https://t.example/b.png" width=0>`, 1, 0},
		{"a picture", `<img src="https://t.example/p.jpg" width=600 style="width:100%">`, 0, 1},
		{"what came with the message", `<td background="cid:1@x" style="background:url(data:image/png;base64,AA==)"><img src="cid:2@x" width=1>`, 0, 0},
		{"a broken style", `<p style="background:url(https://t.example/b.png">Text`, 0, 0},
	} {
		r := renderHTML(c.html, RenderOptions{Width: 80})
		if r.Trackers != c.trackers || len(r.Remote) != c.remote {
			t.Errorf("%s: %d trackers and %d pictures elsewhere, want %d and %d", c.what, r.Trackers, len(r.Remote), c.trackers, c.remote)
		}
	}
}
