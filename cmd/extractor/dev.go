package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"decoded.digital/extractor/internal/config"
)

// fakeGraphAddr stays the same from start to start: links to it are stored.
const fakeGraphAddr = "127.0.0.1:8365"

// runDev is the whole product in one process, with the Temporal dev server as
// its child.
func runDev(ctx context.Context, c *config.Config, args []string, out, logs io.Writer) error {
	page, stop, err := microsoft365(ctx, c, args)
	if err != nil {
		return err
	}
	defer stop()
	// The kernel ends the dev server when the thread that started it ends
	// (Pdeathsig), so that thread must live as long as this function.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := makeDataDir(c); err != nil {
		return err
	}
	if err := keepSecrets(c); err != nil {
		return err
	}
	listener, err := listen(ctx, c)
	if err != nil {
		return err
	}
	server, err := startTemporal(ctx, c, logs)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer server.stop()
	if server.command != nil {
		c.TemporalUIURL = cmp.Or(c.TemporalUIURL, server.ui)
	}
	return runAll(ctx, c, listener, server, page, out, logs)
}

// microsoft365 starts the fake one where it is asked for. page is its address.
func microsoft365(ctx context.Context, c *config.Config, args []string) (page string, stop func(), err error) {
	flags := flag.NewFlagSet("dev", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	fake := false
	address := fakeGraphAddr
	flags.BoolFunc("fake-graph", "play Microsoft 365 on this machine", func(at string) error {
		if fake = at != "false"; at != "true" {
			address = at
		}
		return nil
	})
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return "", nil, errors.New("dev takes --fake-graph, or --fake-graph=HOST:PORT, and nothing else")
	}
	if !fake {
		return "", func() {}, nil
	}
	return startFakeGraph(ctx, c, address)
}

func runAll(ctx context.Context, c *config.Config, listener net.Listener, server *temporalServer, page string, out, logs io.Writer) error {
	p, err := open(ctx, c, "dev", logs)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	h, err := prepare(ctx, p)
	if err != nil {
		return errors.Join(err, listener.Close(), p.close(ctx))
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return p.serveAPI(running, listener) })
	group.Go(func() error { return p.serveMetrics(running) })
	group.Go(func() error { return server.watch(running) })
	group.Go(func() error {
		return h.run(running, func() { greet(out, c, server.ui, page) })
	})
	return errors.Join(group.Wait(), p.close(ctx))
}

// prepare brings the schema up to date and makes the worker.
func prepare(ctx context.Context, p *parts) (*host, error) {
	if err := p.store.Migrate(ctx); err != nil {
		return nil, fmt.Errorf("migrate the database: %w", err)
	}
	return p.newWorker(ctx)
}

const greeting = `
Extractor is ready.

  API           %[1]s
  Temporal UI   %[2]s
  setup key     %[3]s
%[5]s
Onboard an organisation, and keep its API key:

  KEY=$(curl -s -X POST -H 'X-Setup-Key: %[3]s' -H 'Content-Type: application/json' -d '{"organizationName":"Acme","firstName":"Jo","lastName":"Doe","email":"jo@acme.test"}' %[1]s/api/embed/onboard | sed 's/.*"key":"\([^"]*\)".*/\1/'); echo $KEY

Extract a sample:

  curl -s -H "X-API-Key: $KEY" -H 'X-User-Email: jo@acme.test' -F file=@%[4]s %[1]s/api/embed/extract
%[6]s
README.md goes on from there. Ctrl-C ends everything.

`

// greet says where everything is. mail is the fake Microsoft 365's page, empty
// without one.
func greet(out io.Writer, c *config.Config, ui, mail string) {
	sample, err := filepath.Abs("samples/invoice.pdf")
	if err != nil {
		sample = "samples/invoice.pdf"
	}
	connect := ""
	if mail != "" {
		mail = "  mail          " + mail + "   send some here, to a mailbox that you connected\n"
		connect = "\nConnect a mailbox, in a browser at the address that this prints:\n\n  echo \"" + c.PublicURL + "/embed/settings?apiKey=$KEY&userEmail=jo@acme.test\"\n"
	}
	fmt.Fprintf(out, greeting, c.PublicURL, ui, c.SetupKey, sample, mail, connect)
}
