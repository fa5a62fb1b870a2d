package api

import (
	_ "embed" // the contract
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/goccy/go-yaml"
)

//go:embed openapi.yaml
var contract []byte

// serveContract answers GET /openapi.json.
func serveContract() gin.HandlerFunc {
	asJSON, err := yaml.YAMLToJSON(contract)
	return func(c *gin.Context) {
		if err != nil { // a test reads the contract, so this is never seen
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		c.Data(http.StatusOK, "application/json; charset=utf-8", asJSON)
	}
}
