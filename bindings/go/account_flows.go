package authkit

/*
#include <authkit/c.h>
*/
import "C"

import "encoding/json"

// Credential says in whose name a flow runs: an access token, or a cookie.
type Credential struct {
	Secret    string
	Transport Transport
}

// Enrolment is a second factor that waits for its first code.
type Enrolment struct {
	FactorID   string `json:"factor_id"`
	Secret     string `json:"secret"`
	OtpauthURI string `json:"otpauth_uri"`
	QRSVG      string `json:"qr_svg"`
}

// TOTPConfirmed has the recovery codes, shown once, and what the session goes on with.
type TOTPConfirmed struct {
	RecoveryCodes []string `json:"recovery_codes"`
	Grant         Grant    `json:"grant"`
}

// Deliver delivers messages that wait, for about budgetMS milliseconds and one message, and tells how many.
func (a *Auth) Deliver(budgetMS uint32) (int, error) {
	var count C.uint32_t
	err := a.with(func(ctx *C.authkit_ctx) C.authkit_status { return C.authkit_deliver(ctx, C.uint32_t(budgetMS), &count) })
	return int(count), err
}

// plain runs a flow that answers nothing.
func (a *Auth) plain(client *Client, function func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status) error {
	return a.onCall(client, func(who *C.authkit_call) error {
		return a.with(func(ctx *C.authkit_ctx) C.authkit_status { return function(ctx, who) })
	})
}

// VerifyMFA is the second step of a login; method is "totp" or "recovery_code".
func (a *Auth) VerifyMFA(client *Client, mfaToken, method, code string) (*Grant, error) {
	var t texts
	defer t.free()
	token, how, what := t.required(mfaToken), t.required(method), t.required(code)
	return document[Grant](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_verify_mfa(ctx, who, token, how, what, out)
	})
}

// VerifyEmail confirms an address by the token of its message.
func (a *Auth) VerifyEmail(client *Client, token string) error {
	var t texts
	defer t.free()
	text := t.required(token)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_verify_email(ctx, who, text)
	})
}

// VerifyEmailCode does the same by the eight digits.
func (a *Auth) VerifyEmailCode(client *Client, email, code string) error {
	var t texts
	defer t.free()
	address, digits := t.required(email), t.required(code)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_verify_email_code(ctx, who, address, digits)
	})
}

// ResendVerification sends that message again; nothing tells whether there was one to send.
func (a *Auth) ResendVerification(client *Client, email string) error {
	var t texts
	defer t.free()
	address := t.required(email)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_resend_verification(ctx, who, address)
	})
}

// RequestPasswordReset sends a message that resets the password; nothing tells whether there is an account.
func (a *Auth) RequestPasswordReset(client *Client, email string) error {
	var t texts
	defer t.free()
	address := t.required(email)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_request_password_reset(ctx, who, address)
	})
}

// ResetPassword sets a new password by such a message; all sessions end. mfaMethod and mfaCode are empty without a second factor.
func (a *Auth) ResetPassword(client *Client, token string, password []byte, mfaMethod, mfaCode string) error {
	var t texts
	defer t.free()
	text, method, code := t.required(token), t.optional(mfaMethod), t.optional(mfaCode)
	secret, length := bytes(password)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_reset_password(ctx, who, text, secret, length, method, code)
	})
}

// ChangePassword sets a new password; the session goes on with the grant.
func (a *Auth) ChangePassword(client *Client, by Credential, current, next []byte, keepOtherSessions bool) (*Grant, error) {
	token, length := stringBytes(by.Secret)
	old, oldLength := bytes(current)
	fresh, freshLength := bytes(next)
	keep := C.int32_t(0)
	if keepOtherSessions {
		keep = 1
	}
	return document[Grant](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_change_password(ctx, who, token, length, C.int32_t(by.Transport), old, oldLength, fresh, freshLength, keep, out)
	})
}

// RequestEmailChange sends a message to the new address.
func (a *Auth) RequestEmailChange(client *Client, by Credential, email string) error {
	var t texts
	defer t.free()
	address := t.required(email)
	token, length := stringBytes(by.Secret)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_request_email_change(ctx, who, token, length, C.int32_t(by.Transport), address)
	})
}

// ConfirmEmailChange makes it the account's address.
func (a *Auth) ConfirmEmailChange(client *Client, token string) error {
	var t texts
	defer t.free()
	text := t.required(token)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_confirm_email_change(ctx, who, text)
	})
}

// UpdateProfile merges patch, a JSON object, into the profile (RFC 7396).
func (a *Auth) UpdateProfile(client *Client, by Credential, patch json.RawMessage) (*Account, error) {
	var t texts
	defer t.free()
	merge := t.required(string(patch))
	token, length := stringBytes(by.Secret)
	return document[Account](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_update_profile(ctx, who, token, length, C.int32_t(by.Transport), merge, out)
	})
}

// CloseAccount closes the account; without a password after a recent login only.
func (a *Auth) CloseAccount(client *Client, by Credential, password []byte) error {
	token, length := stringBytes(by.Secret)
	secret, secretLength := bytes(password)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_close_account(ctx, who, token, length, C.int32_t(by.Transport), secret, secretLength)
	})
}

// EndSession ends one of the user's sessions.
func (a *Auth) EndSession(client *Client, by Credential, sessionID string) error {
	var t texts
	defer t.free()
	id := t.required(sessionID)
	token, length := stringBytes(by.Secret)
	return a.plain(client, func(ctx *C.authkit_ctx, who *C.authkit_call) C.authkit_status {
		return C.authkit_end_session(ctx, who, token, length, C.int32_t(by.Transport), id)
	})
}

// EnrollTOTP begins to set up an authenticator app.
func (a *Auth) EnrollTOTP(client *Client, by Credential, label string) (*Enrolment, error) {
	var t texts
	defer t.free()
	name := t.optional(label)
	token, length := stringBytes(by.Secret)
	return document[Enrolment](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_totp_enroll(ctx, who, token, length, C.int32_t(by.Transport), name, out)
	})
}

// ConfirmTOTP ends it by a first code.
func (a *Auth) ConfirmTOTP(client *Client, by Credential, factorID, code string) (*TOTPConfirmed, error) {
	var t texts
	defer t.free()
	id, digits := t.required(factorID), t.required(code)
	token, length := stringBytes(by.Secret)
	return document[TOTPConfirmed](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_totp_confirm(ctx, who, token, length, C.int32_t(by.Transport), id, digits, out)
	})
}

// RemoveTOTP removes a second factor.
func (a *Auth) RemoveTOTP(client *Client, by Credential, factorID string) (*Grant, error) {
	var t texts
	defer t.free()
	id := t.required(factorID)
	token, length := stringBytes(by.Secret)
	return document[Grant](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_totp_remove(ctx, who, token, length, C.int32_t(by.Transport), id, out)
	})
}

// RenewRecoveryCodes gives ten new ones; the old ones are worth nothing.
func (a *Auth) RenewRecoveryCodes(client *Client, by Credential) ([]string, error) {
	token, length := stringBytes(by.Secret)
	codes, err := document[[]string](a, client, func(ctx *C.authkit_ctx, who *C.authkit_call, out **C.char) C.authkit_status {
		return C.authkit_recovery_codes(ctx, who, token, length, C.int32_t(by.Transport), out)
	})
	if err != nil {
		return nil, err
	}
	return *codes, nil
}
