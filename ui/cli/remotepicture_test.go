package cli

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A message must not have this program knock at doors inside the network.
func TestPicturesAreNotFetchedFromInside(t *testing.T) {
	asked := false
	hs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer hs.Close()
	if _, err := fetchPicture(context.Background(), hs.URL); !errors.Is(err, errInside) || asked {
		t.Errorf("a picture of this machine: %v, asked %t", err, asked)
	}
	for _, address := range []string{"10.1.2.3:80", "192.168.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80", "169.254.169.254:80", "[fe80::1]:80", "0.0.0.0:80", "[fd00::1]:80",
		"100.64.0.1:80", "255.255.255.255:80", "[64:ff9b::a01:203]:80", "[2002:a01:203::1]:80", "[fe80::1%lo]:80"} {
		if err := outside(address); !errors.Is(err, errInside) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"93.184.215.14:443", "[64:ff9b::5db8:d70e]:443", "[2606:2800:220::1]:443"} {
		if err := outside(address); err != nil {
			t.Errorf("an address elsewhere, %s: %v", address, err)
		}
	}
	if _, err := fetchPicture(context.Background(), "file:///etc/passwd"); err == nil {
		t.Error("a file was fetched")
	}
}
