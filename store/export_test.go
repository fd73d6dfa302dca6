package store

// NoSync lets commits return before they are on the disk, for tests that make
// thousands of them and end no process.
func (s *Store) NoSync() { s.db.NoSync = true }
