package testkit_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"

	"decoded.digital/extractor/internal/blob"
	"decoded.digital/extractor/internal/testkit"
)

// What was acknowledged before a kill -9 must be there after it: else a test that
// kills would find the fault of the emulator and not the product's.
func TestServicesRemember(t *testing.T) {
	t.Parallel()
	t.Run("Postgres", func(t *testing.T) {
		t.Parallel()
		server := testkit.StartPostgres(t)
		address := server.NewDatabase(t)
		execute(t, address, "CREATE TABLE kept (id int)")
		server.Kill()
		server.Start()
		execute(t, address, "INSERT INTO kept VALUES (1)")
	})
	t.Run("Azurite", func(t *testing.T) {
		t.Parallel()
		server, connection := testkit.StartDurableAzurite(t)
		store, err := blob.NewAzure(t.Context(), connection, "kept")
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Put(t.Context(), "key", strings.NewReader("bytes")); err != nil {
			t.Fatal(err)
		}
		server.Kill()
		server.Start()
		if _, err := store.Get(t.Context(), "key"); err != nil {
			t.Error(err)
		}
	})
	t.Run("Temporal", func(t *testing.T) {
		t.Parallel()
		server, address := testkit.StartDurableTemporal(t)
		c, err := client.Dial(client.Options{HostPort: address})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "kept", TaskQueue: "none"}, "Any"); err != nil {
			t.Fatal(err)
		}
		server.Kill()
		server.Start()
		if _, err := c.DescribeWorkflowExecution(t.Context(), "kept", ""); err != nil {
			t.Error(err)
		}
	})
}

func execute(t *testing.T, address, statement string) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(t.Context())
	if _, err := connection.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
