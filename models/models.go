// Package models has the nouns: what every other package talks about. It imports
// the standard library alone and knows neither database nor HTTP nor Temporal.
package models
