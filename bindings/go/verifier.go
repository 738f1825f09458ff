package authkit

/*
#include <authkit/c.h>
*/
import "C"

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"sync"
	"time"
)

// VerifierOptions is what OpenVerifier takes. What is zero has the default of authkit_verifier_open.
type VerifierOptions struct {
	JWKSURL           string // https, or http to a loopback address
	Issuer            string // empty with the profile simplejwt only, as Audience
	Audience          string
	Algorithms        []string       // JWS names; ES256 alone
	Typ               string         // a kind of tokens of its own
	Profile           string         // rfc9068 or simplejwt
	Leeway            *time.Duration // for clocks that differ
	CAFile            string         // PEM; the system's list
	MaxAge            time.Duration  // older keys are fetched again
	MaxStale          time.Duration  // keys that could not be fetched for so long verify nothing
	Cooldown          time.Duration  // between two fetches
	Timeout           time.Duration  // of one fetch
	FetchOnUnknownKid bool           // verifying may wait for a fetch
}

// Verifier verifies access tokens of another service by its public keys, which a thread of the library follows: no database is needed. Any
// number of goroutines may use it. Close it; a finalizer is only the net below.
type Verifier struct {
	mu     sync.RWMutex // Close waits for running calls
	handle *C.authkit_verifier
}

// OpenVerifier waits for the first fetch, at most Timeout. When it fails, tokens get ErrKeysUnavailable until a later one succeeds: see Ready.
func OpenVerifier(options VerifierOptions) (*Verifier, error) {
	document, err := options.document()
	if err != nil {
		return nil, err
	}
	var t texts
	defer t.free()
	cDocument := t.required(string(document))
	verifier := &Verifier{}
	if err := call(func() C.authkit_status { return C.authkit_verifier_open(cDocument, &verifier.handle) }); err != nil {
		return nil, err
	}
	runtime.SetFinalizer(verifier, (*Verifier).Close)
	return verifier, nil
}

func (o VerifierOptions) document() ([]byte, error) {
	document := map[string]any{"jwks_url": o.JWKSURL, "issuer": o.Issuer, "audience": o.Audience}
	for name, value := range map[string]string{"typ": o.Typ, "profile": o.Profile, "ca_file": o.CAFile} {
		if value != "" {
			document[name] = value
		}
	}
	durations := map[string]time.Duration{"max_age_ms": o.MaxAge, "max_stale_ms": o.MaxStale, "cooldown_ms": o.Cooldown, "timeout_ms": o.Timeout}
	for name, value := range durations {
		if value != 0 {
			document[name] = value.Milliseconds()
		}
	}
	if o.Leeway != nil {
		document["leeway_ms"] = o.Leeway.Milliseconds()
	}
	if len(o.Algorithms) > 0 {
		document["algorithms"] = o.Algorithms
	}
	if o.FetchOnUnknownKid {
		document["fetch_on_unknown_kid"] = true
	}
	return json.Marshal(document)
}

// Close closes it after the calls that are running; again is harmless.
func (v *Verifier) Close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	runtime.SetFinalizer(v, nil)
	C.authkit_verifier_close(&v.handle)
}

// with runs a call on the open handle.
func (v *Verifier) with(function func(handle *C.authkit_verifier) C.authkit_status) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.handle == nil {
		return &Error{Code: ErrClosed, Detail: "this Verifier is closed"}
	}
	return call(func() C.authkit_status { return function(v.handle) })
}

// Ready fails with ErrKeysUnavailable, and what the last fetch failed for, while there are no keys to verify with.
func (v *Verifier) Ready() error {
	return v.with(func(handle *C.authkit_verifier) C.authkit_status { return C.authkit_verifier_ready(handle) })
}

// Verify decodes the claims of a token whose signature and claims are good into claims. What the service revoked is not known here.
func (v *Verifier) Verify(token string, claims any) error {
	payload, err := v.payload(token)
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, claims)
}

// Check gives the same verdict, cheaper: the fixed claims only. Ids that are not in authkit's form are hashed to it.
func (v *Verifier) Check(token string) (Verified, error) {
	data, length := stringBytes(token)
	var out C.authkit_verified
	err := v.with(func(handle *C.authkit_verifier) C.authkit_status {
		return C.authkit_verifier_verify_into(handle, data, length, &out, nil, 0)
	})
	if err != nil {
		return Verified{}, err
	}
	return verifiedOf(&out), nil
}

func (v *Verifier) payload(token string) (json.RawMessage, error) {
	data, length := stringBytes(token)
	var out *C.char
	err := v.with(func(handle *C.authkit_verifier) C.authkit_status {
		return C.authkit_verifier_verify(handle, data, length, &out)
	})
	if err != nil {
		return nil, err
	}
	defer C.authkit_free(out)
	return json.RawMessage(C.GoString(out)), nil
}

type claimsKey struct{}

// ClaimsFrom is the payload of the token, exactly as signed, that Verifier.Middleware put into a request's context.
func ClaimsFrom(ctx context.Context) (json.RawMessage, bool) {
	claims, ok := ctx.Value(claimsKey{}).(json.RawMessage)
	return claims, ok
}

// Middleware lets only requests with a good access token through (Authorization: Bearer) and puts its claims into the context. Every other request is
// answered with RFC 9457 problem details and an RFC 6750 challenge.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return withToken(next, func(r *http.Request, token string) (context.Context, error) {
		claims, err := v.payload(token)
		return context.WithValue(r.Context(), claimsKey{}, claims), err
	})
}
