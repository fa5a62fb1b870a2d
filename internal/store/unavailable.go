package store

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// away says whether err means that the database can't be reached, or is ending
// or starting: the same request may succeed in a moment, and nothing of it was
// written, because what belongs together is one transaction.
func away(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Classes of PostgreSQL's error codes (its documentation, appendix A): 08
		// connection exception, 53 insufficient resources, 57P operator intervention.
		return strings.HasPrefix(e.Code, "08") || strings.HasPrefix(e.Code, "53") || strings.HasPrefix(e.Code, "57P")
	}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	return connecting || network || pgconn.SafeToRetry(err) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}
