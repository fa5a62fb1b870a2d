package graphfake

import (
	"encoding/json"
	"net/http"
	"regexp"
	"time"
)

// admin serves seeding by hand, for a product that runs in another process.
// These routes are the fake's own; Graph has none of them.
func (s *Server) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /fake/{$}", s.mailPage)
	mux.HandleFunc("POST /fake/send", s.sendPage)
	mux.HandleFunc("POST /fake/mailboxes", seed(func(in struct{ ID, Address string }) any {
		s.AddMailbox(in.ID, in.Address)
		return map[string]any{"inbox": s.Folder(in.ID, "inbox")}
	}))
	mux.HandleFunc("POST /fake/messages", seed(func(in struct {
		Mailbox, Folder string
		Mail            Mail
	},
	) any {
		if s.Folder(in.Mailbox, in.Folder) == "" {
			return map[string]any{"error": "no such mailbox or folder"}
		}
		id, immutable := s.Deliver(in.Mailbox, in.Folder, in.Mail)
		return map[string]any{"id": id, "immutableId": immutable}
	}))
	mux.HandleFunc("POST /fake/faults", seed(func(in struct {
		Method, Path, Mailbox, Code, RetryAfter string
		Count, Status                           int
		Probability                             float64
	},
	) any {
		path, err := regexp.Compile(in.Path)
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		broken := Answer(in.Status, in.Code)
		if in.Status == http.StatusTooManyRequests {
			broken = Throttle(in.RetryAfter)
		}
		s.Inject(Fault{Method: in.Method, Path: path, Mailbox: in.Mailbox, Count: in.Count, Probability: in.Probability, Break: broken})
		return map[string]any{}
	}))
	mux.HandleFunc("POST /fake/notify", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"statuses": s.Notify(r.Context(), Mischief{})})
	})
	mux.HandleFunc("POST /fake/skew", seed(func(in struct{ Seconds int }) any {
		s.SetSkew(time.Duration(in.Seconds) * time.Second)
		return map[string]any{}
	}))
	mux.HandleFunc("GET /fake/requests", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.Requests()) })
	return mux
}

func seed[In any](do func(In) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			writeError(w, http.StatusBadRequest, "BadRequest", err.Error())
			return
		}
		writeJSON(w, http.StatusOK, do(in))
	}
}
