package tests

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"decoded.digital/extractor/internal/testkit"
)

// recoveryLimit is how long after a killed part's return the next extraction
// may take to complete.
const recoveryLimit = 30 * time.Second

// part is what can be killed. start returns once it serves again.
type part struct {
	name        string
	kill, start func()
}

// TestChaos kills one part of a production layout after another, at random,
// while files are uploaded: nothing that was acknowledged may be lost, doubled
// or wrong. `make test` runs a short form, `make chaos` the long one.
func TestChaos(t *testing.T) {
	t.Parallel()
	uploads, kills := 40, 6
	if chaosIsLong() {
		uploads, kills = 200, 20
	}
	temporal, temporalAddress := testkit.StartDurableTemporal(t)
	azurite, blobs := testkit.StartDurableAzurite(t)
	postgres := testkit.StartPostgres(t)
	c := &cluster{product: build(t, "-race"), env: chaosEnvironment(environment{
		"EXTRACTOR_HTTP_ADDR": "127.0.0.1:0", "EXTRACTOR_DATA_DIR": dataDir(t),
		"EXTRACTOR_DATABASE_URL": postgres.NewDatabase(t), "EXTRACTOR_BLOB_URL": blobs,
		"EXTRACTOR_TEMPORAL_ADDRESS": temporalAddress, "EXTRACTOR_WEBHOOK_ALLOW_PRIVATE": "true",
		"EXTRACTOR_SETUP_KEY": "a setup key of tests", "EXTRACTOR_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	})}
	if code := c.start(t, "migrate", c.env).wait(t); code != 0 {
		t.Fatalf("migrate: exit code %d", code)
	}
	api, base := c.startPart(t, "api")
	x := newChaos(t, base, c.env["EXTRACTOR_SETUP_KEY"])
	parts := []*part{
		{"API", func() { api.kill() }, func() { api, base = c.startPart(t, "api"); x.client.base.Store(base) }},
		c.workerPart(t, "worker 1"), c.workerPart(t, "worker 2"),
		{"Temporal", temporal.Kill, temporal.Start},
		{"Postgres", postgres.Kill, postgres.Start},
		{"Azurite", azurite.Kill, azurite.Start},
	}
	x.run(t, "Postgres, Azurite, API and two workers", parts, uploads, kills)
	x.wantRows(t, c.env["EXTRACTOR_DATABASE_URL"])
}

// workerPart starts a worker that can be killed.
func (c *cluster) workerPart(t *testing.T, name string) *part {
	t.Helper()
	run, _ := c.startPart(t, "worker")
	return &part{name, func() { run.kill() }, func() { run, _ = c.startPart(t, "worker") }}
}

// TestChaosDev does the same to `extractor dev`: SQLite, files on disk, and
// Temporal as its child.
func TestChaosDev(t *testing.T) {
	t.Parallel()
	uploads, kills := 24, 3
	if chaosIsLong() {
		uploads, kills = 100, 10
	}
	p, env := build(t, "-race"), chaosEnvironment(devEnvironment(t))
	run, base := p.startDev(t, env)
	x := newChaos(t, base, env["EXTRACTOR_SETUP_KEY"])
	start := func() {
		run, base = p.startDev(t, env)
		x.client.base.Store(base)
	}
	parts := []*part{
		{"extractor dev, with Temporal", func() { killChildren(t, run); run.kill() }, start},
		{"extractor dev", func() { run.kill() }, start},
		{"its Temporal", func() { killChildren(t, run); run.wait(t) }, start}, // it ends where Temporal does
	}
	x.run(t, "extractor dev", parts, uploads, kills)
}

func chaosIsLong() bool { return os.Getenv("CHAOS_LONG") != "" }

func chaosEnvironment(env environment) environment {
	env = maps.Clone(env)
	env["EXTRACTOR_RATE_LIMIT"], env["EXTRACTOR_WEBHOOK_SCHEDULE"] = "off", "0s,1s,1s,2s,2s,5s,5s,5s,5s"
	return env
}

func killChildren(t *testing.T, run *process) {
	t.Helper()
	found, err := exec.CommandContext(t.Context(), "pgrep", "-P", strconv.Itoa(run.command.Process.Pid)).Output()
	if err != nil {
		t.Fatalf("the children of extractor dev: %v", err)
	}
	for _, child := range strings.Fields(string(found)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			t.Fatal(err)
		}
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// chaos is one run: its client uploads as many files as it is permitted.
type chaos struct {
	client   *chaosClient
	receiver *chaosReceiver
	random   *rand.Rand
	seed     uint64
	rows     []string // of the report
}

func newChaos(t *testing.T, base, setupKey string) *chaos {
	t.Helper()
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("CHAOS_SEED"), strconv.FormatInt(time.Now().UnixNano(), 10)), 10, 64)
	if err != nil {
		t.Fatalf("CHAOS_SEED: %v", err)
	}
	h := onboard(t, base, setupKey)
	h.createDocument(t)
	return &chaos{
		client: newChaosClient(t, h), receiver: newChaosReceiver(t, h),
		seed: seed, random: rand.New(rand.NewPCG(seed, 0)),
	}
}

// run uploads and kills, then looks at what became of it all.
func (x *chaos) run(t *testing.T, layout string, parts []*part, uploads, kills int) {
	t.Helper()
	begun, each := time.Now(), uploads/kills
	x.client.start(t)
	for i, next := range x.order(parts, kills) {
		x.round(t, i+1, next, each)
	}
	x.client.permit(uploads - each*kills)
	x.client.finish()
	uploaded := time.Now()
	x.wantFinal(t)
	x.wantCalls(t)
	x.report(t, fmt.Sprintf("%s, seed %d: %d uploads, %d kills\n%s\nall was final %.1f s after the last upload, %.1f s after the first; answers: %v; the slowest took %.1f s; webhook calls: %d",
		layout, x.seed, uploads, kills, strings.Join(x.rows, "\n"), time.Since(uploaded).Seconds(), time.Since(begun).Seconds(),
		x.client.answers(), x.client.slowest.Seconds(), x.receiver.count()))
}

// order is who is killed when: each part once, then any.
func (x *chaos) order(parts []*part, kills int) []*part {
	order := slices.Clone(parts)
	x.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for len(order) < kills {
		order = append(order, parts[x.random.IntN(len(parts))])
	}
	return order[:kills]
}

// round kills one part amid uploads, which go on while it is away, and measures
// its recovery: from its return until one more extraction is completed.
func (x *chaos) round(t *testing.T, number int, next *part, uploads int) {
	t.Helper()
	x.client.permit(uploads / 3)
	x.pause(500 * time.Millisecond)
	killed := time.Now()
	next.kill()
	x.client.permit(uploads / 3)
	x.pause(2 * time.Second)
	next.start()
	returned := time.Now()
	before := x.client.completed(t)
	x.client.permit(uploads - uploads/3*2)
	eventually(t, "an extraction is completed after the return of "+next.name, func() error {
		if x.client.completed(t) > before {
			return nil
		}
		return fmt.Errorf("none of %d", before)
	})
	recovery := time.Since(returned)
	if recovery > recoveryLimit {
		t.Errorf("%s: nothing was completed for %s after its return", next.name, recovery)
	}
	x.rows = append(x.rows, fmt.Sprintf("%3d  %-28s  away %4.1f s  recovered after %4.1f s  acknowledged so far %3d",
		number, next.name, returned.Sub(killed).Seconds(), recovery.Seconds(), len(x.client.acknowledged())))
}

// pause waits for a random while, so that a kill meets any step.
func (x *chaos) pause(most time.Duration) { time.Sleep(time.Duration(x.random.Int64N(int64(most)))) }

// report prints the table, and keeps it for make, since go test shows nothing
// of what passes.
func (x *chaos) report(t *testing.T, text string) {
	t.Helper()
	t.Log(text)
	file := testkit.Root(t) + "/bin/chaos-" + t.Name() + ".txt"
	if err := os.WriteFile(file, []byte(text+"\n\n"), 0o600); err != nil {
		t.Error(err)
	}
}
