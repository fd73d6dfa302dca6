package server

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// fill completes a Sync that is empty or partial from the last whole one of the
// device (MS-ASCMD 2.2.3.130), at the keys that the folders have now. status is
// that of the answer, 0 when all is well.
func (x *exchange) fill() (status int) {
	const noMemory = 13
	switch partial := x.root.Child(wbxml.MustTag("AirSync:Partial")) != nil; {
	case x.root == nil && x.d.asked == nil, partial && x.d.asked == nil:
		return noMemory
	case x.root == nil:
		x.root = x.asked(nil)
	case partial:
		if len(x.root.Children) == 1 {
			return 4 // Partial beside nothing (MS-ASCMD 2.2.3.130)
		}
		x.root = x.asked(x.root)
	}
	return 0
}

// asked is the remembered request, with what now states in place of what it
// states itself.
func (x *exchange) asked(now *wbxml.Node) *wbxml.Node {
	collections, id := wbxml.MustTag("AirSync:Collections"), wbxml.MustTag("AirSync:CollectionId")
	out := &wbxml.Node{Tag: x.d.asked.Tag}
	list := &wbxml.Node{Tag: collections}
	named := map[string]bool{}
	if given := now.Child(collections); given != nil {
		list.Children = append(list.Children, given.Children...)
		for _, c := range given.Children {
			named[string(textOf(c.Child(id)))] = true
		}
	}
	for _, c := range x.d.asked.Child(collections).Children {
		if name := string(textOf(c.Child(id))); !named[name] {
			list.Children = append(list.Children, x.atKey(c, activesync.ServerID(name)))
		}
	}
	out.Children = append(out.Children, list)
	for _, name := range []string{"AirSync:Wait", "AirSync:HeartbeatInterval", "AirSync:WindowSize"} {
		n := now.Child(wbxml.MustTag(name))
		if n == nil && !(now != nil && name != "AirSync:WindowSize" && waits(now)) {
			n = x.d.asked.Child(wbxml.MustTag(name))
		}
		if n != nil {
			out.Children = append(out.Children, n)
		}
	}
	return out
}

// waits reports whether a request says how long it is ready to wait: Wait takes
// the place of HeartbeatInterval and the other way round.
func waits(root *wbxml.Node) bool {
	return root.Child(wbxml.MustTag("AirSync:Wait")) != nil || root.Child(wbxml.MustTag("AirSync:HeartbeatInterval")) != nil
}

// atKey is a part of a request at the key that its folder has now.
func (x *exchange) atKey(c *wbxml.Node, folder activesync.ServerID) *wbxml.Node {
	out := &wbxml.Node{Tag: c.Tag}
	for _, n := range c.Children {
		if have := x.collectionNamed(folder); n.Tag == wbxml.MustTag("AirSync:SyncKey") && have != nil {
			n = &wbxml.Node{Tag: n.Tag, Text: []byte(have.key)}
		}
		out.Children = append(out.Children, n)
	}
	return out
}

// withoutCommands is a request that changes nothing.
func withoutCommands(root *wbxml.Node) *wbxml.Node {
	out := &wbxml.Node{Tag: root.Tag}
	for _, n := range root.Children {
		if n.Tag != wbxml.MustTag("AirSync:Collections") {
			out.Children = append(out.Children, n)
			continue
		}
		list := &wbxml.Node{Tag: n.Tag}
		for _, c := range n.Children {
			bare := &wbxml.Node{Tag: c.Tag}
			for _, el := range c.Children {
				if el.Tag != wbxml.MustTag("AirSync:Commands") {
					bare.Children = append(bare.Children, el)
				}
			}
			list.Children = append(list.Children, bare)
		}
		out.Children = append(out.Children, list)
	}
	return out
}
