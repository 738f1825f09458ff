package authkit

/*
#include <stdint.h>
#include <string.h>
#include <authkit/c.h>

extern void authkitGoLog(uintptr_t user, int32_t level, char *json);
extern authkit_status authkitGoBefore(uintptr_t user, char *flow, char *account);
extern void authkitGoAfter(uintptr_t user, char *flow, char *account);
extern size_t authkitGoClaims(uintptr_t user, char *account, char *json, size_t capacity);

static void on_log(void *user, int32_t level, const char *json) { authkitGoLog((uintptr_t)user, level, (char *)json); }
static authkit_status on_before(void *user, const char *flow, const char *account) { return authkitGoBefore((uintptr_t)user, (char *)flow, (char *)account); }
static void on_after(void *user, const char *flow, const char *account) { authkitGoAfter((uintptr_t)user, (char *)flow, (char *)account); }
static size_t on_claims(void *user, const char *account, char *json, size_t capacity) {
  return authkitGoClaims((uintptr_t)user, (char *)account, json, capacity);
}

// The handle travels as a number: as a Go pointer it could not be kept by C.
static void install_log(authkit_config *config, uintptr_t user) { authkit_config_on_log(config, on_log, (void *)user); }
static void install_before(authkit_config *config, uintptr_t user) { authkit_config_on_before(config, on_before, (void *)user); }
static void install_after(authkit_config *config, uintptr_t user) { authkit_config_on_after(config, on_after, (void *)user); }
static void install_claims(authkit_config *config, uintptr_t user) { authkit_config_on_claims(config, on_claims, (void *)user); }
*/
import "C"

import (
	"encoding/json"
	"runtime/cgo"
	"unsafe"
)

// Hooks are callbacks of the host; each may be nil and runs on the calling goroutine, several at once.
type Hooks struct {
	// Log receives one finished JSON line; level: 0 debug, 1 info, 2 warning, 3 error.
	Log func(level int, line string)
	// Before runs before a flow commits; an error refuses it with ErrRefusedByHost.
	Before func(flow string, account Account) error
	// After runs once a flow has committed.
	After func(flow string, account Account)
	// Claims gives further members of new access tokens; an error fails the flow.
	Claims func(account Account) (map[string]any, error)
}

func installHooks(config *C.authkit_config, hooks Hooks) cgo.Handle {
	handle := cgo.NewHandle(hooks)
	user := C.uintptr_t(handle)
	if hooks.Log != nil {
		C.install_log(config, user)
	}
	if hooks.Before != nil {
		C.install_before(config, user)
	}
	if hooks.After != nil {
		C.install_after(config, user)
	}
	if hooks.Claims != nil {
		C.install_claims(config, user)
	}
	return handle
}

func hooksOf(user C.uintptr_t) Hooks { return cgo.Handle(user).Value().(Hooks) }

func accountOf(text *C.char) (account Account, err error) {
	err = json.Unmarshal([]byte(C.GoString(text)), &account)
	return account, err
}

//export authkitGoLog
func authkitGoLog(user C.uintptr_t, level C.int32_t, line *C.char) {
	hooksOf(user).Log(int(level), C.GoString(line))
}

//export authkitGoBefore
func authkitGoBefore(user C.uintptr_t, flow, text *C.char) C.authkit_status {
	account, err := accountOf(text)
	if err == nil {
		err = hooksOf(user).Before(C.GoString(flow), account)
	}
	if err != nil {
		return C.authkit_status(ErrRefusedByHost)
	}
	return C.AUTHKIT_OK
}

//export authkitGoAfter
func authkitGoAfter(user C.uintptr_t, flow, text *C.char) {
	if account, err := accountOf(text); err == nil {
		hooksOf(user).After(C.GoString(flow), account)
	}
}

//export authkitGoClaims
func authkitGoClaims(user C.uintptr_t, text, target *C.char, capacity C.size_t) C.size_t {
	failed := capacity + 1 // a token without its claims must not be issued
	account, err := accountOf(text)
	if err != nil {
		return failed
	}
	claims, err := hooksOf(user).Claims(account)
	if err != nil {
		return failed
	}
	encoded, err := json.Marshal(claims)
	if err != nil || C.size_t(len(encoded)) > capacity {
		return failed
	}
	if claims == nil {
		return 0
	}
	C.memcpy(unsafe.Pointer(target), unsafe.Pointer(&encoded[0]), C.size_t(len(encoded)))
	return C.size_t(len(encoded))
}
