// Package worker hosts: it registers workflows and activities and runs the
// loops that need a Temporal client.
package worker

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/workflows"
)

const (
	// stopTimeout is how long running activities may take to end after Stop;
	// what has not ended then is another worker's once its heartbeats are missed.
	stopTimeout = 20 * time.Second
	// heartbeatThrottle is how often a heartbeat reaches the server, and so how
	// soon a step learns that it was cancelled. The SDK's own 8 s are too late.
	heartbeatThrottle = time.Second
)

// Worker polls every task queue.
type Worker struct{ queues []worker.Worker }

// New makes a worker that polls nothing yet.
func New(c client.Client, a *activities.Activities, logger *slog.Logger) *Worker {
	options := worker.Options{
		WorkerStopTimeout:            stopTimeout,
		Interceptors:                 []interceptor.WorkerInterceptor{&observer{logger: logger}},
		MaxHeartbeatThrottleInterval: heartbeatThrottle, DefaultHeartbeatThrottleInterval: heartbeatThrottle,
	}
	reading := options
	reading.MaxConcurrentActivityExecutionSize = 2 // CPU and memory: a reader each
	hooks := options
	// They only wait: enough that the endpoints which hang, each with as many
	// calls as one may have, leave room for the others until their breakers open.
	hooks.MaxConcurrentActivityExecutionSize = 200
	// A queue is polled for what is put into it, and no more: each poll costs the
	// server as much as a task does.
	runs, model := options, options
	runs.LocalActivityWorkerOnly = true
	reading.DisableWorkflowWorker, model.DisableWorkflowWorker = true, true
	extraction, deliveries := worker.New(c, workflows.QueueExtraction, runs), worker.New(c, workflows.QueueWebhooks, hooks)
	extraction.RegisterWorkflow(workflows.Extraction)
	deliveries.RegisterWorkflow(workflows.Delivery)
	w := &Worker{queues: []worker.Worker{
		extraction, worker.New(c, workflows.QueueReading, reading), worker.New(c, workflows.QueueModel, model), deliveries,
	}}
	if a.Mail != nil {
		w.queues = append(w.queues, mailboxes(c, options))
	}
	for _, queue := range w.queues {
		queue.RegisterActivity(a)
	}
	return w
}

// mailboxes polls for sweeps: one a process, which reads many mailboxes at once.
func mailboxes(c client.Client, options worker.Options) worker.Worker {
	options.MaxConcurrentActivityExecutionSize = 1
	queue := worker.New(c, workflows.QueueMailbox, options)
	queue.RegisterWorkflow(workflows.Mailboxes)
	return queue
}

// Start begins to poll.
func (w *Worker) Start() error {
	for i, queue := range w.queues {
		if err := queue.Start(); err != nil {
			(&Worker{queues: w.queues[:i]}).Stop()
			return fmt.Errorf("start a worker: %w", err)
		}
	}
	return nil
}

// Stop ends polling and waits for what runs.
func (w *Worker) Stop() {
	var stopping sync.WaitGroup
	for _, queue := range w.queues {
		stopping.Go(queue.Stop)
	}
	stopping.Wait()
}
