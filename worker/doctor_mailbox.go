package worker

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"decoded.digital/extractor/internal/store"
)

// dueAfter is how long a folder may be due: one that is read holds no other up.
const dueAfter = 5 * time.Minute

// mailboxes are the findings of Outlook mailboxes, where they are offered.
func (d *Doctor) mailboxes(ctx context.Context) []Finding {
	f, err := d.Store.MailFleet(ctx)
	switch {
	case err != nil:
		return []Finding{ill("mailboxes", "see the database", "%v", err)}
	case !d.Starter.Mailboxes && len(f.Mailboxes) > 0:
		return []Finding{ill("mailboxes", "set EXTRACTOR_MICROSOFT_CLIENT_ID and _CLIENT_SECRET for API and worker", "folders are watched, but mailboxes are not offered")}
	case !d.Starter.Mailboxes:
		return []Finding{well("mailboxes", "not offered: EXTRACTOR_MICROSOFT_CLIENT_ID is empty")}
	}
	return []Finding{d.accounts(&f), d.folders(&f), d.mail(&f)}
}

func (d *Doctor) accounts(f *store.MailFleet) Finding {
	if f.Accounts["operator"] > 0 {
		return ill("Microsoft accounts", "Microsoft refuses this installation: see its client secret's last day, then EXTRACTOR_MICROSOFT_CLIENT_SECRET; the worker's log has the code", "%s", byFailure(f.Accounts))
	}
	return well("Microsoft accounts", "%s", byFailure(f.Accounts)) // what is wrong besides, their users are told
}

func (d *Doctor) folders(f *store.MailFleet) Finding {
	switch {
	case f.Overdue > dueAfter:
		return ill("watched folders", "see that a worker runs and that the schedule mailboxes is not paused in the Temporal UI",
			"one is due for %s and nobody reads it: %s", f.Overdue.Round(time.Second), byFailure(f.Mailboxes))
	case f.Late > 0:
		return ill("watched folders", "see whether the worker reaches EXTRACTOR_GRAPH_URL; its log says of each what fails",
			"%d were not read for 15 minutes: %s", f.Late, byFailure(f.Mailboxes))
	case f.Unsubscribed > 0:
		return ill("watched folders", "Microsoft must reach EXTRACTOR_PUBLIC_URL by https; until then they are polled",
			"of %d Microsoft can't tell when mail comes: %s", f.Unsubscribed, byFailure(f.Mailboxes))
	}
	return well("watched folders", "%s", byFailure(f.Mailboxes))
}

func (d *Doctor) mail(f *store.MailFleet) Finding {
	if f.Failed > 0 {
		return ill("mail", "see GET /mailboxes/:id/messages?state=failed, and replay it once the cause is gone", "%d could not be read in any try, %d wait", f.Failed, f.Waiting)
	}
	return well("mail", "%d wait to be read", f.Waiting)
}

// byFailure is "3, 1 of them reconnect".
func byFailure(counts map[string]int64) string {
	sum, wrong := int64(0), []string{}
	for _, failure := range slices.Sorted(maps.Keys(counts)) {
		sum += counts[failure]
		if failure != "" {
			wrong = append(wrong, fmt.Sprintf("%d %s", counts[failure], failure))
		}
	}
	if len(wrong) == 0 {
		return fmt.Sprintf("%d, all are well", sum)
	}
	return fmt.Sprintf("%d, of which %s", sum, strings.Join(wrong, ", "))
}
