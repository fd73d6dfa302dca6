package activesync

import "fmt"

// Version is a protocol version times ten, as the base64 query carries it
// (MS-ASHTTP 2.2.1.1.1.1.1): 161 is 16.1.
type Version uint8

// The versions this program speaks.
const (
	V121 Version = 121
	V140 Version = 140
	V141 Version = 141
	V160 Version = 160
	V161 Version = 161
)

// Versions are the versions this program speaks, the preferred one first.
func Versions() []Version { return []Version{V161, V160, V141, V140, V121} }

func (v Version) String() string { return fmt.Sprintf("%d.%d", v/10, v%10) }

// ParseVersion reads a version as the header MS-ASProtocolVersion has it.
func ParseVersion(s string) (Version, error) {
	for _, v := range Versions() {
		if v.String() == s {
			return v, nil
		}
	}
	return 0, fmt.Errorf("ActiveSync version %q is not one of 12.1, 14.0, 14.1, 16.0, 16.1", s)
}

func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

func (v *Version) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 || string(b) == "0.0" {
		*v = 0
		return nil
	}
	*v, err = ParseVersion(string(b))
	return err
}
