package wire

// BodyPreference asks for one form of a body (MS-ASAIRS 2.2.2.12).
type BodyPreference struct {
	Type uint8 `wbxml:"AirSyncBase:Type"`
	// TruncationSize is how many bytes are wanted. Nil is the whole, 0 is nothing.
	TruncationSize *int `wbxml:"AirSyncBase:TruncationSize"`
	AllOrNone      bool `wbxml:"AirSyncBase:AllOrNone,omitempty"`
	// Preview is how many characters of plain text are wanted besides, at most
	// 255; from 14.0 on.
	Preview int `wbxml:"AirSyncBase:Preview,omitempty"`
}

// BodyPartPreference asks for the part of a message that is its own in the
// conversation, from 14.1 on (MS-ASAIRS 2.2.2.11).
type BodyPartPreference struct {
	Type           uint8 `wbxml:"AirSyncBase:Type"`
	TruncationSize *int  `wbxml:"AirSyncBase:TruncationSize"`
	AllOrNone      bool  `wbxml:"AirSyncBase:AllOrNone,omitempty"`
	Preview        int   `wbxml:"AirSyncBase:Preview,omitempty"`
}

// Body is the body of an item (MS-ASAIRS 2.2.2.9). Data is inline, or stands in
// part number Part of a multipart answer.
type Body struct {
	Type              uint8  `wbxml:"AirSyncBase:Type"`
	EstimatedDataSize Number `wbxml:"AirSyncBase:EstimatedDataSize,omitempty"`
	Truncated         Switch `wbxml:"AirSyncBase:Truncated,omitempty"`
	// Binary writes the data as opaque bytes, Data as text. Reading takes both
	// forms into either field.
	Binary  []byte  `wbxml:"AirSyncBase:Data,opaque,omitempty"`
	Data    []byte  `wbxml:"AirSyncBase:Data,omitempty"`
	Part    *int    `wbxml:"ItemOperations:Part"`
	Preview *string `wbxml:"AirSyncBase:Preview"`
}

// Attachments is the list of attachments of an item; in a request, from 16.0
// on, what is attached to it and taken off (MS-ASAIRS 2.2.2.8).
type Attachments struct {
	Attachments []Attachment       `wbxml:"AirSyncBase:Attachment"`
	Adds        []AttachmentAdd    `wbxml:"AirSyncBase:Add"`
	Deletes     []AttachmentDelete `wbxml:"AirSyncBase:Delete"`
}

// AttachmentAdd attaches a file (MS-ASAIRS 2.2.2.2). ClientID is how the answer
// names it; Method is 1 for a file, 5 for a message.
type AttachmentAdd struct {
	ClientID    string `wbxml:"AirSyncBase:ClientId"`
	Method      Number `wbxml:"AirSyncBase:Method"`
	Content     []byte `wbxml:"AirSyncBase:Content,opaque"`
	DisplayName string `wbxml:"AirSyncBase:DisplayName"`
	ContentID   string `wbxml:"AirSyncBase:ContentId,omitempty"`
	ContentType string `wbxml:"AirSyncBase:ContentType,omitempty"`
	IsInline    Switch `wbxml:"AirSyncBase:IsInline,omitempty"`
}

// AttachmentDelete takes a file off (MS-ASAIRS 2.2.2.18).
type AttachmentDelete struct {
	FileReference string `wbxml:"AirSyncBase:FileReference"`
}

// Attachment is a file of an item (MS-ASAIRS 2.2.2.7).
type Attachment struct {
	DisplayName       string `wbxml:"AirSyncBase:DisplayName,omitempty"`
	FileReference     string `wbxml:"AirSyncBase:FileReference"`
	ClientID          string `wbxml:"AirSyncBase:ClientId,omitempty"` // 16.0 on
	Method            Number `wbxml:"AirSyncBase:Method,omitempty"`
	EstimatedDataSize Number `wbxml:"AirSyncBase:EstimatedDataSize,omitempty"`
	ContentID         string `wbxml:"AirSyncBase:ContentId,omitempty"`
	ContentLocation   string `wbxml:"AirSyncBase:ContentLocation,omitempty"`
	IsInline          Switch `wbxml:"AirSyncBase:IsInline,omitempty"`
}

// Location is a place from 16.0 on (MS-ASAIRS 2.2.2.28).
type Location struct {
	DisplayName string `wbxml:"AirSyncBase:DisplayName,omitempty"`
	Annotation  string `wbxml:"AirSyncBase:Annotation,omitempty"`
	Street      string `wbxml:"AirSyncBase:Street,omitempty"`
	City        string `wbxml:"AirSyncBase:City,omitempty"`
	State       string `wbxml:"AirSyncBase:State,omitempty"`
	Country     string `wbxml:"AirSyncBase:Country,omitempty"`
	PostalCode  string `wbxml:"AirSyncBase:PostalCode,omitempty"`
}
