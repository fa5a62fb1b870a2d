package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/testkit"
)

// TestPackage packs the React components as npm would publish them, and builds
// a host with them outside of the workspace: it has to compile by the package's
// own types, find the package's files and work in Chromium. The example's host
// takes them from their source.
func TestPackage(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	folder := t.TempDir()
	run(t, root, "npm", "pack", "--silent", "./web/packages/react", "--pack-destination", folder)
	packed, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	if err != nil || len(packed) != 1 {
		t.Fatalf("%v packed, %v", packed, err)
	}
	env := devEnvironment(t)
	_, base := build(t).startDev(t, env)
	h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
	h.createDocument(t)
	t.Run("as the example has it", func(t *testing.T) {
		t.Parallel()
		run(t, filepath.Join(root, "examples", "host"), "npm", "run", "build", "--silent", "--", "--logLevel", "error")
		for _, script := range []string{"example-walk.mjs", "example-components.mjs"} {
			h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
			h.createDocument(t)
			if out, err := walk(t, script, base, h.key).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", script, err, out)
			}
		}
	})
	for _, version := range []string{"18", "19"} {
		t.Run("with React "+version, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "package-host"))); err != nil {
				t.Fatal(err)
			}
			run(t, dir, "npm", "install", "--silent", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", packed[0],
				"react@"+version, "react-dom@"+version, "@types/react@"+version, "@types/react-dom@"+version)
			tools := filepath.Join(root, "web", "node_modules", ".bin")
			run(t, dir, filepath.Join(tools, "tsc"))
			run(t, dir, filepath.Join(tools, "tsc"), "--module", "nodenext", "--moduleResolution", "nodenext")
			run(t, dir, "node", "server.mjs")
			run(t, dir, filepath.Join(tools, "vite"), "build", "--logLevel", "error")
			walk := walk(t, "package-walk.mjs", base, h.key)
			walk.Env = append(walk.Env, "HOST="+filepath.Join(dir, "dist"))
			if out, err := walk.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}

// run runs a command to its end.
func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
}

// TestEmbeddingSaysWhatThePackageHas looks for each export of the package, and
// for each prop of its components, in docs/embedding.md.
func TestEmbeddingSaysWhatThePackageHas(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	source := "web/packages/react/src/"
	index := read(source + "index.ts")
	var names []string
	for _, export := range regexp.MustCompile(`(?m)^export (?:type )?\{ (.*) \} from '\./(.*)'$`).FindAllStringSubmatch(index, -1) {
		for name := range strings.SplitSeq(export[1], ", ") {
			names = append(names, strings.TrimPrefix(name, "type "))
			if strings.HasSuffix(name, "Props") {
				names = append(names, props(read(source+export[2]+".tsx"))...)
			}
		}
	}
	if exports := strings.Count(index, "export "); len(names) < 2*exports {
		t.Fatalf("%d exports have no more names than %v", exports, names)
	}
	page := read("docs/embedding.md")
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/embedding.md does not say what %s is", name)
		}
	}
}

// props are the names of a component's props, by the type that is exported.
func props(source string) []string {
	_, body, _ := strings.Cut(regexp.MustCompile(`(?s)export (?:interface|type) \w+Props\b.*?\n\}`).FindString(source), "{")
	var names []string
	for _, name := range regexp.MustCompile(`(?m)^  (\w+)\??:`).FindAllStringSubmatch(body, -1) {
		if name[1] != "children" {
			names = append(names, name[1])
		}
	}
	return names
}
