package testkit

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
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
			return azuriteURL(found[1])
		}
	}
	t.Fatal("Azurite is missing or did not start; make test installs it, or: npm ci --prefix tools")
	return ""
}

// StartDurableAzurite starts one that keeps what it acknowledged in its files,
// and answers its connection string.
func StartDurableAzurite(t testing.TB) (service *Service, connection string) {
	t.Helper()
	program, dir, port := filepath.Join(Root(t), "tools/azurite-durable.js"), t.TempDir(), freePort(t)
	address := "http://127.0.0.1:" + port
	command := func() *exec.Cmd {
		return exec.Command("node", program, "--skipApiVersionCheck", "--disableTelemetry", "--silent",
			"--location", dir, "--blobHost", "127.0.0.1", "--blobPort", port)
	}
	return startService(t, "Azurite", command, func() error { return answers(address) }), azuriteURL(address)
}

func azuriteURL(address string) string {
	return fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s/%s;",
		AzuriteAccount, AzuriteKey, address, AzuriteAccount)
}

// answers says whether something speaks HTTP at an address, whatever it says.
func answers(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), pingWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
