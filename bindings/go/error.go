package authkit

/*
#include <authkit/c.h>
*/
import "C"

import (
	"encoding/json"
	"runtime"
	"time"
)

// Error makes a Code usable as a target of errors.Is.
func (c Code) Error() string { return "authkit: " + c.Name() }

// Name is the stable snake_case name of the code.
func (c Code) Name() string {
	if row, known := codes[c]; known {
		return row.name
	}
	return codes[ErrInternal].name
}

// HTTPStatus is what a server answers for the code.
func (c Code) HTTPStatus() int {
	if row, known := codes[c]; known {
		return row.status
	}
	return codes[ErrInternal].status
}

// FieldError is one bad member of an input document.
type FieldError struct {
	Pointer string `json:"pointer"` // RFC 6901
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// Error is a failure with what is known about it. errors.Is(err, authkit.ErrRateLimited) tests for its code.
type Error struct {
	Code       Code
	Detail     string
	Fields     []FieldError
	RetryAfter time.Duration // 0 = not known
	MFAToken   string        // with ErrMfaRequired: what continues the login
}

func (e *Error) Error() string { return "authkit: " + e.Code.Name() + ": " + e.Detail }

// Is reports whether target is this error's Code.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.Code
}

// call is the one way into the library: the goroutine stays on its thread, so that the message read is that of this failure.
func call(function func() C.authkit_status) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if status := function(); status != C.AUTHKIT_OK {
		return failureOf(status)
	}
	return nil
}

// failureOf is the last failure on this thread.
func failureOf(status C.authkit_status) error {
	failure := &Error{Code: Code(status), Detail: C.GoString(C.authkit_last_error())}
	var document struct {
		Errors     []FieldError `json:"errors"`
		RetryAfter int64        `json:"retry_after"`
		MFAToken   string       `json:"mfa_token"`
	}
	if json.Unmarshal([]byte(C.GoString(C.authkit_last_error_json())), &document) == nil {
		failure.Fields = document.Errors
		failure.MFAToken = document.MFAToken
		failure.RetryAfter = time.Duration(document.RetryAfter) * time.Second
	}
	return failure
}
