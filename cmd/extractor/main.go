// Command extractor is the product: API, worker, migrations and the one-process
// development server are its subcommands. It wires; what is wired stands in
// the packages.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"decoded.digital/extractor/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "extractor:", err)
		os.Exit(1)
	}
}

const usage = `usage: extractor COMMAND

  dev      everything in one process, with the Temporal dev server
  api      the REST API
  worker   the workflows' worker and the relay
  migrate  bring the database's schema up to date
  config   list the configuration`

func run(ctx context.Context, args []string, getenv func(string) string, out, logs io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("one command is needed\n%s", usage)
	}
	if args[0] == "config" {
		return printConfig(out, getenv)
	}
	c, err := config.Load(getenv)
	if err != nil {
		return err
	}
	switch args[0] {
	case "dev":
		return runDev(ctx, c, out, logs)
	case "api", "worker":
		return runProduction(ctx, args[0], c, logs)
	case "migrate":
		return runMigrate(ctx, c, out)
	}
	return fmt.Errorf("%q is not a command\n%s", args[0], usage)
}

// printConfig lists every variable; of a secret only whether it is set.
func printConfig(out io.Writer, getenv func(string) string) error {
	for _, v := range config.Variables() {
		value := getenv(v.Name)
		switch {
		case value == "":
			value = "(default) " + v.Default
		case v.Secret:
			value = "(set)"
		}
		if _, err := fmt.Fprintf(out, "%-34s %s\n%-34s   %s\n", v.Name, value, "", v.Meaning); err != nil {
			return err
		}
	}
	return nil
}
