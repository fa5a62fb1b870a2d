// Package worker hosts: it registers workflows and activities and runs the
// loops that need a Temporal client.
package worker

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"decoded.digital/extractor/activities"
	"decoded.digital/extractor/workflows"
)

// stopTimeout is how long running activities may take to end after a signal.
const stopTimeout = 3 * time.Second

// Run polls every task queue until ctx ends, then lets what runs finish.
func Run(ctx context.Context, c client.Client, a *activities.Activities) error {
	options := worker.Options{WorkerStopTimeout: stopTimeout}
	reading := options
	reading.MaxConcurrentActivityExecutionSize = 2 // CPU and memory: a reader each
	hooks := options
	hooks.MaxConcurrentActivityExecutionSize = 50 // they only wait
	workers := []worker.Worker{
		worker.New(c, workflows.QueueExtraction, options),
		worker.New(c, workflows.QueueReading, reading),
		worker.New(c, workflows.QueueModel, options),
		worker.New(c, workflows.QueueWebhooks, hooks),
	}
	for i, w := range workers {
		w.RegisterWorkflow(workflows.Extraction)
		w.RegisterWorkflow(workflows.Delivery)
		w.RegisterActivity(a)
		if err := w.Start(); err != nil {
			stop(workers[:i])
			return fmt.Errorf("start a worker: %w", err)
		}
	}
	<-ctx.Done()
	stop(workers)
	return nil
}

func stop(workers []worker.Worker) {
	done := make(chan struct{}, len(workers))
	for _, w := range workers {
		go func() { w.Stop(); done <- struct{}{} }()
	}
	for range workers {
		<-done
	}
}
