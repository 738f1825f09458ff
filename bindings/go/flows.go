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

// onCall makes the C form of a client for one call; nil is nobody.
func (a *Auth) onCall(client *Client, function func(who *C.authkit_call) error) error {
	if client == nil {
		return function(nil)
	}
	var who *C.authkit_call
	if err := call(func() C.authkit_status { return C.authkit_call_new(&who) }); err != nil {
		return err
	}
	defer C.authkit_call_free(who)
	var t texts
	defer t.free()
	address, agent, request := t.optional(client.Address), t.optional(client.UserAgent), t.optional(client.RequestID)
	err := call(func() C.authkit_status { return C.authkit_call_set_client(who, address, agent, request) })
	if err == nil && client.Timeout > 0 {
		milliseconds := client.Timeout.Milliseconds()
		if milliseconds == 0 {
			milliseconds = 1
		}
		err = call(func() C.authkit_status { return C.authkit_call_set_timeout(who, C.uint32_t(milliseconds)) })
	}
	if err == nil && client.ReadAfter != nil {
		seen := t.optional(*client.ReadAfter)
		err = a.with(func(ctx *C.authkit_ctx) C.authkit_status { return C.authkit_call_set_read_after(ctx, who, seen) })
	}
	if err != nil {
		return err
	}
	err = function(who)
	if err == nil && client.ReadAfter != nil {
		*client.ReadAfter, err = a.text(func(ctx *C.authkit_ctx, out **C.char) C.authkit_status {
			return C.authkit_call_read_after(ctx, who, out)
		})
	}
	return err
}

// document runs a flow that answers one JSON document and decodes it.
func document[T any](a *Auth, client *Client, function func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status) (*T, error) {
	result := new(T)
	err := a.onCall(client, func(who *C.authkit_call) error {
		text, err := a.text(func(ctx *C.authkit_ctx, out **C.char) C.authkit_status { return function(ctx, who, out) })
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), result)
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// SignUp registers a user; Roles are ignored.
func (a *Auth) SignUp(client *Client, r Registration) (*Account, error) {
	var t texts
	defer t.free()
	email, username, profile := t.required(r.Email), t.optional(r.Username), t.optional(string(r.Profile))
	password, length := bytes(r.Password)
	return document[Account](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_sign_up(ctx, who, email, password, length, username, profile, out)
	})
}

// CreateUser makes a user the operator's way: no limit, no sign-up switch.
func (a *Auth) CreateUser(client *Client, r Registration) (*Account, error) {
	var t texts
	defer t.free()
	email, username, profile := t.required(r.Email), t.optional(r.Username), t.optional(string(r.Profile))
	roles := t.optional(strings.Join(r.Roles, " "))
	password, length := bytes(r.Password)
	return document[Account](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_user_create(ctx, who, email, password, length, username, profile, roles, out)
	})
}

// FindUser finds by e-mail address, user name or id.
func (a *Auth) FindUser(client *Client, loginOrID string) (*Account, error) {
	var t texts
	defer t.free()
	name := t.required(loginOrID)
	return document[Account](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_user_find(ctx, who, name, out)
	})
}

// LogIn logs in by e-mail address or user name. deviceName may be empty.
func (a *Auth) LogIn(client *Client, login string, password []byte, transport Transport, deviceName string) (*Grant, error) {
	var t texts
	defer t.free()
	name, device := t.required(login), t.optional(deviceName)
	secret, length := bytes(password)
	return document[Grant](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_log_in(ctx, who, name, secret, length, C.int32_t(transport), device, out)
	})
}

// Refresh gives the next token pair. Safe to repeat within the grace window.
func (a *Auth) Refresh(client *Client, refreshToken string) (*Grant, error) {
	token, length := stringBytes(refreshToken)
	return document[Grant](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_refresh(ctx, who, token, length, out)
	})
}

// Authenticate verifies an access token or a session cookie.
func (a *Auth) Authenticate(client *Client, credential string, transport Transport) (*Identity, error) {
	token, length := stringBytes(credential)
	return document[Identity](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_authenticate(ctx, who, token, length, C.int32_t(transport), out)
	})
}

// Me is the user behind an access token or a session cookie.
func (a *Auth) Me(client *Client, credential string, transport Transport) (*Account, error) {
	token, length := stringBytes(credential)
	return document[Account](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_me(ctx, who, token, length, C.int32_t(transport), out)
	})
}

// Sessions are the live sessions of that user.
func (a *Auth) Sessions(client *Client, credential string, transport Transport) ([]Session, error) {
	token, length := stringBytes(credential)
	type list struct {
		Items []Session `json:"items"`
	}
	got, err := document[list](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_sessions(ctx, who, token, length, C.int32_t(transport), out)
	})
	if err != nil {
		return nil, err
	}
	return got.Items, nil
}

// LogOut ends this session, the others, or all.
func (a *Auth) LogOut(client *Client, credential string, transport Transport, scope Scope) error {
	token, length := stringBytes(credential)
	return a.onCall(client, func(who *C.authkit_call) error {
		return a.with(func(ctx *C.authkit_ctx) C.authkit_status {
			return C.authkit_log_out(ctx, who, token, length, C.int32_t(transport), C.int32_t(scope))
		})
	})
}

// LogOutRefresh does the same by refresh token, also an expired one.
func (a *Auth) LogOutRefresh(client *Client, refreshToken string, scope Scope) error {
	token, length := stringBytes(refreshToken)
	return a.onCall(client, func(who *C.authkit_call) error {
		return a.with(func(ctx *C.authkit_ctx) C.authkit_status {
			return C.authkit_log_out_refresh(ctx, who, token, length, C.int32_t(scope))
		})
	})
}

func fromMilliseconds(ms C.int64_t) time.Time { return time.UnixMilli(int64(ms)).UTC() }
