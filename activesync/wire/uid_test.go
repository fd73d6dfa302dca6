package wire

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

func TestUIDFromGlobalObjID(t *testing.T) {
	outlook := "040000008200E00074C5B7101A82E008" + "07D40910" + "E040C9C12685C401" + "0000000000000000" + "10000000" + "0BF0ED4B6E4EE94E9E39E3867B378EF3"
	b, err := hex.DecodeString(outlook)
	if err != nil {
		t.Fatal(err)
	}
	// The date of the occurrence does not belong to the UID of the series.
	want := strings.Replace(outlook, "07D40910", "00000000", 1)
	if got := UIDFromGlobalObjID(base64.StdEncoding.EncodeToString(b)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	const vcal = "BAAAAIIA4AB0xbcQGoLgCAAAAAAAAAAAAAAAAAAAAAAAAAAAMwAAAHZDYWwtVWlkAQAAAHs4MTQxMkQzQy0yQTI0LTRFOUQtQjIwRS0xMUY3QkJFOTI3OTl9AA=="
	const uid = "{81412D3C-2A24-4E9D-B20E-11F7BBE92799}"
	if got := UIDFromGlobalObjID(vcal); got != uid {
		t.Errorf("got %q, want %q", got, uid)
	}
	if got := GlobalObjIDFromUID(uid); got != vcal {
		t.Errorf("got %s, want %s", got, vcal)
	}
	if got := UIDFromGlobalObjID("not base64!"); got != "" {
		t.Errorf("got %q", got)
	}
	// A length that lies past the end is not believed.
	long, _ := base64.StdEncoding.DecodeString(vcal)
	long[36] = 0xFF
	if got := UIDFromGlobalObjID(base64.StdEncoding.EncodeToString(long)); !strings.HasPrefix(got, "0400") {
		t.Errorf("got %q", got)
	}
}

func FuzzGlobalObjID(f *testing.F) {
	f.Add("uid-1@example.test")
	f.Add("040000008200E00074C5B7101A82E00800000000E040C9C12685C4010000000000000000100000000BF0ED4B6E4EE94E9E39E3867B378EF3")
	f.Fuzz(func(t *testing.T, uid string) {
		UIDFromGlobalObjID(uid)
		if uid == "" || strings.Contains(uid, "\x00") {
			return
		}
		if got := UIDFromGlobalObjID(GlobalObjIDFromUID(uid)); got != uid && !strings.HasPrefix(strings.ToLower(uid), "0400") {
			t.Errorf("%q became %q", uid, got)
		}
	})
}
