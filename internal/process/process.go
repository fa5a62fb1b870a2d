// Package process ties the processes that this one starts to its own life.
package process
