package testkit

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Postgres is a server that listens on a socket of its own.
type Postgres struct {
	*Service
	dir       string
	databases atomic.Int64
}

// StartPostgres starts a server with an empty cluster; options are of the
// command postgres.
func StartPostgres(t testing.TB, options ...string) *Postgres {
	t.Helper()
	// Not t.TempDir: the server's user must be able to enter it, and a socket's
	// path is short.
	dir, err := os.MkdirTemp("", "extractor-pg-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	identity := postgresUser(t, dir)
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(t.Context(), postgresProgram(t, "initdb"),
		"-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, &syscall.SysProcAttr{Credential: identity}
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}

	options = append([]string{
		"-D", data, "-F", "-c", "listen_addresses=", "-c", "unix_socket_directories=" + dir, "-c", "max_connections=300",
	}, options...)
	p := &Postgres{dir: dir}
	command := func() *exec.Cmd {
		server := exec.Command(postgresProgram(t, "postgres"), options...)
		server.Dir, server.SysProcAttr = dir, &syscall.SysProcAttr{Credential: identity}
		return server
	}
	p.Service = startService(t, "Postgres", command, p.ping)
	return p
}

// NewDatabase makes an empty database and answers its URL.
func (p *Postgres) NewDatabase(t testing.TB) string {
	t.Helper()
	name := "test" + strconv.FormatInt(p.databases.Add(1), 10)
	connection, err := pgx.Connect(t.Context(), p.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(context.WithoutCancel(t.Context()))
	if _, err := connection.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return p.url(name)
}

func (p *Postgres) url(database string) string {
	return fmt.Sprintf("postgres://postgres@/%s?host=%s", database, url.QueryEscape(p.dir))
}

func (p *Postgres) ping() error {
	ctx, cancel := context.WithTimeout(context.Background(), pingWithin)
	defer cancel()
	connection, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return err
	}
	return connection.Close(ctx)
}

// postgresUser is who the server runs as: Postgres refuses root.
func postgresUser(t testing.TB, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("Postgres is missing: %v; make test installs it, or: apt-get install postgresql", err)
	}
	uid, _ := strconv.ParseUint(account.Uid, 10, 32)
	gid, _ := strconv.ParseUint(account.Gid, 10, 32)
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func postgresProgram(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob(filepath.Join("/usr/lib/postgresql/*/bin", name))
	if len(found) == 0 {
		t.Fatalf("%s is missing; make test installs it, or: apt-get install postgresql", name)
	}
	return strings.TrimSpace(found[len(found)-1])
}
