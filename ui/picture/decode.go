package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // the first frame
	_ "image/jpeg" // as is said
	_ "image/png"  // as is said

	_ "golang.org/x/image/bmp"  // as is said
	_ "golang.org/x/image/webp" // as is said
)

// mostPixels bounds what is decoded: photographs of 50 megapixels are.
const mostPixels = 50_000_000

// ErrTooLarge is a picture that is not decoded for its size.
var ErrTooLarge = errors.New("the picture is too large to be shown")

// Size is how large a picture is in pixels, without decoding it.
func Size(data []byte) (width, height int, err error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, 0, fmt.Errorf("read the picture: %w", err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > mostPixels/c.Height {
		return 0, 0, ErrTooLarge
	}
	return c.Width, c.Height, nil
}

// Decode reads a PNG, JPEG, GIF (its first frame), WebP or BMP.
func Decode(data []byte) (image.Image, error) {
	if _, _, err := Size(data); err != nil {
		return nil, err
	}
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	return m, nil
}

// Type is the content type of a picture by its content, "" where it is none
// that Decode reads.
func Type(data []byte) string {
	_, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return ""
	}
	return "image/" + format
}
