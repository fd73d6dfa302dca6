package server_test

import (
	"testing"

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
		if c.call("Provision", wire.AcknowledgeWipe(&res, wire.WipeFailed), &failed); !failed.Wipe() {
			t.Error("a wipe that failed is not asked for again")
		}
		done := wire.ProvisionResponse{}
		if c.call("Provision", wire.AcknowledgeWipe(&res, wire.WipeDone), &done); done.Status != 1 || done.Wipe() {
			t.Errorf("acknowledged: %+v", done)
		}
		if got := sync(); got != c.common(142, 449) {
			t.Errorf("after the wipe: status %d", got)
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
