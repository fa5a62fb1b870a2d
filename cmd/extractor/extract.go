package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"decoded.digital/extractor/internal/config"
)

// runExtract reads one document.
func runExtract(ctx context.Context, c *config.Config, args []string, out, logs io.Writer) error {
	flags := flag.NewFlagSet("extractor extract", flag.ContinueOnError)
	flags.SetOutput(logs)
	pages := flags.Bool("pages", false, "print the words with their boxes")
	draw := flags.String("draw", "", "with --pages: folder for pictures of the pages, with the words framed")
	template := flags.String("template", "", "file with a template, as POST /documents takes it; without one, print what has a label")
	machine := flags.Bool("json", false, "print JSON")
	name, err := parseFile(flags, args)
	if err != nil {
		return err
	}
	if *pages {
		return printPages(ctx, c, name, *draw, out)
	}
	return fillTemplate(ctx, c, name, *template, *machine, out)
}

// parseFile parses arguments in which one file may stand before or behind the
// flags.
func parseFile(flags *flag.FlagSet, args []string) (string, error) {
	if err := flags.Parse(args); err != nil {
		return "", err
	}
	name := flags.Arg(0)
	if name == "" {
		return "", errors.New("name a file")
	}
	if err := flags.Parse(flags.Args()[1:]); err != nil {
		return "", err
	}
	if flags.NArg() > 0 {
		return "", errors.New("name one file")
	}
	return name, nil
}
