package api

import (
	"context"
	"time"

	"decoded.digital/extractor/internal/secret"
	"decoded.digital/extractor/models"
)

// sessionLife is how long a session's token works; the page asks its host for a
// new one before.
const sessionLife = 15 * time.Minute

// CreateSession answers POST /sessions.
func (s *Server) CreateSession(ctx context.Context, r CreateSessionRequestObject) (CreateSessionResponseObject, error) {
	ctx, who := identityOf(ctx)
	if who.session.ID != "" {
		return nil, models.Forbidden("A session can't make another one; ask your server, which has the API key")
	}
	origin := models.NormalOrigin(r.Body.Origin)
	switch {
	case r.Body.Origin == "":
		return nil, models.Invalid("origin is required")
	case origin == "":
		return nil, models.Invalid("origin must be scheme and host of a page, like https://app.acme.com")
	case origin != s.origin && !models.DomainAllowed(who.key.AllowedDomains, origin):
		return nil, models.Forbidden("origin: its domain is not in the API key's allowedDomains")
	}
	token, session, err := s.newSession(ctx, who.caller, origin)
	if err != nil {
		return nil, err
	}
	return CreateSession201JSONResponse{Data: Session{Token: token, Origin: origin, ExpiresAt: models.FormatTime(session.ExpiresAt)}}, nil
}

// newSession makes a session for a page at origin.
func (s *Server) newSession(ctx context.Context, caller models.Caller, origin string) (string, models.Session, error) {
	now, token := s.Now(), secret.NewSessionToken()
	session := models.Session{
		ID: models.NewID(now), Hash: s.Keys.HashSession(token), Origin: origin, ExpiresAt: now.Add(sessionLife), CreatedAt: now,
	}
	return token, session, s.Store.CreateSession(ctx, caller, &session)
}

// bySession finds who a session was made for. It ends with its API key.
func (s *Server) bySession(ctx context.Context, token string) (identity, error) {
	hash := s.Keys.HashSession(token)
	who, err := s.callers.find(hash, s.Now(), func() (identity, error) { return s.loadSession(ctx, hash) })
	switch {
	case err != nil && models.CodeOf(err) == models.CodeNotFound:
		return who, models.Unauthorized("Invalid session token")
	case err != nil:
		return who, err
	case !s.Now().Before(who.session.ExpiresAt):
		return who, models.Unauthorized("Session has expired")
	case !who.key.IsActive, who.key.Expired(s.Now()):
		return who, models.Unauthorized("The session's API key is disabled or has expired")
	}
	return who, nil
}

func (s *Server) loadSession(ctx context.Context, hash string) (identity, error) {
	session, key, err := s.Store.System().FindSession(ctx, hash)
	if err != nil {
		return identity{}, err
	}
	user, role, err := s.Store.System().LoadMember(ctx, session.TenantID, session.UserID)
	return identity{key: key, session: session, caller: models.Caller{
		TenantID: session.TenantID, APIKeyID: key.ID, UserID: user.ID, Email: user.Email, Role: role,
	}}, err
}
