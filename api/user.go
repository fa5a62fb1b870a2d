package api

import (
	"context"
	"net/mail"
	"strings"

	"decoded.digital/extractor/models"
)

func userView(m *models.Member) User {
	return User{
		ID: m.ID, UnderscoreID: m.ID, FirstName: m.FirstName, LastName: m.LastName, Email: m.Email, Role: m.Role,
		CreatedAt: models.FormatTime(m.CreatedAt), UpdatedAt: models.FormatTime(m.UpdatedAt),
	}
}

// newUser checks a person's name and address.
func (s *Server) newUser(firstName, lastName, email string) (models.User, error) {
	now := s.Now()
	u := models.User{ID: models.NewID(now), CreatedAt: now, UpdatedAt: now}
	var err error
	if u.FirstName, err = models.RequiredText("firstName", firstName, models.MaxNameLength); err != nil {
		return u, err
	}
	if u.LastName, err = models.RequiredText("lastName", lastName, models.MaxNameLength); err != nil {
		return u, err
	}
	if u.Email, err = models.RequiredText("email", strings.ToLower(email), models.MaxNameLength); err != nil {
		return u, err
	}
	if address, err := mail.ParseAddress(u.Email); err != nil || address.Address != u.Email {
		return u, models.Invalid("email: Invalid email format")
	}
	return u, nil
}

// CreateUser answers POST /users.
func (s *Server) CreateUser(ctx context.Context, r CreateUserRequestObject) (CreateUserResponseObject, error) {
	ctx, who := identityOf(ctx)
	user, err := s.newUser(r.Body.FirstName, r.Body.LastName, r.Body.Email)
	if err != nil {
		return nil, err
	}
	role := or(r.Body.Role)
	switch {
	case r.Body.Role == nil:
		role = models.RoleMember
	case !role.Valid():
		return nil, models.Invalid(`role must be "owner", "admin" or "member"`)
	case who.browser && !who.caller.Role.AtLeast(role):
		return nil, models.Forbidden("role: you can't give a role that is above your own")
	}
	existing, err := s.Store.CreateUser(ctx, who.caller, &user, role)
	if err != nil {
		return nil, err
	}
	s.callers.forget()
	answer := UserAnswer{Message: "User created successfully", User: userView(&models.Member{User: user, Role: role})}
	if existing {
		answer.Message = "User added to tenant successfully"
		return CreateUser200JSONResponse{Data: answer}, nil
	}
	return CreateUser201JSONResponse{Data: answer}, nil
}

// ListUsers answers GET /users.
func (s *Server) ListUsers(ctx context.Context, r ListUsersRequestObject) (ListUsersResponseObject, error) {
	ctx, caller := requestOf(ctx)
	page, err := s.page(r.Params.Page, r.Params.Limit, r.Params.AsOf)
	if err != nil {
		return nil, err
	}
	text, err := search(r.Params.Search)
	if err != nil {
		return nil, err
	}
	rows, total, err := s.Store.ListUsers(ctx, caller, models.UserFilter{Search: text}, page)
	if err != nil {
		return nil, err
	}
	return ListUsers200JSONResponse{Data: UserList{Items: views(rows, userView), Pagination: pagination(page, total)}}, nil
}
