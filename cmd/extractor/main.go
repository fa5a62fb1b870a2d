// Command extractor is the product: API, worker, migrations and the one-process
// development server are its subcommands. It wires; what is wired stands in
// the packages.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"decoded.digital/extractor/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "extractor:", oneLine(err))
		os.Exit(1)
	}
}

// oneLine is for libraries whose errors are paragraphs.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

const usage = `usage: extractor COMMAND

  dev      everything in one process, with the Temporal dev server
           [--fake-graph: and with a Microsoft 365 that is played on this machine]
  api      the REST API
  worker   the workflows' worker and the relay
  migrate  bring the database's schema up to date
  config   list the configuration
  doctor   say what is stuck and why
  extract  read one document: extract FILE --pages [--draw FOLDER], or --template T.json [--json]
  eval     fill the templates of a corpus: eval --corpus DIR --out FILE
  health   ask the API or worker on this machine whether it is ready
`

func run(ctx context.Context, args []string, getenv func(string) string, out, logs io.Writer) error {
	if len(args) == 0 || args[0] == "help" || len(args) > 1 && args[0] != "dev" && !takesArguments(args[0]) {
		_, err := io.WriteString(out, usage)
		if len(args) != 1 {
			err = errors.Join(errors.New("one command is needed"), err)
		}
		return err
	}
	if args[0] == "reader" { // gets nothing of the configuration, which holds keys
		return runReader(ctx, getenv, os.Stdin, out)
	}
	c, err := config.Load(getenv, args[0] == "dev" || takesArguments(args[0]))
	if args[0] == "config" { // lists what is wrong, too
		return errors.Join(printConfig(out, getenv), err)
	}
	if err != nil {
		return err
	}
	switch args[0] {
	case "dev":
		return runDev(ctx, c, args[1:], out, logs)
	case "api":
		return runAPI(ctx, c, logs)
	case "worker":
		return runWorker(ctx, c, logs)
	case "migrate":
		return runMigrate(ctx, c, out)
	case "doctor":
		return runDoctor(ctx, c, out)
	case "health":
		return runHealth(ctx, c, out)
	case "extract":
		return runExtract(ctx, c, args[1:], out, logs)
	case "eval":
		return runEval(ctx, c, args[1:], logs)
	}
	return fmt.Errorf("%q is no command; extractor help lists them", args[0])
}

// takesArguments says whether a command has arguments of its own.
func takesArguments(command string) bool { return command == "extract" || command == "eval" }

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
