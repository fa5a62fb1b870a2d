package tests

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/testkit"
)

// webhooksPage is a consumer who has nothing but docs/webhooks.md.
type webhooksPage struct {
	*host
	blocks map[string][]string // by language
	env    []string            // of the lines of shell
	next   int
}

// TestTheWebhooksPageWorksAsWritten runs the page's lines of shell in order, once
// for each of its receivers that can be run here.
func TestTheWebhooksPageWorksAsWritten(t *testing.T) {
	t.Parallel()
	env := devEnvironment(t)
	_, base := build(t).startDev(t, env)
	for language, start := range map[string]func(*testing.T, string, string, string) *output{"go": startGoReceiver, "ts": startTypeScriptReceiver} {
		t.Run(language, func(t *testing.T) {
			h := onboard(t, base, env["EXTRACTOR_SETUP_KEY"])
			p := &webhooksPage{host: h, blocks: readBlocks(t, "webhooks.md")}
			p.walk(t, p.blocks[language][0], start)
		})
	}
}

// walk does as the page says.
func (p *webhooksPage) walk(t *testing.T, program string, start func(*testing.T, string, string, string) *output) {
	t.Helper()
	port := freePort(t)
	receiver := "http://127.0.0.1:" + port + "/"
	p.env = []string{"PATH=/usr/bin:/bin", "EXTRACTOR=" + p.base, "KEY=" + p.key, "EMAIL=" + userEmail, "RECEIVER=" + receiver}
	created := p.run(t)
	out := start(t, program, port, created["secret"].(string))
	p.env = append(p.env, "WEBHOOK="+created["id"].(string))
	awaitListening(t, port)
	p.refuses(t, receiver)

	test := p.run(t)
	id := test["id"].(string)
	awaitPrinted(t, out, "received webhook.test "+id)
	p.env = append(p.env, "DELIVERY="+id)
	list := p.next
	eventually(t, "the delivery has succeeded", func() error {
		p.next = list
		if items := p.run(t)["items"].([]any); len(items) != 1 {
			return fmt.Errorf("%d are listed", len(items))
		}
		return nil
	})
	if attempts := p.run(t)["attempts"].([]any); len(attempts) != 1 || attempts[0].(map[string]any)["statusCode"].(float64) > 299 {
		t.Errorf("got %v", attempts)
	}
	if again := p.run(t); again["round"] != 2.0 {
		t.Errorf("got %v", again)
	}
	awaitPrinted(t, out, "seen before webhook.test "+id)

	p.call(t, http.MethodPut, "/api/embed/webhooks/"+created["id"].(string), `{"isActive":false}`, http.StatusOK, nil)
	p.createDocument(t)
	x := p.await(t, p.upload(t, "invoice.pdf", sample(t, "invoice.pdf")), "completed", 1)
	if on := p.run(t); on["status"] != "active" {
		t.Errorf("got %v", on)
	}
	if replayed := p.run(t); replayed["count"] != 1.0 {
		t.Errorf("got %v for %s", replayed, x.ID)
	}
	awaitPrinted(t, out, "received extraction.completed ")
	if rotated := p.run(t); rotated["secret"] == created["secret"] {
		t.Error("the secret stayed")
	}
	p.call(t, http.MethodPost, "/api/embed/webhooks/"+created["id"].(string)+"/test", "", http.StatusCreated, &test)
	awaitPrinted(t, out, "received webhook.test "+test["id"].(string)) // by the secret before
	if p.next != len(p.blocks["sh"]) {
		t.Errorf("%d of %d lines were run", p.next, len(p.blocks["sh"]))
	}
}

// run runs the page's next line, and answers its data.
func (p *webhooksPage) run(t *testing.T) map[string]any {
	t.Helper()
	command := exec.CommandContext(t.Context(), "/bin/sh", "-c", p.blocks["sh"][p.next])
	command.Env = p.env
	out, err := command.Output()
	var answer struct {
		Data  map[string]any
		Error *string
	}
	if err != nil || json.Unmarshal(out, &answer) != nil || answer.Error != nil {
		t.Fatalf("%s\n%v, %s", p.blocks["sh"][p.next], err, out)
	}
	p.next++
	return answer.Data
}

// refuses sends what Extractor has not signed.
func (p *webhooksPage) refuses(t *testing.T, receiver string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, receiver, strings.NewReader(`{"type":"webhook.test","data":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("webhook-id", "507f1f77bcf86cd799439011")
	request.Header.Set("webhook-timestamp", "1773225000")
	request.Header.Set("webhook-signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a forged call is answered %d", response.StatusCode)
	}
}

var codeBlock = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// readBlocks reads a page's code, by language.
func readBlocks(t *testing.T, page string) map[string][]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]string{}
	for _, block := range codeBlock.FindAllStringSubmatch(string(content), -1) {
		blocks[block[1]] = append(blocks[block[1]], block[2])
	}
	return blocks
}

func startGoReceiver(t *testing.T, program, port, secret string) *output {
	t.Helper()
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "receiver")
	writeFile(t, source, program)
	command := exec.CommandContext(t.Context(), "go", "build", "-o", binary, source)
	command.Dir = testkit.Root(t)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return startReceiver(t, exec.Command(binary), port, secret)
}

// startTypeScriptReceiver strips the types; the packages are those of tools.
func startTypeScriptReceiver(t *testing.T, program, port, secret string) *output {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(testkit.Root(t), "tools", "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	const strip = `const ts = require("typescript"); const { outputText, diagnostics } = ts.transpileModule(require("fs").readFileSync(0, "utf8"),
		{ reportDiagnostics: true, compilerOptions: { module: "ESNext", target: "ES2022" } });
		if (diagnostics.length) { console.error(diagnostics[0].messageText); process.exit(1) } process.stdout.write(outputText)`
	command := exec.CommandContext(t.Context(), "node", "-e", strip)
	command.Dir, command.Stdin = dir, strings.NewReader(program)
	script, err := command.Output()
	if err != nil {
		t.Fatalf("strip the types: %v", err)
	}
	writeFile(t, filepath.Join(dir, "receiver.mjs"), string(script))
	return startReceiver(t, exec.Command("node", filepath.Join(dir, "receiver.mjs")), port, secret)
}

func startReceiver(t *testing.T, command *exec.Cmd, port, secret string) *output {
	t.Helper()
	out := &output{}
	command.Env = slices.Concat(os.Environ(), []string{"PORT=" + port, "WEBHOOK_SECRET=" + secret})
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	return out
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// freePort is one that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

func awaitListening(t *testing.T, port string) {
	t.Helper()
	eventually(t, "the receiver listens", func() error {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", "127.0.0.1:"+port)
		if err == nil {
			err = connection.Close()
		}
		return err
	})
}

func awaitPrinted(t *testing.T, out *output, text string) {
	t.Helper()
	eventually(t, "the receiver prints "+text, func() error {
		if strings.Contains(out.String(), text) {
			return nil
		}
		return fmt.Errorf("it printed:\n%s", out.String())
	})
}
