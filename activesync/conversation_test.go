package activesync

import "testing"

func TestTopic(t *testing.T) {
	for subject, want := range map[string]string{
		"Quay": "quay", "Re: Quay": "quay", "RE: Fwd:  AW: Quay  wall": "quay wall", "Re[2]: Quay": "quay", "回复：Quay": "quay",
		"Quay: the wall": "quay: the wall", "": "", "Re:": "", "Reply: Quay": "reply: quay", "re quay": "re quay",
	} {
		if got := Topic(subject); got != want {
			t.Errorf("the topic of %q is %q, want %q", subject, got, want)
		}
	}
}
