package testkit

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// AzuriteAccount is the account that every Azurite has, with its published key.
const (
	AzuriteAccount = "devstoreaccount1"
	AzuriteKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

var listeningAt = regexp.MustCompile(`listens on (http://[0-9.]+:[0-9]+)`)

// StartAzurite starts the emulator of Azure Blob Storage and answers its
// connection string.
func StartAzurite(t testing.TB) string {
	t.Helper()
	program := filepath.Join(Root(t), "tools/node_modules/azurite/dist/src/blob/main.js")
	// skipApiVersionCheck: azblob is newer than any Azurite.

	server := exec.Command("node", program, "--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry",
		"--blobHost", "127.0.0.1", "--blobPort", "0")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, server)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := listeningAt.FindStringSubmatch(lines.Text()); found != nil {
			go func() {
				for lines.Scan() {
				}
			}()
			return fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s/%s;",
				AzuriteAccount, AzuriteKey, found[1], AzuriteAccount)
		}
	}
	t.Fatal("Azurite is missing or did not start; make test installs it, or: npm ci --prefix tools")
	return ""
}
