package authkit

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
)

type identityKey struct{}

// IdentityFrom is the identity that Middleware put into a request's context.
func IdentityFrom(ctx context.Context) (*Identity, bool) {
	identity, ok := ctx.Value(identityKey{}).(*Identity)
	return identity, ok
}

// Middleware lets only requests with a good access token through (Authorization: Bearer) and puts their identity into the context. Every other
// request is answered with RFC 9457 problem details and an RFC 6750 challenge.
func (a *Auth) Middleware(next http.Handler) http.Handler {
	return withToken(next, func(r *http.Request, token string) (context.Context, error) {
		identity, err := a.Authenticate(clientOf(r), token, Bearer)
		return context.WithValue(r.Context(), identityKey{}, identity), err
	})
}

// withToken serves requests whose bearer token passes check, in the context that check gives.
func withToken(next http.Handler, check func(r *http.Request, token string) (context.Context, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := bearerToken(r)
		if err == nil {
			var ctx context.Context
			if ctx, err = check(r, token); err == nil {
				next.ServeHTTP(w, r.WithContext(ctx))
				return
			}
		}
		WriteProblem(w, err)
	})
}

func bearerToken(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return "", &Error{Code: ErrAuthenticationRequired, Detail: "send an access token: Authorization: Bearer"}
	}
	scheme, token, found := strings.Cut(values[0], " ")
	if len(values) > 1 || !found || !strings.EqualFold(scheme, "Bearer") {
		return "", &Error{Code: ErrInvalidToken, Detail: "one Authorization header with the scheme Bearer"}
	}
	return token, nil
}

func clientOf(r *http.Request) *Client {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	return &Client{Address: address, UserAgent: r.UserAgent(), RequestID: r.Header.Get("X-Request-Id")}
}

// WriteProblem answers err as RFC 9457 problem details; what is no *Error is answered as an internal one.
func WriteProblem(w http.ResponseWriter, err error) {
	var failure *Error
	if !errors.As(err, &failure) {
		failure = &Error{Code: ErrInternal}
	}
	code, status := failure.Code, failure.Code.HTTPStatus()
	header := w.Header()
	if status == http.StatusUnauthorized {
		challenge := `Bearer realm="authkit"`
		if code != ErrAuthenticationRequired {
			challenge += `, error="invalid_token"`
		}
		header.Set("WWW-Authenticate", challenge)
	}
	if failure.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(failure.RetryAfter.Seconds())))
	}
	header.Set("Content-Type", "application/problem+json")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "about:blank", "title": codes[code].title, "status": status, "code": code.Name(), "detail": failure.Detail,
	})
}
