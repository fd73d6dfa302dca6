package agent_test

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/agent"
	"eas.example/securemail/activesync/client"
	"eas.example/securemail/activesync/engine"
	"eas.example/securemail/activesync/oauth"
	"eas.example/securemail/activesync/oauth/oauthtest"
	"eas.example/securemail/activesync/server"
	"eas.example/securemail/store/storetest"
)

// tokenHouse is a house whose server takes tokens only.
type tokenHouse struct {
	*house
	auth *oauthtest.Server
	book *shelf

	mu       sync.Mutex
	requests int
	refused  int // 401
}

func newTokenHouse(t *testing.T) *tokenHouse {
	t.Helper()
	h := &tokenHouse{auth: oauthtest.New("alice"), book: &shelf{passwords: map[activesync.AccountID]string{}}}
	srv := server.New(server.Config{Bearer: h.auth.Bearer, OnlyBearer: true, Log: func(r server.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.requests++
		if r.Status == http.StatusUnauthorized {
			h.refused++
		}
	}})
	h.house = &house{t: t, box: srv.AddUser("alice", "", "alice@example.test"), store: storetest.Open(t)}
	l, err := agent.NewLocal(agent.Config{Store: h.store, Book: h.book, Dial: func(a activesync.Account, secret string) (engine.Server, error) {
		token, err := oauth.ParseSecret(secret)
		if err != nil {
			return nil, err
		}
		src := oauth.NewSource(h.provider(a), token, func(t oauth.Token) error { return h.book.Change(a, t.Secret()) })
		return client.New(client.Config{Endpoint: a.Server, User: a.Login(), Token: src.Token, DeviceID: h.store.DeviceID(), DeviceType: "securemail", Transport: srv.Transport()})
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.agent = l
	h.acc, err = l.AddAccount(t.Context(), h.account(), h.secret())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *tokenHouse) account() activesync.Account {
	return activesync.Account{Email: "alice@example.test", Server: "http://127.0.0.1/Microsoft-Server-ActiveSync", User: "alice", Auth: activesync.AuthOAuth,
		OAuth: oauthtest.OAuth("http://127.0.0.1:1")}
}

func (h *tokenHouse) provider(a activesync.Account) *oauth.Provider {
	p, err := oauth.New(a, h.auth)
	if err != nil {
		h.t.Error(err)
	}
	return p
}

// secret is what a person gets by signing in by a code.
func (h *tokenHouse) secret() string {
	h.t.Helper()
	var wait sync.WaitGroup
	token, err := h.provider(h.account()).Device(h.t.Context(), func(oauth.Errand) { wait.Go(func() { h.auth.Approve(true) }) })
	wait.Wait()
	if err != nil {
		h.t.Fatal(err)
	}
	return token.Secret()
}

// counts forgets what was counted and says how much it was.
func (h *tokenHouse) counts() (requests, refused int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	requests, refused, h.requests, h.refused = h.requests, h.refused, 0, 0
	return requests, refused
}

// comes has a message arrive and wants it here within two minutes.
func (h *tokenHouse) comes(when string) {
	h.t.Helper()
	_, before := h.inbox()
	h.deliver(1)
	time.Sleep(2 * time.Minute)
	synctest.Wait()
	if _, rows := h.inbox(); len(rows) != len(before)+1 {
		st, err := h.agent.Status(h.t.Context(), h.acc.ID)
		h.t.Errorf("%s: %d messages, before %d; %s: %v, %v", when, len(rows), len(before), st.Phase, st.Err, err)
	}
}

func TestTokensAreRenewedForDaysWithoutARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newTokenHouse(t)
		h.run()
		defer h.agent.Attach(true)()
		for range 3 * 8 {
			time.Sleep(3 * time.Hour)
			h.comes("later")
		}
		if _, refused := h.counts(); refused > 0 {
			t.Errorf("%d requests were refused", refused)
		}
		// What the server says of its tokens changes: one refusal for each.
		h.auth.Expire()
		h.comes("after the server took the token back")
		if _, refused := h.counts(); refused != 1 {
			t.Errorf("%d requests were refused", refused)
		}
		h.shut()
	})
}

func TestEndedSignInWaitsForThePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newTokenHouse(t)
		h.run()
		defer h.agent.Attach(true)()
		time.Sleep(time.Minute)
		h.auth.Revoke()
		h.auth.Expire()
		h.deliver(1)
		time.Sleep(2 * time.Hour)
		st, err := h.agent.Status(t.Context(), h.acc.ID)
		if err != nil || !errors.Is(st.Err, activesync.ErrSignIn) || !errors.Is(st.Err, activesync.ErrAuth) {
			t.Fatalf("status %v, %v", st.Err, err)
		}
		asked := h.auth.Count("refresh_token")
		h.counts()
		time.Sleep(24 * time.Hour)
		if requests, _ := h.counts(); requests > 0 || h.auth.Count("refresh_token") != asked {
			t.Errorf("%d requests, %d refreshes while nobody signed in", requests, h.auth.Count("refresh_token")-asked)
		}
		if err := h.agent.SignIn(t.Context(), h.acc, h.secret()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, rows := h.inbox(); len(rows) != 1 {
			t.Errorf("%d messages after signing in", len(rows))
		}
		h.comes("after signing in")
		time.Sleep(5 * time.Hour) // the new tokens live on, and are what is kept
		h.comes("hours later")
		token, err := oauth.ParseSecret(h.book.passwords[h.acc.ID])
		if _, ok := h.auth.Bearer(token.Access); err != nil || !ok {
			t.Errorf("what is kept is out of date, %v", err)
		}
		h.shut()
	})
}

func TestAuthorizationServerThatIsDownIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newTokenHouse(t)
		h.run()
		defer h.agent.Attach(true)()
		time.Sleep(time.Minute)
		h.auth.Down(http.StatusServiceUnavailable)
		time.Sleep(3 * time.Hour)
		st, err := h.agent.Status(t.Context(), h.acc.ID)
		if err != nil || st.Err == nil || errors.Is(st.Err, activesync.ErrAuth) {
			t.Errorf("status %v, %v", st.Err, err)
		}
		h.auth.Down(0)
		time.Sleep(time.Hour) // it is asked ever more rarely
		h.comes("when it is back")
		h.shut()
	})
}

func TestSignInWithAnotherPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.deliver(1)
		h.add()
		h.run()
		defer h.agent.Attach(true)()
		time.Sleep(time.Minute)
		if err := h.agent.SignIn(t.Context(), h.acc, "wrong"); !errors.Is(err, activesync.ErrAuth) {
			t.Errorf("a wrong one: %v", err)
		}
		if p, err := h.agent.Book.Password(h.acc.ID); p != "pw" || err != nil {
			t.Errorf("kept %q, %v", p, err)
		}
		h.deliver(2)
		time.Sleep(time.Minute)
		if _, rows := h.inbox(); len(rows) != 3 {
			t.Errorf("%d messages after a wrong password", len(rows))
		}
		if err := h.agent.SignIn(t.Context(), h.acc, "pw"); err != nil {
			t.Error(err)
		}
		var wait sync.WaitGroup
		for range 3 { // nobody is left behind
			wait.Go(func() { _ = h.agent.SignIn(t.Context(), h.acc, "pw") })
		}
		wait.Wait()
		if err := h.agent.SignIn(t.Context(), activesync.Account{ID: "nobody"}, "pw"); !errors.Is(err, agent.ErrNoAccount) {
			t.Errorf("an unknown account: %v", err)
		}
		h.deliver(3)
		time.Sleep(time.Minute)
		if _, rows := h.inbox(); len(rows) != 6 {
			t.Errorf("%d messages", len(rows))
		}
		h.shut()
	})
}
