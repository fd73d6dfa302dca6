package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"eas.example/securemail/activesync"
)

// Channel is where wake-ups come from.
type Channel struct {
	Topic string // its address
	Token string // may be empty
	// Since is the time from which on nothing may be missed.
	Since time.Time
}

// How long a broken channel is left alone.
const (
	channelFirst = 5 * time.Second
	channelLast  = 15 * time.Minute
)

// channelTopic is a topic, and how often it was opened anew: with another token,
// or because the connection may be dead.
type channelTopic struct {
	address  string
	reopened int
}

// channelRun is the goroutine that listens at a topic; its zero value is none.
type channelRun struct {
	topic  channelTopic
	cancel context.CancelFunc
	done   chan struct{}
}

func (r *channelRun) stop() {
	if r.cancel != nil {
		r.cancel()
		<-r.done
	}
	*r = channelRun{}
}

// keepChannel starts or ends listening.
func (l *Local) keepChannel(ctx context.Context, r *channelRun, wanted bool, topic channelTopic) {
	if r.cancel != nil && wanted && r.topic == topic {
		return
	}
	r.stop()
	if !wanted {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	*r = channelRun{topic, cancel, make(chan struct{})}
	go func(done chan struct{}) {
		defer close(done)
		l.listen(ctx, topic.address)
	}(r.done)
}

// reopenChannel has the channel opened anew, where there is one.
func (l *Local) reopenChannel() {
	l.presence.mu.Lock()
	l.presence.reopened++
	l.presence.mu.Unlock()
	l.presence.nudge()
}

// listen keeps the channel open and rings at every account when it tells of
// news.
func (l *Local) listen(ctx context.Context, topic string) {
	l.setPush(ctx, pushConnecting, nil)
	since := l.lastLook(ctx)
	wait := channelFirst
	for ctx.Err() == nil {
		token, err := "", error(nil)
		if l.Settings != nil {
			token, err = l.Settings.PushToken()
		}
		switch {
		case err != nil:
		case l.Listen == nil:
			err = errNoChannel
		default:
			began := time.Now()
			err = l.Listen(ctx, Channel{topic, token, since}, func() {
				wait = channelFirst
				l.setPush(ctx, pushOpen, nil)
			}, func() {
				since = time.Now()
				l.ring()
			})
			if time.Since(began) > channelLast {
				since = began
			}
		}
		if ctx.Err() != nil {
			return
		}
		l.Log.Warn("push channel lost", "error", err)
		l.setPush(ctx, pushLost, err)
		if pause(ctx, wait+time.Duration(rand.Float64()*float64(wait)/4)) != nil {
			return
		}
		wait = min(2*wait, channelLast)
	}
}

var errNoChannel = errors.New("this program has no push channel")

func (l *Local) ring() {
	l.Log.Info("push channel tells of news")
	for _, m := range l.members() {
		m.engine.Ring()
	}
}

// lastLook is when the account that was longest not looked at was in step, of those
// that ever were. What the channel said since then may have been missed.
func (l *Local) lastLook(ctx context.Context) time.Time {
	oldest := time.Now()
	for _, m := range l.members() {
		if last, err := l.lastSync(ctx, m.account.ID); err == nil && !last.IsZero() && last.Before(oldest) {
			oldest = last
		}
	}
	return oldest
}

func (l *Local) setPush(ctx context.Context, s pushState, err error) {
	p := &l.presence
	p.mu.Lock()
	changed := p.push != s && ctx.Err() == nil
	if changed {
		p.push, p.pushError = s, err
	}
	p.mu.Unlock()
	if !changed {
		return
	}
	// Falling back must not wait for anything else, so it is done here.
	for _, m := range l.members() {
		m.engine.Attend(l.careFor(m.account.ID))
	}
	l.hub.publish(activesync.Notice{Kind: activesync.NoticePresence, Time: time.Now().UTC()})
}

// pushWords say how the channel is. The caller holds mu.
func (p *presence) pushWords() string {
	switch p.push {
	case pushConnecting:
		return "connecting"
	case pushOpen:
		return "listening"
	case pushLost:
		if p.pushError != nil {
			return "lost: " + p.pushError.Error()
		}
		return "lost"
	}
	return ""
}
