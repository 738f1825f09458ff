package authkit

import (
	"encoding/json"
	"time"
)

// Account is a user.
type Account struct {
	ID            string          `json:"id"`
	Email         string          `json:"email"`
	Username      string          `json:"username"`
	EmailVerified bool            `json:"email_verified"`
	Status        string          `json:"status"`
	Roles         []string        `json:"roles"`
	Profile       json.RawMessage `json:"profile"`
	CreatedAt     time.Time       `json:"created_at"`
	UpdatedAt     time.Time       `json:"updated_at"`
	LastLoginAt   *time.Time      `json:"last_login_at"`
}

// Session is one login of a user.
type Session struct {
	ID        string    `json:"id"`
	Transport string    `json:"transport"`
	CreatedAt time.Time `json:"created_at"`
	LastSeen  time.Time `json:"last_seen"`
	ExpiresAt time.Time `json:"expires_at"`
	Client    string    `json:"client"`
	UserAgent string    `json:"user_agent"`
	Address   string    `json:"address"`
	Current   bool      `json:"current"`
}

// Grant is what a login or a refresh hands out. With Cookie, CookieValue and CSRFToken take the place of the tokens.
type Grant struct {
	SessionID        string  `json:"session_id"`
	User             Account `json:"user"`
	AccessToken      string  `json:"access_token"`
	ExpiresIn        int64   `json:"expires_in"` // seconds
	RefreshToken     string  `json:"refresh_token"`
	RefreshExpiresIn int64   `json:"refresh_expires_in"` // seconds
	CookieValue      string  `json:"cookie"`
	CSRFToken        string  `json:"csrf_token"`
}

// Identity is the verified carrier of a request.
type Identity struct {
	UserID    string    `json:"user_id"`
	SessionID string    `json:"session_id"`
	TokenID   string    `json:"token_id"`
	Epoch     uint64    `json:"epoch"`
	AuthTime  time.Time `json:"auth_time"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Verified is the fixed part of a verified access token.
type Verified struct {
	UserID    string
	SessionID string // empty when the token has none, as TokenID
	TokenID   string
	Epoch     uint64
	IssuedAt  time.Time
	ExpiresAt time.Time
	AuthTime  time.Time
}

// Client says who is calling: it goes into limits, events and log lines. Timeout bounds the wait for a store; 0 is the store's own bound. ReadAfter is what
// the caller has seen of a database with replicas, as text that may go to another process: calls show nothing older, and set it to what they have seen
// and written. It is not touched where it is nil, and stays empty where there are no replicas. One goroutine at a time may use a Client that has one.
type Client struct {
	Address   string
	UserAgent string
	RequestID string
	Timeout   time.Duration
	ReadAfter *string
}

// Registration is a new user.
type Registration struct {
	Email    string
	Password []byte
	Username string          // empty: none
	Profile  json.RawMessage // a JSON object; nil: {}
	Roles    []string        // CreateUser only
}

// TokenContent is what a new access token says; only Subject, a user id, is required.
type TokenContent struct {
	Subject  string         `json:"sub"`
	Session  string         `json:"sid,omitempty"`
	Epoch    uint64         `json:"epoch,omitempty"`
	ACR      string         `json:"acr,omitempty"`
	AMR      []string       `json:"amr,omitempty"`
	AuthTime int64          `json:"auth_time,omitempty"` // milliseconds since 1970
	Roles    []string       `json:"roles,omitempty"`
	Claims   map[string]any `json:"claims,omitempty"`
}

// Transport is how a client holds its session.
type Transport int32

// The transports.
const (
	Bearer Transport = 0
	Cookie Transport = 1
)

// Scope is what a logout ends.
type Scope int32

// The scopes of a logout.
const (
	Current Scope = 0
	Others  Scope = 1
	All     Scope = 2
)
