// Package wall shuts a process in that reads hostile documents: limits on
// memory and files, no core dump, no network, and of the file system what it
// needs.
package wall

// Limits of the process and of those that it starts.
type Limits struct {
	Memory   uint64   // bytes of address space of each
	FileSize uint64   // bytes of each file that it writes
	Read     []string // folders and files that it may read and start programs from
	Write    []string // folders that it may write to, too
}
