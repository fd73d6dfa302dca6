package wire

import (
	"encoding/base64"
	"encoding/binary"
	"time"
)

// zoneSize is the length of a TimeZone structure (MS-ASDTYPE 2.7.6).
const zoneSize = 172

// decodeZone reads a TimeZone element. One that is missing, of another length
// or all zero says nothing and is nil.
func decodeZone(s string) []byte {
	b, err := decodeBase64(s)
	if err != nil || len(b) != zoneSize {
		return nil
	}
	for _, c := range b {
		if c != 0 {
			return b
		}
	}
	return nil
}

func encodeZone(b []byte) string {
	if len(b) != zoneSize {
		b = make([]byte, zoneSize)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// allDayDate is the date that a time of an all-day event stands for, as
// midnight UTC. Some servers write the digits of the date, others local
// midnight in UTC (MS-ASCAL 2.2.2.1): then the zone of the event says which day
// it is, and where there is none, the nearest midnight.
func allDayDate(t time.Time, zone []byte) time.Time {
	t = t.UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t
	}
	if len(zone) == zoneSize {
		at := func(i int) time.Duration {
			return time.Duration(int32(binary.LittleEndian.Uint32(zone[i:]))) * time.Minute
		}
		bias, standard, daylight := at(0), at(84), at(168)
		for _, extra := range []time.Duration{standard, daylight} {
			if local := t.Add(-bias - extra); local.Equal(local.Truncate(24 * time.Hour)) {
				return local
			}
		}
	}
	// Zones reach from 12 hours behind to 14 ahead, few people live beyond -10.
	if t.Hour() >= 11 {
		t = t.Add(24 * time.Hour)
	}
	return t.Truncate(24 * time.Hour)
}
