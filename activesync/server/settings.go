package server

import (
	"slices"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// maxDevicePassword is how long a recovery password may be (MS-ASCMD 2.2.3.119).
const maxDevicePassword = 255

// settings reads and writes what belongs to the user and the device (MS-ASCMD
// 2.2.1.18).
func (x *exchange) settings() *reply {
	var req wire.SettingsRequest
	if x.decode(&req) != nil {
		return document(&wire.SettingsResponse{Status: 2})
	}
	out := &wire.SettingsResponse{Status: 1}
	if req.RightsManagement != nil {
		out.RightsManagement = &wire.RightsManagementInformation{Status: 1, Get: &wire.RightsManagementGiven{}}
	}
	if req.Oof != nil {
		out.Oof = x.oof(req.Oof)
	}
	if req.DevicePassword != nil {
		out.DevicePassword = &wire.SettingsStatus{Status: x.devicePassword(req.DevicePassword.Password)}
	}
	if req.DeviceInformation != nil {
		x.d.introduced = true
		out.DeviceInformation = &wire.SettingsStatus{Status: 1}
	}
	if req.UserInformation != nil {
		given := &wire.UserInformationGiven{}
		addresses := &wire.EmailAddresses{SMTPAddresses: []string{x.m.email}}
		if x.Version >= activesync.V141 {
			addresses.PrimarySMTPAddress = x.m.email
			given.Accounts = []wire.UserAccount{{EmailAddresses: addresses}}
		} else {
			given.EmailAddresses = addresses
		}
		out.UserInformation = &wire.UserInformation{Status: 1, Get: given}
	}
	return document(out)
}

// devicePassword keeps the recovery password, where the policies allow that.
func (x *exchange) devicePassword(password string) (status int) {
	switch {
	case len(password) > maxDevicePassword:
		return 5
	case x.s.cfg.Policies["PasswordRecoveryEnabled"] != "1":
		return 7
	}
	x.d.recovery = password
	return 1
}

// oof reads or writes the out-of-office message. 14.1 gives the one for people
// inside alone, and 16.1 hides that one while the message is off.
func (x *exchange) oof(req *wire.OofSettings) *wire.OofAnswer {
	switch {
	case (req.Get == nil) == (req.Set == nil):
		return &wire.OofAnswer{Status: 2}
	case req.Set != nil:
		return &wire.OofAnswer{Status: x.setOof(req.Set)}
	}
	if req.Get.BodyType != "Text" && req.Get.BodyType != "HTML" {
		return &wire.OofAnswer{Status: 5}
	}
	have := x.m.oof
	given := &wire.Oof{State: have.State}
	if have.State == wire.OofTimed {
		given.StartTime, given.EndTime = have.StartTime, have.EndTime
	}
	for _, m := range have.Messages {
		if m.Internal && x.Version >= activesync.V161 && have.State == wire.OofOff || !m.Internal && x.Version == activesync.V141 {
			continue
		}
		m.BodyType = req.Get.BodyType
		given.Messages = append(given.Messages, m)
	}
	return &wire.OofAnswer{Status: 1, Get: given}
}

func (x *exchange) setOof(in *wire.Oof) (status int) {
	from, hasFrom := in.StartTime.Time()
	to, hasTo := in.EndTime.Time()
	switch {
	case in.State < wire.OofOff || in.State > wire.OofTimed:
		return 5
	case (in.StartTime == nil) != (in.EndTime == nil), in.State == wire.OofTimed && !(hasFrom && hasTo):
		return 2
	case hasFrom && !to.After(from):
		return 5
	}
	next := x.m.oof
	next.State, next.StartTime, next.EndTime = in.State, in.StartTime, in.EndTime
	next.Messages = slices.Clone(next.Messages)
	for _, m := range in.Messages {
		i := slices.IndexFunc(next.Messages, func(have wire.OofMessage) bool {
			return have.Internal == m.Internal && have.Known == m.Known && have.Unknown == m.Unknown
		})
		if i < 0 {
			return 5 // for nobody, or for two groups at once
		}
		next.Messages[i] = m
	}
	x.m.oof = next
	return 1
}

// emptyOof is the out-of-office message of a new mailbox.
func emptyOof() wire.Oof {
	return wire.Oof{Messages: []wire.OofMessage{{Internal: true}, {Known: true}, {Unknown: true}}}
}

// Oof is the out-of-office message of the user, for comparing.
func (m *Mailbox) Oof() wire.Oof {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.oof
}
