package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Probe is a part that must be there for a process to be of use.
type Probe struct {
	Name  string // as an operator calls it
	Check func(context.Context) error
	// Optional says that the process is of use without the part: it is ready, and
	// says what is missing.
	Optional bool
}

// envelope is the shape of every answer.
type envelope struct {
	Data  any `json:"data"`
	Error any `json:"error"` // a sentence, or null
}

// probeTimeout is how long a part may take to say that it is there.
const probeTimeout = 3 * time.Second

// NewProbes makes the handler of GET /healthz, which says that the process
// lives, and of GET /readyz, which says that every part is there.
func NewProbes(probes []Probe, logger *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeProbe(w, http.StatusOK, envelope{Data: map[string]string{"status": "ok"}})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ready := map[string]string{"status": "ready"}
		var missing []string
		for _, probe := range probes {
			err := check(r.Context(), probe)
			switch {
			case err != nil && probe.Optional:
				missing = append(missing, probe.Name)
				ready["missing"] = strings.Join(missing, "; ")
			case err != nil:
				logger.WarnContext(r.Context(), "not ready", "part", probe.Name, "error", err)
				writeProbe(w, http.StatusServiceUnavailable, envelope{Error: probe.Name + " is not there"})
				return
			}
		}
		writeProbe(w, http.StatusOK, envelope{Data: ready})
	})
	return mux
}

func check(ctx context.Context, probe Probe) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return probe.Check(ctx)
}

func writeProbe(w http.ResponseWriter, status int, answer envelope) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}
