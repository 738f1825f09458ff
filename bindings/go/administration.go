package authkit

/*
#include <authkit/c.h>
*/
import "C"

import (
	"encoding/json"
	"strings"
	"time"
)

// UserFilter says which users are wanted; what is empty does not count.
type UserFilter struct {
	EmailPrefix string `json:"email_prefix,omitempty"`
	Role        string `json:"role,omitempty"`
	Status      string `json:"status,omitempty"`
}

// EventFilter says which events of the audit log are wanted; what is empty does not count. Outcome is "success" or "failure".
type EventFilter struct {
	Actor, Action, Subject, IP, Outcome string
	Since, Until                        time.Time
}

// MarshalJSON writes the filter as c.h has it.
func (f EventFilter) MarshalJSON() ([]byte, error) {
	members := map[string]any{}
	for name, text := range map[string]string{"actor": f.Actor, "action": f.Action, "subject": f.Subject, "ip": f.IP, "outcome": f.Outcome} {
		if text != "" {
			members[name] = text
		}
	}
	for name, at := range map[string]time.Time{"from_ms": f.Since, "to_ms": f.Until} {
		if !at.IsZero() {
			members[name] = at.UnixMilli()
		}
	}
	return json.Marshal(members)
}

// Event is one line of the audit log.
type Event struct {
	Seq       int64           `json:"seq"`
	ID        string          `json:"id"`
	Time      time.Time       `json:"time"`
	Actor     string          `json:"actor"`
	Action    string          `json:"action"`
	Subject   string          `json:"subject"`
	Outcome   string          `json:"outcome"`
	IP        string          `json:"ip"`
	UserAgent string          `json:"user_agent"`
	RequestID string          `json:"request_id"`
	Data      json.RawMessage `json:"data"`
}

type page[Item any] struct {
	Items      []Item `json:"items"`
	NextCursor string `json:"next_cursor"`
}

// pageOf gives the items of one page and the cursor of the next one.
func pageOf[Item any](a *Auth, client *Client, filter any, cursor string,
	function func(ctx *C.authkit_ctx, who *C.authkit_call, filter, cursor *C.char, out **C.char) C.authkit_status) ([]Item, string, error) {
	wanted, err := json.Marshal(filter)
	if err != nil {
		return nil, "", err
	}
	var t texts
	defer t.free()
	which, start := t.required(string(wanted)), t.optional(cursor)
	got, err := document[page[Item]](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return function(ctx, who, which, start, out)
	})
	if err != nil {
		return nil, "", err
	}
	return got.Items, got.NextCursor, nil
}

// Users gives one page of users, oldest first, and the cursor of the next one: empty on the last.
func (a *Auth) Users(client *Client, cursor string, limit int) ([]Account, string, error) {
	return a.SearchUsers(client, UserFilter{}, cursor, limit)
}

// SearchUsers gives one page of the users that fit, oldest first, and the cursor of the next one: empty on the last.
func (a *Auth) SearchUsers(client *Client, filter UserFilter, cursor string, limit int) ([]Account, string, error) {
	return pageOf[Account](a, client, filter, cursor,
		func(ctx *C.authkit_ctx, who *C.authkit_call, which, start *C.char, out **C.char) C.authkit_status {
			return C.authkit_user_search(ctx, who, which, start, C.uint32_t(limit), out)
		})
}

// Audit gives one page of the audit log, newest first, and the cursor of the next one: empty on the last.
func (a *Auth) Audit(client *Client, filter EventFilter, cursor string, limit int) ([]Event, string, error) {
	return pageOf[Event](a, client, filter, cursor,
		func(ctx *C.authkit_ctx, who *C.authkit_call, which, start *C.char, out **C.char) C.authkit_status {
			return C.authkit_audit_list(ctx, who, which, start, C.uint32_t(limit), out)
		})
}

// SetUserStatus sets "active" or "disabled"; disabling ends all sessions and tokens. actor goes into the audit log, here as below.
func (a *Auth) SetUserStatus(client *Client, userID, status, actor string) error {
	var t texts
	defer t.free()
	id, wanted, by := t.required(userID), t.required(status), t.required(actor)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_user_set_status(ctx, who, id, wanted, by)
	})
}

// SetUserRoles replaces the roles of a user; the sessions of before end.
func (a *Auth) SetUserRoles(client *Client, userID string, roles []string, actor string) error {
	var t texts
	defer t.free()
	id, wanted, by := t.required(userID), t.required(strings.Join(roles, " ")), t.required(actor)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_user_set_roles(ctx, who, id, wanted, by)
	})
}

// SetUserPassword sets a password for a user; all sessions end.
func (a *Auth) SetUserPassword(client *Client, userID string, password []byte, actor string) error {
	var t texts
	defer t.free()
	id, by := t.required(userID), t.required(actor)
	secret, length := bytes(password)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_user_set_password(ctx, who, id, secret, length, by)
	})
}

// EndUserSessions ends all sessions and tokens of a user.
func (a *Auth) EndUserSessions(client *Client, userID, actor string) error {
	var t texts
	defer t.free()
	id, by := t.required(userID), t.required(actor)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_user_end_sessions(ctx, who, id, by)
	})
}

// ResetUserMFA removes the second factors of a user who has lost them; all sessions end.
func (a *Auth) ResetUserMFA(client *Client, userID, actor string) error {
	var t texts
	defer t.free()
	id, by := t.required(userID), t.required(actor)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_user_reset_mfa(ctx, who, id, by)
	})
}

// CloseUser closes the account of a user.
func (a *Auth) CloseUser(client *Client, userID, actor string) error {
	var t texts
	defer t.free()
	id, by := t.required(userID), t.required(actor)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_user_close(ctx, who, id, by)
	})
}
