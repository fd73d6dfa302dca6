package activesync

import (
	"net/url"
	"time"
)

// Ways to sign in.
const (
	AuthBasic = "basic"  // by a password
	AuthOAuth = "oauth2" // by a token
)

// Account is what a person set up: where the mailbox is and who they are.
// Secrets are not part of it.
type Account struct {
	ID    AccountID `json:"id"`
	Name  string    `json:"name"`  // what the screens call it
	Email string    `json:"email"` // the address mail is sent from
	// Server is the endpoint, e.g. https://mail.example.test/Microsoft-Server-ActiveSync.
	Server string `json:"server"`
	User   string `json:"user"` // login name; empty means Email
	Auth   string `json:"auth"` // AuthBasic or AuthOAuth
	CAFile string `json:"caFile,omitempty"`
	OAuth  OAuth  `json:"oauth,omitzero"`
}

// OAuth says where and as which app to sign in. None of it is secret.
type OAuth struct {
	ClientID  string `json:"clientId,omitempty"` // of an app registration
	Tenant    string `json:"tenant,omitempty"`   // of Entra: its name or id; empty is common
	AuthURL   string `json:"authUrl,omitempty"`  // of another authorization server than Entra
	TokenURL  string `json:"tokenUrl,omitempty"`
	DeviceURL string `json:"deviceUrl,omitempty"`
	Scope     string `json:"scope,omitempty"` // separated by spaces
}

// ExchangeOnline is the server of accounts that sign in at Entra.
const ExchangeOnline = "https://outlook.office365.com/Microsoft-Server-ActiveSync"

// Entra reports whether one signs in at Microsoft's own server.
func (o OAuth) Entra() bool { return o.AuthURL == "" && o.TokenURL == "" && o.DeviceURL == "" }

// Filled is o with what it leaves open as Exchange Online has it.
func (o OAuth) Filled() OAuth {
	if o.Entra() {
		tenant := o.Tenant
		if tenant == "" {
			tenant = "common"
		}
		base := "https://login.microsoftonline.com/" + url.PathEscape(tenant) + "/oauth2/v2.0/"
		o.AuthURL, o.TokenURL, o.DeviceURL = base+"authorize", base+"token", base+"devicecode"
	}
	if o.Scope == "" {
		o.Scope = "https://outlook.office.com/EAS.AccessAsUser.All offline_access"
	}
	return o
}

// Login is the name to sign in with.
func (a Account) Login() string {
	if a.User != "" {
		return a.User
	}
	return a.Email
}

// Capabilities is what a server says of itself in answer to OPTIONS.
type Capabilities struct {
	Versions []Version // those that both sides speak, highest first
	Commands []string
	Build    string // header MS-Server-ActiveSync, for logs and doctor only
}

// AccountState is what the engine keeps of an account between requests.
// The hierarchy's SyncKey is not here: it moves only together with folders.
type AccountState struct {
	Version   Version   `json:"version"`
	Commands  []string  `json:"commands,omitempty"`
	Build     string    `json:"build,omitempty"`
	Endpoint  string    `json:"endpoint,omitempty"` // where a 451 sent us; empty: Account.Server
	PolicyKey PolicyKey `json:"policyKey,omitempty"`
	// Policy is the EASProvisionDoc as received, element name to value.
	Policy map[string]string `json:"policy,omitempty"`
	// PolicyUnmet names the elements of Policy that this program does not carry out.
	PolicyUnmet []string `json:"policyUnmet,omitempty"`
	Provisioned bool     `json:"provisioned,omitempty"`
	// Erase says that the server has the account erased here; nothing is asked of it
	// any more.
	Erase bool `json:"erase,omitempty"`
	// WholeTexts keeps the whole texts of all mail here, not of recent mail only.
	WholeTexts bool `json:"wholeTexts,omitempty"`
	// AutoRefresh is Settings › Auto Refresh of the whole account. The zero
	// value is On, so it is stored by its opposite.
	AutoRefreshOff bool `json:"autoRefreshOff,omitempty"`
	// AutoRefreshChosen says that the list of mailboxes was shown at least once.
	AutoRefreshChosen bool          `json:"autoRefreshChosen,omitempty"`
	Heartbeat         time.Duration `json:"heartbeat,omitempty"` // longest wait known to come back
	Rhythm            Rhythm        `json:"rhythm,omitzero"`
	Told              Told          `json:"told,omitzero"`
	// Quirks holds what was learned of this server's behaviour, by name.
	Quirks map[string]string `json:"quirks,omitempty"`
	// Unreadable are messages of which nothing could be read.
	Unreadable []ItemID `json:"unreadable,omitempty"`
	// Joint is a request for many folders whose answer has not come.
	Joint Joint `json:"joint,omitzero"`
	// DeviceID is the id by which the server knows this installation. It is told
	// with what is asked for, and not kept here.
	DeviceID string `json:"deviceId,omitempty"`
}

// Joint is a request for many folders at once, byte for byte, with the keys that
// it asks at. Until its answer is here those folders are asked for nothing else.
type Joint struct {
	Request []byte               `json:"request,omitempty"`
	Keys    map[FolderID]SyncKey `json:"keys,omitempty"`
}

// IsZero reports whether none is under way.
func (j Joint) IsZero() bool { return len(j.Request) == 0 }

// Phase is what the connection of an account is doing.
type Phase string

// The words of the status line.
const (
	PhaseLive     Phase = "live"     // a Ping is open
	PhaseChecking Phase = "checking" // a sync is under way
	PhaseWaiting  Phase = "every"    // only timers run; Status.Every says the shortest
	PhasePaused   Phase = "paused"   // the person, a policy or the server said not now
	PhaseOffline  Phase = "offline"  // the server cannot be reached, or refuses us
)

// Status is what the status line says of an account.
type Status struct {
	Account     AccountID     `json:"account"`
	Phase       Phase         `json:"phase"`
	Every       time.Duration `json:"every,omitempty"`
	LastSuccess time.Time     `json:"lastSuccess"`
	NextAttempt time.Time     `json:"nextAttempt"`
	// Err is why Phase is not what it should be. It is nil in good weather.
	Err error `json:"-"`
	// Folder is the one being checked, Done of Total items of it have come;
	// Total is 0 when the server did not say.
	Folder      FolderID `json:"folder,omitempty"`
	Done, Total int      `json:"-"`
	Pending     int      `json:"pending"` // journal records not yet carried out
	Parked      int      `json:"parked"`  // journal records that need the person
}
