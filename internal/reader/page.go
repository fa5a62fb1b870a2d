// Package reader has documents read in child processes and holds what was read:
// pages of words with boxes. What parses a document stands in parse, and runs in
// the child alone.
package reader

import (
	"math"

	"decoded.digital/extractor/models"
)

// Document is what was read of a file. It is kept beside it, so that engine and
// pages never parse a file again.
type Document struct {
	Pages       []Page       `json:"pages"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Metadata    Metadata     `json:"metadata,omitzero"`
}

// Page is one page as a reader holds it: upright.
type Page struct {
	Number int     `json:"n"` // from 1
	Width  float64 `json:"w"` // points, upright
	Height float64 `json:"h"` // likewise
	// Turn is by how much the file's page was turned clockwise to stand upright,
	// in degrees: 0, 90, 180 or 270.
	Turn int `json:"turn,omitempty"`
	// Skew is by how much it was turned clockwise after that, in degrees: -15 to
	// 15.
	Skew    float64 `json:"skew,omitempty"`
	Scanned bool    `json:"scanned,omitempty"` // its text was read from a picture
	Words   []Word  `json:"words"`             // in the order in which they are read
	Rules   []Rule  `json:"rules,omitempty"`
}

// Word is a run of characters without a space.
type Word struct {
	Text string     `json:"t"`
	Box  models.Box `json:"b"` // on the upright page
	// Confidence is how sure the characters are: 1 where the file holds them, less
	// where they were read from a picture.
	Confidence float64 `json:"c,omitempty"`
	// Alternative is what another reading of the picture says; empty: the same.
	Alternative string  `json:"a,omitempty"`
	Line        int     `json:"l,omitempty"` // words of one printed line share it; from 1 on each page
	Font        string  `json:"f,omitempty"`
	Bold        bool    `json:"bold,omitempty"`
	Size        float64 `json:"s,omitempty"` // points
	Hidden      bool    `json:"h,omitempty"` // not to be seen by a reader: never evidence
}

// Rule is a drawn line that runs along the page or across it: part of a table,
// a box, an underscore. From is its left or upper end, in shares of the page.
type Rule struct {
	Vertical bool    `json:"v,omitempty"`
	At       float64 `json:"a"` // x of a vertical rule, y of a horizontal one
	From     float64 `json:"f"`
	To       float64 `json:"t"`
}

// Attachment is a file inside a PDF: the invoice's XML of Factur-X, ZUGFeRD and
// Order-X, and whatever else its maker put there.
type Attachment struct {
	Name    string `json:"name"`
	Size    int    `json:"size"`              // bytes
	Content []byte `json:"content,omitempty"` // of XML alone
}

// Metadata is what a file says of itself.
type Metadata struct {
	Title    string `json:"title,omitempty"`
	Author   string `json:"author,omitempty"`
	Creator  string `json:"creator,omitempty"`  // the program in which it was written
	Producer string `json:"producer,omitempty"` // the program that made the file
	Created  string `json:"created,omitempty"`  // as the file spells it
}

// Original says where a box of the upright page stands on the page as the file
// has it, which is what viewers show: the smallest upright box around it, in
// shares of that page.
func (p *Page) Original(box models.Box) models.Box {
	width, height := p.Width, p.Height
	if p.Turn%180 != 0 {
		width, height = height, width
	}
	return p.turned(box, -(float64(p.Turn) + p.Skew), p.Width, p.Height, width, height)
}

// Upright is where a box of the file's page stands on the upright page.
func (p *Page) Upright(box models.Box) models.Box {
	width, height := p.Width, p.Height
	if p.Turn%180 != 0 {
		width, height = height, width
	}
	return p.turned(box, float64(p.Turn)+p.Skew, width, height, p.Width, p.Height)
}

// turned turns a box clockwise about the middle of a page and puts it onto one
// of another size.
func (p *Page) turned(box models.Box, degrees, fromWidth, fromHeight, toWidth, toHeight float64) models.Box {
	if p.Turn == 0 && p.Skew == 0 {
		return box
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, corner := range [][2]float64{{box.X, box.Y}, {box.Right(), box.Y}, {box.X, box.Bottom()}, {box.Right(), box.Bottom()}} {
		dx, dy := (corner[0]-0.5)*fromWidth, (corner[1]-0.5)*fromHeight
		x, y := (dx*cos-dy*sin)/toWidth+0.5, (dx*sin+dy*cos)/toHeight+0.5
		left, top, right, bottom = min(left, x), min(top, y), max(right, x), max(bottom, y)
	}
	left, top = max(left, 0), max(top, 0)
	return models.Box{X: left, Y: top, Width: max(min(right, 1)-left, 0), Height: max(min(bottom, 1)-top, 0)}
}
