package action

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// Keymap finds actions by keys, and keys by actions.
type Keymap struct {
	table  []Action
	byID   map[ID]int
	byKey  map[string][]int // keys to rows of the table
	prefix map[string]bool  // first keys of sequences
}

// NewKeymap takes the table with other keys for some actions. An entry of an
// unknown action is an error, and so is a key that would do two things in the
// same place; the keymap works nevertheless, without what is wrong.
func NewKeymap(keys map[string][]string) (*Keymap, error) {
	m := &Keymap{table: All(), byID: map[ID]int{}, byKey: map[string][]int{}, prefix: map[string]bool{}}
	for i := range m.table {
		m.byID[m.table[i].ID] = i
	}
	var problem error
	for _, name := range sorted(keys) {
		i, ok := m.byID[ID(name)]
		if !ok {
			problem = fmt.Errorf("keys of %q: there is no such action", name)
			continue
		}
		m.table[i].Keys = keys[name]
	}
	for i, a := range m.table {
		for _, k := range a.Keys {
			for _, j := range m.byKey[k] {
				if other := m.table[j].In; other&a.In != 0 && (other == a.In || other&a.In != other && other&a.In != a.In) {
					problem = fmt.Errorf("key %s is given to both %s and %s", k, m.table[j].ID, a.ID)
				}
			}
			m.byKey[k] = append(m.byKey[k], i)
			if first, _, ok := strings.Cut(k, " "); ok {
				m.prefix[first] = true
			}
		}
	}
	return m, problem
}

func sorted(keys map[string][]string) []string {
	var names []string
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Table are all actions with the keys in force.
func (m *Keymap) Table() []Action { return m.table }

// Action is the row of an action.
func (m *Keymap) Action(id ID) Action { return m.table[m.byID[id]] }

// Lookup is the action that a key has in a place. Where several have it, the
// one that works in the fewest places is meant.
func (m *Keymap) Lookup(key string, in Scope) (Action, bool) {
	best := -1
	for _, i := range m.byKey[key] {
		if a := &m.table[i]; a.In&in != 0 && (best < 0 || bits.OnesCount16(uint16(a.In)) < bits.OnesCount16(uint16(m.table[best].In))) {
			best = i
		}
	}
	if best < 0 {
		return Action{}, false
	}
	return m.table[best], true
}

// Prefix reports whether key starts a sequence of keys.
func (m *Keymap) Prefix(key string, in Scope) bool {
	if !m.prefix[key] {
		return false
	}
	for k, rows := range m.byKey {
		if strings.HasPrefix(k, key+" ") && slices.ContainsFunc(rows, func(i int) bool { return m.table[i].In&in != 0 }) {
			return true
		}
	}
	return false
}

// After are the sequences that start with key: their second keys and actions.
func (m *Keymap) After(key string, in Scope) (second []string, actions []Action) {
	for i := range m.table {
		for _, k := range m.table[i].Keys {
			if rest, ok := strings.CutPrefix(k, key+" "); ok && m.table[i].In&in != 0 {
				second, actions = append(second, rest), append(actions, m.table[i])
			}
		}
	}
	return second, actions
}

// Key is the first key of an action as it is written on screen, "" for none.
func (m *Keymap) Key(id ID) string {
	if a := m.Action(id); len(a.Keys) > 0 {
		return Show(a.Keys[0])
	}
	return ""
}

// KeyIn is the first key of an action that works in a place, as it is written
// on screen, "" for none: where text is written, letters are text.
func (m *Keymap) KeyIn(id ID, in Scope) string {
	for _, k := range m.Action(id).Keys {
		if in != Compose || utf8.RuneCountInString(k) > 1 {
			return Show(k)
		}
	}
	return ""
}

// Show writes a key as people read it.
func Show(key string) string {
	switch key {
	case "down":
		return "↓"
	case "up":
		return "↑"
	case "left":
		return "←"
	case "right":
		return "→"
	case "pgdown":
		return "PgDn"
	case "pgup":
		return "PgUp"
	case "home":
		return "Home"
	case "end":
		return "End"
	}
	return key
}
