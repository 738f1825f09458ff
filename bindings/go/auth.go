// Package authkit embeds the authkit authentication library: accounts, sessions, tokens and their revocation, in this process.
//
// An Auth may be used by any number of goroutines. Errors are *Error values; test for a code with errors.Is(err, authkit.ErrInvalidCredentials).
package authkit

/*
#cgo pkg-config: authkit_c
#include <stdlib.h>
#include <authkit/c.h>
*/
import "C"

import (
	"runtime"
	"runtime/cgo"
	"sync"
	"unsafe"
)

// Options is what Open takes. Values are applied in this order: Env, File, Set.
type Options struct {
	Set           map[string]string // option names and values of the README's table
	Env           bool              // read the environment
	File          string            // a file of `name = value` lines
	NoMaintenance bool              // no background thread: call Maintain yourself
	Hooks         Hooks
}

// Auth is an opened authkit. Close it; a finalizer is only the net below.
type Auth struct {
	mu    sync.RWMutex // Close waits for running calls
	ctx   *C.authkit_ctx
	hooks cgo.Handle
}

// Version is that of the library linked.
func Version() string { return C.GoString(C.authkit_version()) }

// Open opens the stores and loads or makes the keys.
func Open(options Options) (*Auth, error) {
	var config *C.authkit_config
	if err := call(func() C.authkit_status { return C.authkit_config_new(&config) }); err != nil {
		return nil, err
	}
	defer C.authkit_config_free(config)
	if err := configure(config, options); err != nil {
		return nil, err
	}
	auth := &Auth{hooks: installHooks(config, options.Hooks)}
	err := call(func() C.authkit_status { return C.authkit_open(config, &auth.ctx) })
	if err == nil && !options.NoMaintenance {
		err = call(func() C.authkit_status { return C.authkit_start_maintenance(auth.ctx, 0) })
	}
	if err != nil {
		auth.Close()
		return nil, err
	}
	runtime.SetFinalizer(auth, (*Auth).Close)
	return auth, nil
}

func configure(config *C.authkit_config, options Options) error {
	if options.Env {
		if err := call(func() C.authkit_status { return C.authkit_config_load_env(config) }); err != nil {
			return err
		}
	}
	var t texts
	defer t.free()
	if options.File != "" {
		path := t.required(options.File)
		if err := call(func() C.authkit_status { return C.authkit_config_load_file(config, path) }); err != nil {
			return err
		}
	}
	for name, value := range options.Set {
		cName, cValue := t.required(name), t.required(value)
		if err := call(func() C.authkit_status { return C.authkit_config_set(config, cName, cValue) }); err != nil {
			return err
		}
	}
	return nil
}

// Close closes it after the calls that are running; again is harmless.
func (a *Auth) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	runtime.SetFinalizer(a, nil)
	C.authkit_close(&a.ctx)
	if a.hooks != 0 {
		a.hooks.Delete()
		a.hooks = 0
	}
}

// with runs a call on the open context.
func (a *Auth) with(function func(ctx *C.authkit_ctx) C.authkit_status) error {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.ctx == nil {
		return errClosed()
	}
	return call(func() C.authkit_status { return function(a.ctx) })
}

func errClosed() error { return &Error{Code: ErrClosed, Detail: "this Auth is closed"} }

// text runs a call with one text output.
func (a *Auth) text(function func(ctx *C.authkit_ctx, out **C.char) C.authkit_status) (string, error) {
	var out *C.char
	if err := a.with(func(ctx *C.authkit_ctx) C.authkit_status { return function(ctx, &out) }); err != nil {
		return "", err
	}
	defer C.authkit_free(out)
	return C.GoString(out), nil
}

// Migrate applies pending migrations and tells how many.
func (a *Auth) Migrate() (int, error) {
	var applied C.uint32_t
	err := a.with(func(ctx *C.authkit_ctx) C.authkit_status { return C.authkit_migrate(ctx, &applied) })
	return int(applied), err
}

// Maintain does background work that is due, for about budgetMS milliseconds.
func (a *Auth) Maintain(budgetMS uint32) error {
	return a.with(func(ctx *C.authkit_ctx) C.authkit_status { return C.authkit_maintain(ctx, C.uint32_t(budgetMS)) })
}

// Ready tells whether every store answers.
func (a *Auth) Ready() error {
	return a.with(func(ctx *C.authkit_ctx) C.authkit_status { return C.authkit_ready(ctx) })
}

// VectorLine answers one line of the vector protocol, for conformance suites.
func VectorLine(line string) (string, error) {
	var t texts
	defer t.free()
	cLine := t.required(line)
	var out *C.char
	if err := call(func() C.authkit_status { return C.authkit_vector(cLine, &out) }); err != nil {
		return "", err
	}
	defer C.authkit_free(out)
	return C.GoString(out), nil
}

// texts holds C copies of Go strings until free.
type texts []unsafe.Pointer

func (t *texts) required(text string) *C.char {
	c := C.CString(text)
	*t = append(*t, unsafe.Pointer(c))
	return c
}

// optional gives NULL for an empty text.
func (t *texts) optional(text string) *C.char {
	if text == "" {
		return nil
	}
	return t.required(text)
}

func (t *texts) free() {
	for _, c := range *t {
		C.free(c)
	}
}

// bytes views Go memory for the length of a call: C keeps no pointer.
func bytes(data []byte) (*C.char, C.size_t) {
	if len(data) == 0 {
		return nil, 0
	}
	return (*C.char)(unsafe.Pointer(&data[0])), C.size_t(len(data))
}

func stringBytes(text string) (*C.char, C.size_t) { return bytes([]byte(text)) }
