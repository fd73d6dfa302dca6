package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

// What the policies forbid does not reach this machine, by no road.
func TestForbiddenContentIsNotFetched(t *testing.T) {
	raw := "From: ana@example.test\r\nTo: alice@example.test\r\nSubject: both\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n" +
		"--m\r\nContent-Type: text/html\r\n\r\n<p>in <b>HTML</b></p>\r\n--m\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nPDF\r\n--m--\r\n"
	for name, tt := range map[string]struct {
		policies map[string]string
		body     activesync.BodyType
		refused  bool
	}{
		"all is allowed": {map[string]string{"AllowHTMLEmail": "1", "AttachmentsEnabled": "1"}, activesync.BodyHTML, false},
		"no HTML":        {map[string]string{"AllowHTMLEmail": "0"}, activesync.BodyPlain, false},
		"no attachments": {map[string]string{"AttachmentsEnabled": "0"}, activesync.BodyHTML, true},
		"small ones":     {map[string]string{"MaxAttachmentSize": "2"}, activesync.BodyHTML, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Policies: tt.policies})
				mail := strings.Replace(raw, "%s", time.Now().Format(time.RFC1123Z), 1)
				if _, err := w.box.Deliver("Inbox", server.Mail([]byte(mail)), false); err != nil {
					t.Fatal(err)
				}
				w.sync()
				id := w.rows(activesync.FolderInbox)[0].ID
				m, err := w.store.Message(t.Context(), id)
				if err != nil || len(m.Attachments) != 1 {
					t.Fatal(err, m.Attachments)
				}
				if m.Body.Type != tt.body {
					t.Errorf("the text has type %d, want %d", m.Body.Type, tt.body)
				}
				_, mimeErr := w.engine.FetchMIME(t.Context(), id)
				for what, err := range map[string]error{"attachment": fetched(w.engine.Attachment(t.Context(), id, 0, nil)), "source": mimeErr} {
					if errors.Is(err, activesync.ErrPolicy) != tt.refused || !tt.refused && err != nil {
						t.Errorf("%s: %v", what, err)
					}
				}
			})
		})
	}
}

// A server that wants its policies acknowledged before it is told what this device
// is gets both, also when the policies change.
func TestTheDeviceIsIntroducedAfterThePolicies(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Versions: []activesync.Version{v}, Policies: map[string]string{"DevicePasswordEnabled": "1"},
					Personality: server.Personality{LateSettings: true, PolicyHTTP: true}})
				w.fill(3)
				for range 2 {
					w.forget()
					w.sync()
					w.equal()
					told := 0
					for _, q := range w.log {
						if q.Command == "Settings" && q.Status == 200 {
							told++
						}
					}
					if want := map[bool]int{true: 1}[v < activesync.V141]; told != want {
						t.Errorf("told %d times what this device is, want %d", told, want)
					}
					w.box.DropPolicyKeys()
				}
			})
		})
	}
}

// A server that takes only devices that keep all policies is not asked again and
// again; the person can see which are not kept.
func TestPoliciesThatHaveToBeKept(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, server.Config{Versions: []activesync.Version{v}, AllPolicies: true, Policies: map[string]string{"AllowCamera": "0", "AttachmentsEnabled": "0"}})
				w.run()
				time.Sleep(2*time.Hour + 5*time.Minute)
				s := w.engine.Status()
				if !errors.Is(s.Err, activesync.ErrForbidden) || v > activesync.V121 && !strings.Contains(s.Err.Error(), "keep all its policies") {
					t.Errorf("it says %v", s.Err)
				}
				if _, ok := errors.AsType[*activesync.DeviceError](s.Err); !ok {
					t.Errorf("it does not say which device that is: %v", s.Err)
				}
				if n := w.requests("Provision", ""); n > 10 {
					t.Errorf("asked %d times in two hours", n)
				}
				if st, err := w.store.State(t.Context(), w.account.ID); err != nil || !slices.Equal(st.PolicyUnmet, []string{"AllowCamera"}) || st.Policy["AttachmentsEnabled"] != "0" {
					t.Errorf("%v, not kept are %v of %v", err, st.PolicyUnmet, st.Policy)
				}
			})
		})
	}
}

// A server that says 403 until its policies are acknowledged is served; one that
// goes on with it is asked for them once.
func TestForbiddenUntilThePoliciesAreAcknowledged(t *testing.T) {
	for _, ends := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, server.Config{Policies: map[string]string{"DevicePasswordEnabled": "1"}})
			w.fill(3)
			w.sync()
			shut, asked := true, 0
			w.setFault(func(q *server.Request) *server.Fault {
				if q.Command == "Provision" {
					asked++
					shut = !ends
				} else if shut && q.Command != "OPTIONS" {
					return &server.Fault{Status: 403}
				}
				return nil
			})
			w.fill(1)
			w.run()
			time.Sleep(20 * time.Minute)
			s := w.engine.Status()
			if asked != 2 || (s.Err == nil) != ends || !ends && !errors.Is(s.Err, activesync.ErrForbidden) {
				t.Errorf("it ends: %v; asked for policies %d times, status %+v", ends, asked, s)
			}
			if ends {
				w.equal()
			}
		})
	}
}

// An account can be set up where a proxy lets no OPTIONS through.
func TestAServerThatCannotBeAskedForItsVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, server.Config{Policies: map[string]string{"DevicePasswordEnabled": "1"}})
		w.fill(3)
		w.setFault(func(q *server.Request) *server.Fault {
			if q.Command == "OPTIONS" {
				return &server.Fault{Status: 405}
			}
			return nil
		})
		w.sync()
		w.equal()
		if st, err := w.store.State(t.Context(), w.account.ID); err != nil || st.Version != activesync.V141 || st.Quirk(activesync.QuirkNoOptions) == "" {
			t.Errorf("%v, version %v, quirks %v", err, st.Version, st.Quirks)
		}
		w.setFault(nil) // the version stays when it can be asked again
		w.engine.Resume()
		w.sync()
		w.equal()
	})
}
