package wire

import (
	"eas.example/securemail/activesync"
	"eas.example/securemail/activesync/wbxml"
)

// GetItemEstimateRequest asks how many items a Sync would bring (MS-ASCMD
// 2.2.1.9). To send it, marshal what At gives: the form differs by version.
type GetItemEstimateRequest struct {
	_           wbxml.Root           `wbxml:"GetItemEstimate:GetItemEstimate"`
	Collections []EstimateCollection `wbxml:"GetItemEstimate:Collections>GetItemEstimate:Collection"`
}

// EstimateCollection is one folder of the question, which must have a SyncKey
// other than 0. Up to 12.1 FilterType and Class stand in it, later in Options.
type EstimateCollection struct {
	SyncKey          activesync.SyncKey  `wbxml:"AirSync:SyncKey"`
	CollectionID     activesync.ServerID `wbxml:"GetItemEstimate:CollectionId"`
	ConversationMode *bool               `wbxml:"AirSync:ConversationMode"`
	Options          *EstimateOptions    `wbxml:"AirSync:Options"`
	Class            activesync.Class    `wbxml:"GetItemEstimate:Class,omitempty"`
	FilterType       *int                `wbxml:"AirSync:FilterType"`
}

// EstimateOptions is the period of the question from 14.0 on.
type EstimateOptions struct {
	FilterType *int             `wbxml:"AirSync:FilterType"`
	Class      activesync.Class `wbxml:"AirSync:Class,omitempty"`
	MaxItems   int              `wbxml:"AirSync:MaxItems,omitempty"`
}

// NewEstimate asks about one folder in the form of version v.
func NewEstimate(v activesync.Version, folder activesync.ServerID, key activesync.SyncKey, class activesync.Class, filter int) *GetItemEstimateRequest {
	c := EstimateCollection{SyncKey: key, CollectionID: folder}
	if v <= activesync.V121 {
		c.Class, c.FilterType = class, Int(filter)
	} else {
		c.Options = &EstimateOptions{FilterType: Int(filter), Class: class}
	}
	return &GetItemEstimateRequest{Collections: []EstimateCollection{c}}
}

// estimate121 is the order of the elements up to 12.1.
type estimate121 struct {
	_           wbxml.Root              `wbxml:"GetItemEstimate:GetItemEstimate"`
	Collections []estimateCollection121 `wbxml:"GetItemEstimate:Collections>GetItemEstimate:Collection"`
}

type estimateCollection121 struct {
	Class        activesync.Class    `wbxml:"GetItemEstimate:Class,omitempty"`
	CollectionID activesync.ServerID `wbxml:"GetItemEstimate:CollectionId"`
	FilterType   *int                `wbxml:"AirSync:FilterType"`
	SyncKey      activesync.SyncKey  `wbxml:"AirSync:SyncKey"`
}

// At is the value to marshal for version v.
func (r *GetItemEstimateRequest) At(v activesync.Version) any {
	if v > activesync.V121 {
		return r
	}
	out := &estimate121{}
	for _, c := range r.Collections {
		old := estimateCollection121{Class: c.Class, CollectionID: c.CollectionID, FilterType: c.FilterType, SyncKey: c.SyncKey}
		if c.Options != nil {
			old.Class, old.FilterType = c.Options.Class, c.Options.FilterType
		}
		out.Collections = append(out.Collections, old)
	}
	return out
}

// GetItemEstimateResponse answers a GetItemEstimateRequest.
type GetItemEstimateResponse struct {
	_         wbxml.Root         `wbxml:"GetItemEstimate:GetItemEstimate"`
	Status    int                `wbxml:"GetItemEstimate:Status,omitempty"`
	Responses []EstimateResponse `wbxml:"GetItemEstimate:Response"`
}

// EstimateResponse tells of one folder.
type EstimateResponse struct {
	Status     int               `wbxml:"GetItemEstimate:Status"`
	Collection *EstimateOfFolder `wbxml:"GetItemEstimate:Collection"`
}

// EstimateOfFolder is the number of items of one folder.
type EstimateOfFolder struct {
	CollectionID activesync.ServerID `wbxml:"GetItemEstimate:CollectionId"`
	Estimate     int                 `wbxml:"GetItemEstimate:Estimate"`
}
