// Package web holds the pages that hosts embed, as the UI's build left them in
// dist: a page of HTML, and its assets, whose names carry a hash of what they
// hold.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// Dist is the UI's build. It holds no page where `make web` did not run before
// the program was built.
func Dist() fs.FS {
	dist, err := fs.Sub(built, "dist")
	if err != nil { // the name is valid, so this is never reached
		return built
	}
	return dist
}
