package server

import (
	"slices"
	"time"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wire"
)

// options are those of a collection. The server remembers the last block; a
// new one replaces it whole (MS-ASCMD 2.2.3.125.5).
type options struct {
	filter    int
	bodies    []wire.BodyPreference
	mime      int
	mimeLimit *int // of MIMETruncation
	// deviceWins is Conflict 0: what the device sends goes over what changed here.
	deviceWins bool
}

// filters are the FilterTypes that a class takes (MS-ASCMD 2.2.3.68.2).
var filters = map[activesync.Class][]int{
	activesync.ClassEmail: {0, 1, 2, 3, 4, 5}, activesync.ClassCalendar: {0, 4, 5, 6, 7}, activesync.ClassTasks: {0, 8},
}

// classSMS is that of text messages among the mail.
const classSMS activesync.Class = "SMS"

// mimeLimits are what MIMETruncation stands for (MS-ASCMD 2.2.3.107).
var mimeLimits = [...]int{0, 4096, 5120, 7168, 10240, 20480, 51200, 102400}

// newOptions reads the options of a request, nil where it states none, and the
// status that refuses them.
func newOptions(in *wire.SyncCollection, class activesync.Class) (o *options, status int) {
	if len(in.Options) == 0 {
		return nil, 0
	}
	block := in.Options[0]
	if len(in.Options) == 2 { // mail and SMS, each with its Class (MS-ASCMD 2.2.3.27.6)
		other := in.Options[1]
		if block.Class == classSMS {
			block, other = other, block
		}
		if block.Class != activesync.ClassEmail || other.Class != classSMS {
			return nil, 4
		}
	}
	if len(in.Options) > 2 || block.Class != "" && block.Class != class {
		return nil, 4
	}
	if p := block.BodyPartPreference; p != nil && p.Type != uint8(activesync.BodyHTML) {
		return nil, 164
	}
	o = &options{bodies: block.BodyPreferences}
	if block.FilterType != nil {
		o.filter = *block.FilterType
	}
	if allowed, ok := filters[class]; ok && !slices.Contains(allowed, o.filter) {
		return nil, 4
	}
	if c := block.Conflict; c != nil {
		if *c < 0 || *c > 1 {
			return nil, 4
		}
		o.deviceWins = *c == 0
	}
	if n := block.MIMETruncation; n != nil {
		if *n < 0 || *n > len(mimeLimits) {
			return nil, 4
		}
		if *n < len(mimeLimits) { // 8 is the whole
			limit := mimeLimits[*n]
			o.mimeLimit = &limit
		}
	}
	if block.MIMESupport != nil {
		o.mime = *block.MIMESupport
	}
	if o.mime < 0 || o.mime > 2 || !goodPreferences(o.bodies) {
		return nil, 4
	}
	return o, 0
}

// goodPreferences reports whether each type is asked for once, and what is
// asked makes sense (MS-ASAIRS 2.2.2.12).
func goodPreferences(list []wire.BodyPreference) bool {
	seen := map[uint8]bool{}
	for _, b := range list {
		if b.Type < 1 || b.Type > 4 || seen[b.Type] || b.Preview < 0 || b.Preview > 255 || b.TruncationSize != nil && *b.TruncationSize < 0 {
			return false
		}
		seen[b.Type] = true
	}
	return true
}

// period is the time that a FilterType stands for.
type period struct {
	all   bool
	since time.Time
	open  bool // of tasks, those that are not done
}

// openTasks is the FilterType of tasks that are not done.
const openTasks = 8

func newPeriod(filter int, class activesync.Class) period {
	days, ok := map[int]int{1: 1, 2: 3, 3: 7, 4: 14, 5: 31, 6: 92, 7: 183}[filter]
	if class == activesync.ClassTasks && filter == openTasks {
		return period{open: true}
	}
	if !ok || class != activesync.ClassEmail && class != activesync.ClassCalendar {
		return period{all: true}
	}
	return period{since: time.Now().AddDate(0, 0, -days)}
}

// holds reports whether an item lies in the period; a series does as long as
// it goes on.
func (p period) holds(it *item) bool {
	if p.all {
		return true
	}
	if p.open {
		return it.task == nil || !it.task.Complete
	}
	if it.event == nil {
		return it.date.After(p.since)
	}
	end := it.event.End
	if r := it.event.Recurrence; r.Set {
		days := map[uint8]int{0: 1, 1: 7, 2: 31, 3: 31}[r.Type]
		if days == 0 {
			days = 366
		}
		switch {
		case !r.Until.IsZero():
			end = r.Until.AddDate(0, 0, 1)
		case r.Occurrences > 0:
			end = end.AddDate(0, 0, days*max(r.Interval, 1)*r.Occurrences)
		default:
			return true
		}
	}
	return end.After(p.since)
}
