package server_test

import (
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/activesync/wire"
)

func withPolicies() server.Config {
	return server.Config{Policies: map[string]string{"DevicePasswordEnabled": "1", "MinDevicePasswordLength": "6"}}
}

var info = wire.DeviceInformation{Model: "test", OS: "none"}

// provision goes through both phases.
func (c *conn) provision() {
	c.t.Helper()
	c.key = "0"
	if c.v < activesync.V141 {
		var set wire.SettingsResponse
		c.call("Settings", wire.NewDeviceInformation(info), &set)
		if set.Status != 1 || set.DeviceInformation == nil || set.DeviceInformation.Status != 1 {
			c.t.Fatalf("device information: %+v", set)
		}
	}
	var offer, final wire.ProvisionResponse
	c.call("Provision", wire.NewProvisionRequest(c.v, info), &offer)
	p := offer.Policy()
	if offer.Status != 1 || p.Status != 1 || p.Key == "" || p.Doc()["MinDevicePasswordLength"] != "6" || offer.Wipe() {
		c.t.Fatalf("phase 1: %+v", offer)
	}
	if got := (offer.DeviceInformation != nil); got != (c.v >= activesync.V141) {
		c.t.Errorf("phase 1 answers DeviceInformation: %v", got)
	}
	c.key = string(p.Key)
	c.call("Provision", wire.AcknowledgeProvision(c.v, p.Key, wire.PolicyApplied), &final)
	f := final.Policy()
	if final.Status != 1 || f.Status != 1 || f.Key == "" || f.Key == p.Key || f.Data != nil {
		c.t.Fatalf("phase 2: %+v", final)
	}
	c.key = string(f.Key)
}

func TestProvision(t *testing.T) {
	versions(t, withPolicies(), func(t *testing.T, c *conn) {
		sync := func() int { return c.refused("FolderSync", &wire.FolderSyncRequest{SyncKey: "0"}) }
		if got := sync(); got != c.common(142, 449) {
			t.Errorf("before: status %d", got)
		}
		if got := c.refused("Ping", &wire.PingRequest{}); got != 3 {
			t.Errorf("Ping is answered before: status %d", got)
		}
		c.provision()
		if got := sync(); got != 1 {
			t.Errorf("after: status %d", got)
		}
		right := c.key
		c.key = "12345"
		if got := sync(); got != c.common(144, 449) {
			t.Errorf("another key: status %d", got)
		}
		c.key = right
		c.box.DropPolicyKeys()
		if got := sync(); got != c.common(143, 449) {
			t.Errorf("changed policies: status %d", got)
		}
		if c.provision(); c.key == right {
			t.Error("the key is the same as before")
		}
		if got := sync(); got != 1 {
			t.Errorf("after that: status %d", got)
		}
	})
}

func TestProvisionThatIsRefused(t *testing.T) {
	versions(t, withPolicies(), func(t *testing.T, c *conn) {
		if c.v >= activesync.V141 {
			silent := &wire.ProvisionRequest{Policies: &wire.PolicyRequests{Policy: wire.PolicyRequest{PolicyType: wire.PolicyType}}}
			if got := c.refused("Provision", silent); got != 165 {
				t.Errorf("without device information: status %d", got)
			}
		} else if got := c.refused("Provision", wire.NewProvisionRequest(activesync.V161, info)); got != 2 && got != c.common(103, 400) {
			t.Errorf("with device information: status %d", got)
		}
		old := wire.NewProvisionRequest(c.v, info)
		old.Policies.Policy.PolicyType = "MS-WAP-Provisioning-XML"
		var res, wrong, offer wire.ProvisionResponse
		if c.call("Provision", old, &res); res.Status != 1 || res.Policy().Status != 3 {
			t.Errorf("another type: %+v", res)
		}
		if c.call("Provision", wire.AcknowledgeProvision(c.v, "77", 1), &wrong); wrong.Policy().Status != 5 {
			t.Errorf("a key that was not offered: %+v", wrong)
		}
		c.call("Provision", wire.NewProvisionRequest(c.v, info), &offer)
		c.key = string(offer.Policy().Key)
		if got := c.refused("Provision", wire.AcknowledgeProvision(c.v, offer.Policy().Key, 9)); got != c.common(103, 400) {
			t.Errorf("acknowledged with 9: status %d", got)
		}
	})
}

func TestNoPolicies(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		var res wire.ProvisionResponse
		c.call("Provision", wire.NewProvisionRequest(c.v, info), &res)
		if res.Status != 1 || res.Policy().Status != 2 || res.Policy().Key != "" {
			t.Errorf("got %+v", res)
		}
		c.folders()
	})
}

func TestWipe(t *testing.T) {
	versions(t, withPolicies(), func(t *testing.T, c *conn) {
		c.provision()
		c.box.Wipe()
		sync := func() int { return c.refused("FolderSync", &wire.FolderSyncRequest{SyncKey: "0"}) }
		if got := sync(); got != c.common(140, 449) {
			t.Errorf("status %d", got)
		}
		var res wire.ProvisionResponse
		if c.call("Provision", &wire.ProvisionRequest{}, &res); res.Status != 1 || !res.Wipe() {
			t.Fatalf("got %+v", res)
		}
		failed := wire.ProvisionResponse{}
		if c.call("Provision", wire.AcknowledgeWipe(&res, wire.WipeFailed), &failed); failed.Status != 2 || !failed.Wipe() {
			t.Errorf("a wipe that failed: %+v", failed)
		}
		for command, in := range map[string]any{"Ping": watch(60, "1"), "Settings": wire.NewUserInformation()} {
			if got := c.refused(command, in); got != c.common(140, 449) {
				t.Errorf("%s of a device that is to be erased: status %d", command, got)
			}
		}
		if got := c.refused("Provision", &wire.ProvisionRequest{RemoteWipe: &wire.WipeStatus{}}); got != 2 {
			t.Errorf("an acknowledgement that says nothing: status %d", got)
		}
		for range 2 { // the answer to the first may be lost
			done := wire.ProvisionResponse{}
			if c.call("Provision", wire.AcknowledgeWipe(&res, wire.WipeDone), &done); done.Status != 1 || done.Wipe() {
				t.Errorf("acknowledged: %+v", done)
			}
		}
		if device, account := c.box.Wiped(); !device || account {
			t.Error("the server does not know that the device was erased")
		}
		if got := sync(); got != c.common(142, 449) {
			t.Errorf("after the wipe: status %d", got)
		}
	})
}

// A device that waits for news is told at once that it is to be erased.
func TestAWipeEndsAPing(t *testing.T) {
	for _, v := range activesync.Versions() {
		t.Run(v.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newConn(t, v, server.Config{})
				inbox := c.folders()["Inbox"]
				c.prime(inbox, mail)
				time.AfterFunc(90*time.Second, c.box.Wipe)
				begin := time.Now()
				if got := c.refused("Ping", watch(600, inbox)); got != c.common(140, 449) || time.Since(begin) != 90*time.Second {
					t.Errorf("status %d after %v", got, time.Since(begin))
				}
			})
		})
	}
}

// What a device says of policies that it was not given, or does not keep.
func TestAcknowledgementsThatAreRefused(t *testing.T) {
	cfg := withPolicies()
	cfg.AllPolicies = true
	versions(t, cfg, func(t *testing.T, c *conn) {
		offer := func() activesync.PolicyKey {
			var res wire.ProvisionResponse
			c.key = "0"
			c.call("Provision", wire.NewProvisionRequest(c.v, info), &res)
			return res.Policy().Key
		}
		key := offer()
		var res wire.ProvisionResponse
		if c.call("Provision", wire.AcknowledgeProvision(c.v, key, wire.PolicyApplied), &res); res.Policy().Status != 5 || res.Policy().Key != "" {
			t.Errorf("under the key before: %+v", res)
		}
		for _, status := range []int{wire.PolicyPartly, wire.PolicyNotApplied} {
			key = offer()
			c.key = string(key)
			if got := c.refused("Provision", wire.AcknowledgeProvision(c.v, key, status)); got != c.common(139, 403) {
				t.Errorf("acknowledged with %d: status %d", status, got)
			}
		}
		c.provision()
		r := c.request("FolderSync", mustMarshal(t, &wire.FolderSyncRequest{SyncKey: "0"}))
		r.Header.Del("X-MS-PolicyKey")
		answer, b := c.roundTrip(r)
		if got := c.statusOf(answer.StatusCode, b); got != c.common(141, 449) {
			t.Errorf("without a key: status %d", got)
		}
	})
}

// Z-Push and grommunio want their policies acknowledged before Settings too.
func TestLateSettings(t *testing.T) {
	cfg := withPolicies()
	cfg.Personality.LateSettings = true
	versions(t, cfg, func(t *testing.T, c *conn) {
		if got := c.refused("Settings", wire.NewDeviceInformation(info)); got != c.common(142, 449) {
			t.Errorf("status %d", got)
		}
	})
}

func TestUserInformation(t *testing.T) {
	versions(t, server.Config{}, func(t *testing.T, c *conn) {
		var res wire.SettingsResponse
		c.call("Settings", wire.NewUserInformation(), &res)
		if got := res.Addresses(); len(got) != 1 || got[0] != "alice@example.test" {
			t.Errorf("got %v", got)
		}
		if accounts := len(res.UserInformation.Get.Accounts); (accounts == 1) != (c.v >= activesync.V141) {
			t.Errorf("%d accounts", accounts)
		}
	})
}
