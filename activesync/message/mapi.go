package message

import "encoding/binary"

// The types of MAPI properties (MS-OXCDATA 2.11.1) whose size matters.
const (
	ptShort    = 0x0002
	ptLong     = 0x0003
	ptFloat    = 0x0004
	ptDouble   = 0x0005
	ptCurrency = 0x0006
	ptAppTime  = 0x0007
	ptError    = 0x000A
	ptBoolean  = 0x000B
	ptObject   = 0x000D
	ptI8       = 0x0014
	ptString8  = 0x001E
	ptUnicode  = 0x001F
	ptSysTime  = 0x0040
	ptCLSID    = 0x0048
	ptBinary   = 0x0102

	ptMultiple = 0x1000
)

// prop is one MAPI property. Of several values it has the first.
type prop struct {
	id, kind uint16
	value    []byte
}

func (p prop) number() int {
	if len(p.value) < 4 {
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(p.value)))
}

// readProps reads a list of properties (MS-OXTNEF 2.1.3.4) until it ends or
// makes no sense.
func readProps(b []byte, use func(prop)) {
	c := cursor{b: b}
	for n := c.u32(); n > 0 && !c.bad && c.n < tnefProps; n-- {
		c.n++
		p := prop{kind: c.u16(), id: c.u16()}
		if p.id >= 0x8000 {
			c.skip(16) // the set it belongs to
			if c.u32() == 0 {
				c.skip(4)
			} else {
				c.padded(c.u32())
			}
		}
		many := p.kind&ptMultiple != 0
		p.kind &^= ptMultiple
		values := uint32(1)
		if many || variable(p.kind) {
			values = c.u32()
		}
		for i := uint32(0); i < values && !c.bad; i++ {
			var v []byte
			if variable(p.kind) {
				v = c.padded(c.u32())
			} else if v = c.take(width(p.kind)); v == nil {
				c.bad = true // a type whose size is not known
			}
			if i == 0 {
				p.value = v
			}
		}
		if c.bad {
			return
		}
		use(p)
	}
}

func variable(kind uint16) bool {
	return kind == ptString8 || kind == ptUnicode || kind == ptBinary || kind == ptObject
}

// width is the size of a value of a fixed type with its padding, 0 for a type
// that is not known.
func width(kind uint16) uint32 {
	switch kind {
	case ptShort, ptLong, ptFloat, ptError, ptBoolean:
		return 4
	case ptDouble, ptCurrency, ptAppTime, ptI8, ptSysTime:
		return 8
	case ptCLSID:
		return 16
	}
	return 0
}

// cursor reads little-endian numbers; past the end it is bad for good.
type cursor struct {
	b   []byte
	n   int // properties so far
	bad bool
}

func (c *cursor) take(n uint32) []byte {
	if n == 0 {
		return nil
	}
	if c.bad || uint64(n) > uint64(len(c.b)) {
		c.bad = true
		return nil
	}
	v := c.b[:n]
	c.b = c.b[n:]
	return v
}

func (c *cursor) skip(n uint32) { c.take(n) }

// padded takes n bytes and what fills them up to four.
func (c *cursor) padded(n uint32) []byte {
	if n == 0 {
		return nil
	}
	v := c.take(n)
	if pad := (4 - n%4) % 4; pad > 0 && !c.bad {
		c.b = c.b[min(int(pad), len(c.b)):]
	}
	return v
}

func (c *cursor) u32() uint32 {
	v := c.take(4)
	if v == nil {
		return 0
	}
	return binary.LittleEndian.Uint32(v)
}

func (c *cursor) u16() uint16 {
	v := c.take(2)
	if v == nil {
		return 0
	}
	return binary.LittleEndian.Uint16(v)
}
