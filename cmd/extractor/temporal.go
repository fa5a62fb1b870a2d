package main

import "go.temporal.io/api/workflowservice/v1"

func describeNamespace(name string) *workflowservice.DescribeNamespaceRequest {
	return &workflowservice.DescribeNamespaceRequest{Namespace: name}
}

// quietest drops what the client says while the server is still starting.
type quietest struct{}

func (quietest) Debug(string, ...any) {}
func (quietest) Info(string, ...any)  {}
func (quietest) Warn(string, ...any)  {}
func (quietest) Error(string, ...any) {}
