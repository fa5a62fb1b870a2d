package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"decoded.digital/extractor/internal/testkit"
)

// TestPages walks the embedded pages in Chromium, against the product: one, in which each walk has an organisation of its own.
func TestPages(t *testing.T) {
	t.Parallel()
	env := devEnvironment(t)
	_, base := build(t).startDev(t, env)
	for name, script := range map[string]string{
		"upload, result, list and detail, by mouse and by keyboard":   "pages-walk.mjs",
		"files by drop, paste and camera, and how far each is":        "pages-upload.mjs",
		"a connection, a session or a limit that ends, and goes on":   "pages-trouble.mjs",
		"what was typed, when saving it meets such trouble":           "pages-unsaved.mjs",
		"script and markup in names, values and e-mails show as text": "pages-hostile.mjs",
		"so they do on documents, settings and upload, at any length": "pages-hostile-forms.mjs",
		"documents and settings, by mouse":                            "pages-manage.mjs",
		"documents and settings, by the keyboard alone":               "pages-keyboard.mjs",
		"a language from right to left mirrors the pages":             "pages-rtl.mjs",
		"what stands in the place of a page that can't be shown":      "pages-problem.mjs",
		"an allowed host is told what happens, another one nothing":   "pages-host.mjs",
		"a document type that is suggested is saved and used":         "pages-suggested.mjs",
		"pictures and fonts of PDFs that browsers know nothing of":    "pages-pictures.mjs",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
			h.createDocument(t)
			walk := walk(t, script, base, h.key)
			if out, err := walk.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}

// TestMailboxPages walks from a connected mailbox to its extractions, with the
// Microsoft 365 that newcomers get. Its own part of the program is all that is
// compiled for it.
func TestMailboxPages(t *testing.T) {
	t.Parallel()
	env := devEnvironment(t)
	run := build(t, "-tags", "fakegraph").start(t, "dev", env, "--fake-graph=127.0.0.1:0")
	base, mail := run.await(t, `API +(http://\S+)`), run.await(t, `mail +(http://\S+)`)
	awaitReady(t, base)
	h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(t)
	walk := walk(t, "pages-mailbox.mjs", base, h.key)
	walk.Env = append(walk.Env, "MAIL="+mail)
	if out, err := walk.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// walk is a script of testdata that uses the product in Chromium.
func walk(t testing.TB, script, base, key string) *exec.Cmd {
	t.Helper()
	walk := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", script))
	walk.Env = append(os.Environ(), "ROOT="+testkit.Root(t), "CHROMIUM="+testkit.Chromium(t), "BASE="+base, "KEY="+key, "USER_EMAIL="+userEmail)
	return walk
}
