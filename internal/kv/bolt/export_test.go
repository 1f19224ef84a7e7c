package bolt

// SkipSyncs lets a test of what the rows say do without the disk, which may take half a second for each sync.
func (d *Driver) SkipSyncs() { d.db.NoSync = true }
