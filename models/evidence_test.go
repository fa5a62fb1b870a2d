package models

import (
	"encoding/json"
	"testing"
)

func TestEvidenceIsRoundedToWhatItMeans(t *testing.T) {
	t.Parallel()
	box := Box{X: 0.1 + 0.2, Y: 1.0 / 3, Width: 0.123456789, Height: 1}
	e := Evidence{Confidence: 0.7615999999999999, Box: &box, Candidates: []EvidenceHit{{Box: &box}, {}}}
	got, err := json.Marshal(e.Rounded())
	const want = `{"confidence":0.762,"box":{"x":0.3,"y":0.33333,"width":0.12346,"height":1},"candidates":[{"page":0,"box":{"x":0.3,"y":0.33333,"width":0.12346,"height":1},"text":""},{"page":0,"text":""}]}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
	if box.X != 0.1+0.2 || e.Candidates[0].Box != &box {
		t.Error("the evidence itself was changed")
	}
}
