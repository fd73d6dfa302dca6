package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"eas.example/securemail/activesync"
)

// tellTrouble tells of what needs the person: mail that was not sent, a sign-in
// that is refused, policies that changed. Each is told once, and withdrawn when
// it is over.
func (t *Teller) tellTrouble(ctx context.Context, id activesync.AccountID, s activesync.Notifications) (next time.Time, err error) {
	of := s.Accounts[id]
	if quiet := of.QuietUntil(time.Now()); !quiet.IsZero() {
		return quiet, nil
	}
	st, err := t.House.State(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	if of.Off {
		return time.Time{}, nil
	}
	return time.Time{}, errors.Join(t.tellFailed(ctx, id, s, st.Told), t.tellSignIn(ctx, id, s, st.Told), t.tellPolicy(ctx, id, s, st),
		t.tellManaged(ctx, id, s, st.Told))
}

// tellFailed tells of messages that the server refused, or that may or may not
// have been sent.
func (t *Teller) tellFailed(ctx context.Context, id activesync.AccountID, s activesync.Notifications, told activesync.Told) error {
	ops, err := t.House.Outbox(ctx, id)
	if err != nil {
		return err
	}
	var failed []activesync.OpID
	var news []activesync.Op
	for _, op := range ops {
		if op.Kind != activesync.OpSend || op.State != activesync.OpParked && op.State != activesync.OpUncertain {
			continue
		}
		failed = append(failed, op.ID)
		if !slices.Contains(told.Failed, op.ID) {
			news = append(news, op)
		}
	}
	if len(news) > 0 || len(failed) != len(told.Failed) {
		if err := t.House.UpdateTold(ctx, id, func(told *activesync.Told) { told.Failed = failed }); err != nil {
			return err
		}
	}
	most := level(s, id, activesync.ContentAllow)
	if most == activesync.ContentBlock {
		return nil
	}
	for _, op := range news {
		n := Notice{ID: "send" + op.ID.String(), Kind: activesync.NotifySendFailed, Account: id, Content: most, Title: "A message was not sent", Urgent: true}
		if op.State == activesync.OpUncertain {
			n.Title = "A message may have been sent or not"
		}
		if op.Send != nil && (most == activesync.ContentAllow || most == activesync.ContentSender) {
			n.Body = cleanLine(op.Send.Subject, maxBody)
		}
		if most == activesync.ContentAllow && op.Reason != "" {
			n.Body = cleanLine(n.Body+" – "+op.Reason, maxBody)
		}
		if err := t.show(ctx, s, n, activesync.Shown{Op: op.ID}); err != nil {
			return err
		}
	}
	return nil
}

const signInName, policyName, managedName = "signin", "policy", "managedpolicy"

// tellSignIn tells that the server refuses the sign-in, until one works again.
func (t *Teller) tellSignIn(ctx context.Context, id activesync.AccountID, s activesync.Notifications, told activesync.Told) error {
	status, err := t.House.Status(ctx, id)
	if err != nil {
		return err
	}
	refused := errors.Is(status.Err, activesync.ErrAuth)
	works := status.Err == nil && (status.Phase == activesync.PhaseLive || status.Phase == activesync.PhaseWaiting)
	switch {
	case refused && !told.SignIn:
		if err := t.House.UpdateTold(ctx, id, func(told *activesync.Told) { told.SignIn = true }); err != nil {
			return err
		}
		name, body := t.nameOf(ctx, id), "The server refuses the password. No mail comes until you sign in again."
		if errors.Is(status.Err, activesync.ErrSignIn) {
			body = "Your sign-in has run out. No mail comes until you sign in again."
		}
		return t.show(ctx, s, Notice{ID: signInName + string(id), Kind: activesync.NotifySignIn, Account: id, Urgent: true,
			Title: cleanLine("Sign in to "+name, maxTitle), Body: body}, activesync.Shown{})
	case works && told.SignIn:
		if err := t.House.UpdateTold(ctx, id, func(told *activesync.Told) { told.SignIn = false }); err != nil {
			return err
		}
		return t.withdrawNamed(ctx, id, s, told, signInName+string(id))
	}
	return nil
}

func (t *Teller) withdrawNamed(ctx context.Context, id activesync.AccountID, s activesync.Notifications, told activesync.Told, name string) error {
	for _, of := range told.Shown {
		if of.Name == name {
			return t.withdraw(ctx, id, s, of)
		}
	}
	return nil
}

// tellPolicy tells that the server's policies changed. The first ones come with
// the account and are no news.
func (t *Teller) tellPolicy(ctx context.Context, id activesync.AccountID, s activesync.Notifications, st activesync.AccountState) error {
	if !st.Provisioned {
		return nil
	}
	b, err := json.Marshal(st.Policy) // with its keys in order
	if err != nil {
		return err
	}
	h := sha256.Sum256(b)
	sum := hex.EncodeToString(h[:8])
	if sum == st.Told.Policy {
		return nil
	}
	if err := t.House.UpdateTold(ctx, id, func(told *activesync.Told) { told.Policy = sum }); err != nil {
		return err
	}
	if st.Told.Policy == "" {
		return nil
	}
	body := "Settings › Policies shows what holds now."
	if len(st.PolicyUnmet) > 0 {
		body = "Not all that they demand can be done here. " + body
	}
	return t.show(ctx, s, Notice{ID: policyName + string(id), Kind: activesync.NotifyPolicy, Account: id,
		Title: cleanLine("The policies of "+t.nameOf(ctx, id)+" changed", maxTitle), Body: body}, activesync.Shown{})
}

// tellManaged tells that the organisation decided otherwise for this machine.
// That is told once, for the first account; what holds when it is set up is no
// news.
func (t *Teller) tellManaged(ctx context.Context, id activesync.AccountID, s activesync.Notifications, told activesync.Told) error {
	accounts, err := t.House.Accounts(ctx)
	if err != nil || len(accounts) == 0 || accounts[0].ID != id {
		return err
	}
	now := t.House.ManagedPolicies()
	if maps.Equal(now, told.Managed) {
		return nil
	}
	if err := t.House.UpdateTold(ctx, id, func(told *activesync.Told) { told.Managed = now }); err != nil {
		return err
	}
	var changed []string
	for _, label := range slices.Sorted(maps.Keys(now)) {
		if was, known := told.Managed[label]; known && was != now[label] {
			changed = append(changed, label+": "+now[label])
		}
	}
	if len(changed) == 0 {
		return nil
	}
	body := "Settings › Policies shows what holds now."
	if len(changed) <= maxNames {
		body = strings.Join(changed, "; ") + ". " + body
	}
	return t.show(ctx, s, Notice{ID: managedName, Kind: activesync.NotifyPolicy, Account: id, Title: "Your organisation changed what is allowed here",
		Body: cleanLine(body, maxBody)}, activesync.Shown{})
}

// erased takes away what stands of an account that the organisation had erased, and
// tells of that. Nothing of it is left in which it could be noted.
func (t *Teller) erased(ctx context.Context, account activesync.AccountID, name string) {
	t.takeAllAway(ctx, account)
	s, err := t.House.Notifications(ctx)
	if err != nil || level(s, account, activesync.ContentAllow) == activesync.ContentBlock {
		return
	}
	t.put(ctx, s, Notice{ID: "erased" + string(account), Kind: activesync.NotifyPolicy, Account: account, Urgent: true,
		Title: cleanLine(name+" was erased from this machine", maxTitle), Body: "Your organisation asked for it."}, &activesync.Shown{}, activesync.Told{})
}

// nameOf is what the person calls an account.
func (t *Teller) nameOf(ctx context.Context, id activesync.AccountID) string {
	accounts, err := t.House.Accounts(ctx)
	if err != nil {
		return "your account"
	}
	for _, a := range accounts {
		if a.ID == id {
			return a.Name
		}
	}
	return "your account"
}
