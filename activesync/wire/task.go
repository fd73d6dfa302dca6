package wire

import (
	"fmt"

	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// Task is the ApplicationData of a task (MS-ASTASK 2.2.2). Complete must be
// there; the local and the UTC form of a date stand both or not at all.
type Task struct {
	Subject       *string         `wbxml:"Tasks:Subject"`
	Body          *Body           `wbxml:"AirSyncBase:Body"`
	Importance    *Number         `wbxml:"Tasks:Importance"`
	UTCStartDate  *Stamp          `wbxml:"Tasks:UtcStartDate"`
	StartDate     *Stamp          `wbxml:"Tasks:StartDate"`
	UTCDueDate    *Stamp          `wbxml:"Tasks:UtcDueDate"`
	DueDate       *Stamp          `wbxml:"Tasks:DueDate"`
	Categories    *TaskTags       `wbxml:"Tasks:Categories"`
	Recurrence    *TaskRecurrence `wbxml:"Tasks:Recurrence"`
	Complete      *Switch         `wbxml:"Tasks:Complete"`
	DateCompleted *Stamp          `wbxml:"Tasks:DateCompleted"`
	Sensitivity   *Number         `wbxml:"Tasks:Sensitivity"`
	ReminderTime  *Stamp          `wbxml:"Tasks:ReminderTime"`
	ReminderSet   *Switch         `wbxml:"Tasks:ReminderSet"`
}

// TaskTags are the categories of a task.
type TaskTags struct {
	Names []string `wbxml:"Tasks:Category"`
}

// TaskRecurrence is how a task recurs (MS-ASTASK 2.2.2.18).
type TaskRecurrence struct {
	Type           *Number `wbxml:"Tasks:Type"`
	Start          *Stamp  `wbxml:"Tasks:Start"`
	Until          *Stamp  `wbxml:"Tasks:Until"`
	Occurrences    *Number `wbxml:"Tasks:Occurrences"`
	Interval       *Number `wbxml:"Tasks:Interval"`
	DayOfMonth     *Number `wbxml:"Tasks:DayOfMonth"`
	DayOfWeek      *Number `wbxml:"Tasks:DayOfWeek"`
	WeekOfMonth    *Number `wbxml:"Tasks:WeekOfMonth"`
	MonthOfYear    *Number `wbxml:"Tasks:MonthOfYear"`
	Regenerate     *Switch `wbxml:"Tasks:Regenerate"`
	DeadOccur      *Switch `wbxml:"Tasks:DeadOccur"`
	CalendarType   *Number `wbxml:"Tasks:CalendarType"`   // 14.0 on
	IsLeapMonth    *Switch `wbxml:"Tasks:IsLeapMonth"`    // 14.0 on
	FirstDayOfWeek *Number `wbxml:"Tasks:FirstDayOfWeek"` // 14.1 on
}

// DecodeTask reads the ApplicationData of a task. What it does not name is
// empty: a task is replaced as a whole (MS-ASTASK 3.1.5.1).
func DecodeTask(raw wbxml.Raw) (*activesync.Task, error) {
	var w Task
	if err := raw.Unmarshal(&w); err != nil {
		return nil, fmt.Errorf("read a task: %w", err)
	}
	t := &activesync.Task{Subject: value(w.Subject), Importance: activesync.ImportanceNormal, Complete: w.Complete != nil && w.Complete.Bool()}
	if w.Body != nil {
		t.Body = decodeBody(w.Body, nil)
	}
	if w.Importance != nil {
		t.Importance = decodeImportance(*w.Importance)
	}
	t.Start, _ = w.StartDate.Time()
	t.UTCStart, _ = w.UTCStartDate.Time()
	t.Due, _ = w.DueDate.Time()
	t.UTCDue, _ = w.UTCDueDate.Time()
	t.Completed, _ = w.DateCompleted.Time()
	if w.Categories != nil {
		t.Categories = w.Categories.Names
	}
	if w.Sensitivity != nil {
		t.Sensitivity = w.Sensitivity.Byte()
	}
	if w.ReminderSet != nil && w.ReminderSet.Bool() {
		t.Reminder, _ = w.ReminderTime.Time()
	}
	if w.Recurrence != nil {
		w.Recurrence.decode(t)
	}
	return t, nil
}

func (w *TaskRecurrence) decode(t *activesync.Task) {
	n := func(p *Number) int { return value(p).Int(0) }
	t.Recurrence = activesync.Recurrence{Set: true, Type: value(w.Type).Byte(), Interval: n(w.Interval), Occurrences: n(w.Occurrences), DayOfWeek: n(w.DayOfWeek),
		DayOfMonth: n(w.DayOfMonth), WeekOfMonth: n(w.WeekOfMonth), MonthOfYear: n(w.MonthOfYear), FirstDayOfWeek: n(w.FirstDayOfWeek),
		CalendarType: n(w.CalendarType), LeapMonth: value(w.IsLeapMonth).Bool()}
	t.Recurrence.Until, _ = w.Until.Time()
	t.Begins, _ = w.Start.Time()
	t.Regenerates, t.DeadOccurrence = value(w.Regenerate).Bool(), value(w.DeadOccur).Bool()
}

// EncodeTask is the ApplicationData of a task.
func EncodeTask(t *activesync.Task, v activesync.Version) *Task {
	w := &Task{Subject: ptr(t.Subject), Body: encodeBody(t.Body), Importance: ptr(encodeImportance(t.Importance)),
		UTCStartDate: stamp(Dashed, t.UTCStart), StartDate: stamp(Dashed, t.Start), UTCDueDate: stamp(Dashed, t.UTCDue), DueDate: stamp(Dashed, t.Due),
		Complete: ptr(MakeSwitch(t.Complete)), Sensitivity: ptr(MakeNumber(t.Sensitivity)), ReminderSet: ptr(MakeSwitch(!t.Reminder.IsZero())),
		ReminderTime: stamp(Dashed, t.Reminder)}
	if t.Complete {
		w.DateCompleted = stamp(Dashed, t.Completed)
	}
	if len(t.Categories) > 0 {
		w.Categories = &TaskTags{Names: t.Categories}
	}
	if t.Recurrence.Set {
		w.Recurrence = encodeTaskRecurrence(t, v)
	}
	return w
}

func encodeTaskRecurrence(t *activesync.Task, v activesync.Version) *TaskRecurrence {
	r := &t.Recurrence
	n := func(n int) *Number {
		if n == 0 {
			return nil
		}
		return ptr(MakeNumber(n))
	}
	w := &TaskRecurrence{Type: ptr(MakeNumber(r.Type)), Start: stamp(Dashed, t.Begins), Until: stamp(Dashed, r.Until), Occurrences: n(r.Occurrences),
		Interval: n(r.Interval), DayOfMonth: n(r.DayOfMonth), DayOfWeek: n(r.DayOfWeek), WeekOfMonth: n(r.WeekOfMonth), MonthOfYear: n(r.MonthOfYear)}
	if t.Regenerates {
		w.Regenerate = ptr(MakeSwitch(true))
	}
	if t.DeadOccurrence {
		w.DeadOccur = ptr(MakeSwitch(true))
	}
	if v >= activesync.V140 {
		w.CalendarType = n(r.CalendarType)
		if r.LeapMonth {
			w.IsLeapMonth = ptr(MakeSwitch(true))
		}
	}
	if v >= activesync.V141 {
		w.FirstDayOfWeek = n(r.FirstDayOfWeek)
	}
	return w
}
