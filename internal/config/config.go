// Package config reads the configuration: environment variables alone, one
// struct, every value checked at start with a message that names the variable
// and what it may be.
package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config is all that an operator can set.
type Config struct {
	HTTPAddr            string          // where the API listens
	PublicURL           string          // base of every URL that is handed out
	DataDir             string          // SQLite, files, Temporal's dev database, caches
	CacheDir            string          // compiled code and temporary files of the readers
	OCRDir              string          // the models and the library that read pictures
	SetupKey            string          // the onboarding key; empty: dev makes one
	EncryptionKey       []byte          // 32 bytes; empty: dev makes one
	DatabaseURL         string          // postgres://…; empty: SQLite in DataDir
	BlobURL             string          // Azure Blob Storage; empty: disk in DataDir
	BlobContainer       string          // the container there
	TemporalAddress     string          // host:port of a cluster; empty: dev starts a server
	TemporalNamespace   string          // the namespace on it
	TemporalUIURL       string          // where operators see it; empty: no links to it
	DevTemporalPort     int             // the dev server's port; its UI is at +1000
	RateLimit           RateLimit       // requests of a tenant
	WebhookAllowPrivate bool            // webhooks may go to http and private addresses
	WebhookSchedule     []time.Duration // delay before each attempt
	MetricsAddr         string          // where /metrics listens; empty: nowhere
	TracesURL           string          // where spans are sent, by OTLP over HTTP; empty: nowhere
	LogFormat           string          // json or text
	LLM                 LLM             // what understands documents
	Microsoft           Microsoft       // by what mailboxes are read
}

// RateLimit is how many requests may be made in a window; no requests: any
// number.
type RateLimit struct {
	Requests int
	Window   time.Duration
}

// Variable describes one environment variable.
type Variable struct {
	Name    string
	Default string // as dev has it
	Meaning string
	Secret  bool
}

// Variables lists every variable, in the order of the documentation.
func Variables() []Variable {
	return slices.Concat([]Variable{
		{"EXTRACTOR_HTTP_ADDR", "127.0.0.1:8080", "host:port where the API listens", false},
		{"EXTRACTOR_PUBLIC_URL", "", "base of every URL that is handed out; empty: http:// and the address", false},
		{"EXTRACTOR_DATA_DIR", "./data", "folder of database, files and caches", false},
		{"EXTRACTOR_CACHE_DIR", "", "folder of the readers' compiled code and temporary files; empty: cache in the data folder", false},
		{"EXTRACTOR_OCR_DIR", "./bin/ocr", "folder of the models that read pictures and the library that runs them, as make ocr fills it; tesseract is found on PATH", false},
		{"EXTRACTOR_SETUP_KEY", "", "the onboarding key, at least 16 characters; dev makes one and keeps it in the data folder", true},
		{"EXTRACTOR_ENCRYPTION_KEY", "", "32 bytes in base64 that seal secrets at rest; dev makes one and keeps it in the data folder", true},
		{"EXTRACTOR_DATABASE_URL", "", "postgres://…; empty: SQLite in the data folder", true},
		{"EXTRACTOR_BLOB_URL", "", "Azure Blob Storage: a connection string, or https://<account>.blob.core.windows.net with or without a shared access signature; empty: disk in the data folder", true},
		{"EXTRACTOR_BLOB_CONTAINER", "extractor", "the container there; it is made if it is missing", false},
		{"EXTRACTOR_TEMPORAL_ADDRESS", "", "host:port of a Temporal cluster; empty: dev starts the dev server", false},
		{"EXTRACTOR_TEMPORAL_NAMESPACE", "default", "the namespace on it", false},
		{"EXTRACTOR_TEMPORAL_UI_URL", "", "where operators reach the Temporal UI, for links to it; empty: none, in dev the dev server's", false},
		{"EXTRACTOR_DEV_TEMPORAL_PORT", "7233", "port of the dev server; its UI is at the port + 1000; 0: any two free ones", false},
		{"EXTRACTOR_RATE_LIMIT", "600/min", "requests that a tenant may make, by each API process: a number and /s, /min or /h; off: any number", false},
		{"EXTRACTOR_WEBHOOK_ALLOW_PRIVATE", "", "true or false: webhooks may go to http and private addresses; empty: true in dev, else false", false},
		{"EXTRACTOR_WEBHOOK_SCHEDULE", "0s,5s,5m,30m,2h,5h,10h,10h", "delay before each attempt, Go durations with commas", false},
		{"EXTRACTOR_METRICS_ADDR", "", "host:port where /metrics listens, of API and worker each; empty: nowhere", false},
		{"EXTRACTOR_TRACES_URL", "", "where spans are sent by OTLP over HTTP, for example http://collector:4318/v1/traces; empty: nowhere", false},
		{"EXTRACTOR_LOG_FORMAT", "", "json or text; empty: text in dev, else json", false},
	}, llmVariables(), microsoftVariables())
}

// Load reads the variables through getenv; dev says whether they are for the
// development server, which is more lenient.
func Load(getenv func(string) string, dev bool) (*Config, error) {
	l := loader{getenv: getenv, defaults: map[string]string{}}
	for _, v := range Variables() {
		l.defaults[v.Name] = v.Default
	}
	c := &Config{
		HTTPAddr:          l.address("EXTRACTOR_HTTP_ADDR"),
		DataDir:           l.text("EXTRACTOR_DATA_DIR"),
		CacheDir:          l.text("EXTRACTOR_CACHE_DIR"),
		OCRDir:            l.text("EXTRACTOR_OCR_DIR"),
		SetupKey:          l.setupKey("EXTRACTOR_SETUP_KEY"),
		EncryptionKey:     l.key("EXTRACTOR_ENCRYPTION_KEY"),
		DatabaseURL:       l.database("EXTRACTOR_DATABASE_URL"),
		BlobURL:           l.blobURL("EXTRACTOR_BLOB_URL"),
		BlobContainer:     l.container("EXTRACTOR_BLOB_CONTAINER"),
		TemporalAddress:   l.address("EXTRACTOR_TEMPORAL_ADDRESS"),
		TemporalNamespace: l.text("EXTRACTOR_TEMPORAL_NAMESPACE"),
		TemporalUIURL:     l.pageURL("EXTRACTOR_TEMPORAL_UI_URL"),
		// The UI's port is 1000 more and must be one, too.
		DevTemporalPort:     l.number("EXTRACTOR_DEV_TEMPORAL_PORT", 0, 64535),
		RateLimit:           l.rateLimit("EXTRACTOR_RATE_LIMIT"),
		WebhookAllowPrivate: l.truth("EXTRACTOR_WEBHOOK_ALLOW_PRIVATE", dev),
		WebhookSchedule:     l.durations("EXTRACTOR_WEBHOOK_SCHEDULE"),
		MetricsAddr:         l.address("EXTRACTOR_METRICS_ADDR"),
		TracesURL:           l.tracesURL("EXTRACTOR_TRACES_URL"),
		LogFormat:           l.logFormat("EXTRACTOR_LOG_FORMAT", dev),
		LLM:                 l.llm(),
		Microsoft:           l.microsoft(),
	}
	if c.CacheDir == "" {
		c.CacheDir = filepath.Join(c.DataDir, "cache")
	}
	c.PublicURL = l.publicURL("EXTRACTOR_PUBLIC_URL", c.HTTPAddr)
	return c, l.err
}

// loader keeps the first error, so that Load reads as a list.
type loader struct {
	getenv   func(string) string
	defaults map[string]string
	err      error
}

func (l *loader) text(name string) string {
	if value := strings.TrimSpace(l.getenv(name)); value != "" {
		return value
	}
	return l.defaults[name]
}

func (l *loader) refuse(name, must string) {
	if l.err == nil {
		l.err = fmt.Errorf("%s must be %s", name, must)
	}
}

func (l *loader) address(name string) string {
	value := l.text(name)
	if value == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(value)
	if n, convErr := strconv.Atoi(port); err != nil || convErr != nil || n < 0 || n > 65535 {
		l.refuse(name, "host:port with a port of 0 to 65535, for example 127.0.0.1:8080")
	}
	return value
}

func (l *loader) publicURL(name, httpAddr string) string {
	value := strings.TrimRight(l.text(name), "/")
	if value == "" {
		return "http://" + httpAddr
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		l.refuse(name, "an http or https URL, for example https://extractor.example.com")
	}
	return value
}

// pageURL is the address of a page, without the slash at its end.
func (l *loader) pageURL(name string) string {
	value := strings.TrimSuffix(l.text(name), "/")
	if u, err := url.Parse(value); value != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "") {
		l.refuse(name, "an http or https URL, for example https://temporal.acme.com")
	}
	return value
}

// tracesURL may hold no secret: it stands in the log when the collector is away.
func (l *loader) tracesURL(name string) string {
	value := l.text(name)
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path == "" || u.User != nil || u.RawQuery != "" {
		l.refuse(name, "an http or https URL with a path and without a user or a query, for example http://collector:4318/v1/traces")
	}
	return value
}

func (l *loader) logFormat(name string, dev bool) string {
	switch value := l.text(name); value {
	case "json", "text":
		return value
	case "":
		if dev {
			return "text"
		}
	default:
		l.refuse(name, "json or text")
	}
	return "json"
}

func (l *loader) setupKey(name string) string {
	value := l.text(name)
	if value != "" && len(value) < 16 {
		l.refuse(name, "at least 16 characters long")
	}
	return value
}

func (l *loader) key(name string) []byte {
	value := l.text(name)
	if value == "" {
		return nil
	}
	key, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(key) != 32 {
		l.refuse(name, "32 bytes in base64, for example from: openssl rand -base64 32")
	}
	return key
}

func (l *loader) database(name string) string {
	value := l.text(name)
	if value != "" && !strings.HasPrefix(value, "postgres://") && !strings.HasPrefix(value, "postgresql://") {
		l.refuse(name, "empty or a URL that begins with postgres://")
	}
	return value
}

func (l *loader) blobURL(name string) string {
	value := l.text(name)
	if value != "" && !strings.HasPrefix(value, "https://") && !strings.Contains(value, "AccountName=") {
		l.refuse(name, "empty, an https:// URL of a storage account, or a connection string with AccountName=…")
	}
	return value
}

// The rule for names of containers: learn.microsoft.com, "Naming and
// referencing containers, blobs, and metadata".
var containerName = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){2,62}$`)

func (l *loader) container(name string) string {
	value := l.text(name)
	if !containerName.MatchString(value) {
		l.refuse(name, "3 to 63 lower-case letters, digits and single hyphens")
	}
	return value
}

func (l *loader) number(name string, low, high int) int {
	n, err := strconv.Atoi(l.text(name))
	if err != nil || n < low || n > high {
		l.refuse(name, fmt.Sprintf("a whole number from %d to %d", low, high))
	}
	return n
}

func (l *loader) truth(name string, otherwise bool) bool {
	switch l.text(name) {
	case "":
		return otherwise
	case "true":
		return true
	case "false":
		return false
	}
	l.refuse(name, "true or false")
	return false
}

func (l *loader) rateLimit(name string) RateLimit {
	text := l.text(name)
	if text == "off" {
		return RateLimit{}
	}
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(number)
	window, known := map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour}[unit]
	if err != nil || n < 1 || n > 1_000_000 || !known {
		l.refuse(name, "a number and /s, /min or /h, for example 600/min, or off")
	}
	return RateLimit{Requests: n, Window: window}
}

func (l *loader) durations(name string) []time.Duration {
	var delays []time.Duration
	for part := range strings.SplitSeq(l.text(name), ",") {
		d, err := time.ParseDuration(strings.TrimSpace(part))
		if err != nil || d < 0 {
			l.refuse(name, "Go durations with commas, for example 0s,5s,5m")
		}
		delays = append(delays, d)
	}
	return delays
}
