package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/server"
)

func (w *world) mailTo(id string) activesync.OpID {
	w.t.Helper()
	raw := mime(id, time.Now())
	op, err := w.store.Queue(w.t.Context(), activesync.Op{Account: w.account.ID, Kind: activesync.OpSend, Created: time.Now(), State: activesync.OpPending,
		Send: &activesync.Outgoing{ClientID: id, MessageID: id + "@example.test", Subject: id, Size: int64(len(raw))}}, raw)
	if err != nil {
		w.t.Fatal(err)
	}
	w.engine.Wake()
	return op
}

// A server that keeps copies tells by Sent whether a message was sent; of one
// that does not nothing can be known.
func TestSentTellsWhereTheServerKeepsCopies(t *testing.T) {
	for _, keeps := range []bool{true, false} {
		for name, fault := range map[string]server.Fault{"request lost": {Refuse: true}, "answer lost": {Drop: true}} {
			t.Run(fmt.Sprintf("keeps %v, %s", keeps, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, server.Config{Personality: server.Personality{SendsAgain: true, NoSentCopy: !keeps}})
					w.sync()
					w.run()
					time.Sleep(time.Minute)
					w.mailTo("first")
					time.Sleep(time.Minute)
					w.setFault(func(q *server.Request) *server.Fault {
						if q.Command != "SendMail" {
							return nil
						}
						w.fault = nil
						f := fault
						return &f
					})
					w.mailTo("second")
					time.Sleep(time.Hour)
					synctest.Wait()
					came := 0
					items, err := w.box.Items("Inbox")
					for _, it := range items {
						if nameOf(it.MIME) == "second" {
							came++
						}
					}
					ops, perr := w.store.Pending(t.Context(), w.account.ID)
					if err != nil || perr != nil {
						t.Fatal(err, perr)
					}
					unclear := len(ops) == 1 && ops[0].State == activesync.OpUncertain
					if keeps && (came != 1 || len(ops) != 0) || !keeps && (!unclear || came > 1) {
						t.Errorf("it came %d times; the journal holds %+v", came, ops)
					}
				})
			})
		}
	}
}
