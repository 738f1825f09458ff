package authkit

/*
#include <authkit/c.h>

// The text where Go has it: it is not copied.
static authkit_status check_token(authkit_ctx* ctx, _GoString_ token, authkit_verified* out) {
	return authkit_token_verify_into(ctx, _GoStringPtr(token), _GoStringLen(token), out, NULL, 0);
}
*/
import "C"

import (
	"encoding/json"
	"runtime"
	"strings"
	"unsafe"
)

// HashPassword gives a self-describing hash with a fresh salt.
func (a *Auth) HashPassword(password []byte) (string, error) {
	secret, length := bytes(password)
	return a.text(func(ctx *C.authkit_ctx, out **C.char) C.authkit_status {
		return C.authkit_password_hash(ctx, secret, length, out)
	})
}

// VerifyPassword fails with ErrInvalidCredentials on a mismatch; true when a fresh hash should replace this one.
func (a *Auth) VerifyPassword(password []byte, encoded string) (needsRehash bool, err error) {
	var t texts
	defer t.free()
	hash := t.required(encoded)
	secret, length := bytes(password)
	var rehash C.int32_t
	err = a.with(func(ctx *C.authkit_ctx) C.authkit_status {
		return C.authkit_password_verify(ctx, secret, length, hash, &rehash)
	})
	return err == nil && rehash == 1, err
}

// IssueToken issues an access token.
func (a *Auth) IssueToken(content TokenContent) (string, error) {
	encoded, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	var t texts
	defer t.free()
	cContent := t.required(string(encoded))
	return a.text(func(ctx *C.authkit_ctx, out **C.char) C.authkit_status {
		return C.authkit_token_issue(ctx, cContent, out)
	})
}

// VerifyToken decodes the claims of a token whose signature, claims and revocation are good into claims.
func (a *Auth) VerifyToken(token string, claims any) error {
	data, length := stringBytes(token)
	text, err := a.text(func(ctx *C.authkit_ctx, out **C.char) C.authkit_status {
		return C.authkit_token_verify(ctx, data, length, out)
	})
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), claims)
}

// CheckToken gives the same verdict, cheaper: the fixed claims only.
func (a *Auth) CheckToken(token string) (Verified, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.ctx == nil {
		return Verified{}, errClosed()
	}
	// As call() does it, without a function in between: this is called for every request.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var out C.authkit_verified
	if status := C.check_token(a.ctx, token, &out); status != C.AUTHKIT_OK {
		return Verified{}, failureOf(status)
	}
	return verifiedOf(&out), nil
}

// verifiedOf makes one text, of which the ids are parts: they stand one after the other.
func verifiedOf(out *C.authkit_verified) Verified {
	const user, session, token = len(out.user_id), len(out.session_id), len(out.token_id)
	ids := string((*[user + session + token]byte)(unsafe.Pointer(&out.user_id))[:])
	return Verified{
		UserID:    untilNUL(ids[:user]),
		SessionID: untilNUL(ids[user : user+session]),
		TokenID:   untilNUL(ids[user+session:]),
		Epoch:     uint64(out.epoch),
		IssuedAt:  fromMilliseconds(out.issued_at_ms),
		ExpiresAt: fromMilliseconds(out.expires_at_ms),
		AuthTime:  fromMilliseconds(out.auth_time_ms),
	}
}

func untilNUL(text string) string { return text[:strings.IndexByte(text, 0)] }

// RevokeToken refuses this one token from now on.
func (a *Auth) RevokeToken(client *Client, token string) error {
	data, length := stringBytes(token)
	return a.onCall(client, func(who *C.authkit_call) error {
		return a.with(func(ctx *C.authkit_ctx) C.authkit_status { return C.authkit_token_revoke(ctx, who, data, length) })
	})
}

// JWKS is the set of public keys (RFC 7517 section 5).
func (a *Auth) JWKS() (string, error) {
	return a.text(func(ctx *C.authkit_ctx, out **C.char) C.authkit_status { return C.authkit_jwks(ctx, out) })
}

// RotateKeys publishes the next signing key, or puts the published one in force.
func (a *Auth) RotateKeys() error {
	return a.with(func(ctx *C.authkit_ctx) C.authkit_status { return C.authkit_keys_rotate(ctx) })
}
