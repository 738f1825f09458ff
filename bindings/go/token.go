package authkit

/*
#include <authkit/c.h>
*/
import "C"

import "encoding/json"

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
	data, length := stringBytes(token)
	var out C.authkit_verified
	err := a.with(func(ctx *C.authkit_ctx) C.authkit_status {
		return C.authkit_token_verify_into(ctx, data, length, &out, nil, 0)
	})
	if err != nil {
		return Verified{}, err
	}
	return verifiedOf(&out), nil
}

func verifiedOf(out *C.authkit_verified) Verified {
	return Verified{
		UserID:    C.GoString(&out.user_id[0]),
		SessionID: C.GoString(&out.session_id[0]),
		TokenID:   C.GoString(&out.token_id[0]),
		Epoch:     uint64(out.epoch),
		IssuedAt:  fromMilliseconds(out.issued_at_ms),
		ExpiresAt: fromMilliseconds(out.expires_at_ms),
		AuthTime:  fromMilliseconds(out.auth_time_ms),
	}
}

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
