package policy

import "strings"

// Row is one policy as Settings › Policies and `securemail policy` list it.
type Row struct {
	Name     string `json:"name"`     // "export_contacts", or the element of the server's document
	Label    string `json:"label"`    // "Export contacts"
	Value    string `json:"value"`    // in words
	By       string `json:"setBy"`    // a file, "default" or the server of an account
	Enforced bool   `json:"enforced"` // by this program
	How      string `json:"how"`      // what is done for it, or why nothing is
}

// Rows are all managed policies, whether or not anyone set them.
func (m Managed) Rows() []Row {
	rows := make([]Row, 0, len(policies))
	for _, p := range policies {
		r := Row{Name: p.name, Label: p.label, Value: m.Word(p.name), By: m.by(p.name), Enforced: p.enforced, How: p.how}
		switch {
		case m.err != nil:
			r.Value = "locked"
		case p.words != nil:
		case len(m.values[p.name].list) == 0:
			r.Value = map[bool]string{true: "any", false: "none"}[p.name == AllowedServers]
		default:
			r.Value = strings.Join(m.values[p.name].list, ", ")
		}
		if m.err != nil {
			r.How = "locked because the policy file cannot be read: " + m.err.Error()
		}
		rows = append(rows, r)
	}
	return rows
}

// RowsOf are the demands of a server's document as rows; by is whose they are.
func (p Policy) RowsOf(by string) []Row {
	rules := p.Rules()
	rows := make([]Row, 0, len(rules))
	for _, r := range rules {
		rows = append(rows, Row{Name: r.Name, Label: r.Label, Value: r.Words, By: by, Enforced: r.Met, How: r.How})
	}
	return rows
}

// Managed reports whether the row is one of the managed policies, not a demand
// of a server.
func (r Row) Managed() bool {
	_, ok := policyNamed(r.Name)
	return ok
}
