"""The border to libauthkit_c: how it is found, one table of prototypes, one place where a status becomes an exception."""

import ctypes
import ctypes.util
import json
import os
import pathlib
from ctypes import POINTER, Structure, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict, Optional, Sequence, Tuple, Union

from .errors import from_status

Secret = Union[str, bytes, bytearray, memoryview]

LogCallback = ctypes.CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
BeforeCallback = ctypes.CFUNCTYPE(c_int32, c_void_p, c_char_p, c_char_p)
AfterCallback = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_char_p)
ClaimsCallback = ctypes.CFUNCTYPE(c_size_t, c_void_p, c_char_p, c_void_p, c_size_t)


class Verified(Structure):
    """authkit_verified of c.h."""

    _fields_ = [
        ("user_id", c_char * 40),
        ("session_id", c_char * 24),
        ("token_id", c_char * 24),
        ("epoch", c_uint64),
        ("issued_at_ms", c_int64),
        ("expires_at_ms", c_int64),
        ("auth_time_ms", c_int64),
    ]


_text_out = POINTER(c_void_p)  # not c_char_p: ctypes would copy and lose the pointer that must be freed
_secret = (c_char_p, c_size_t)

# Every function of c.h: what it returns ("status" becomes an exception) and takes. A test compares this with the header.
PROTOTYPES: Dict[str, Tuple[Any, Sequence[Any]]] = {
    "authkit_version": (c_char_p, ()),
    "authkit_free": (None, (c_void_p,)),
    "authkit_last_error": (c_char_p, ()),
    "authkit_last_error_json": (c_char_p, ()),
    "authkit_error_name": (c_char_p, (c_int32,)),
    "authkit_error_title": (c_char_p, (c_int32,)),
    "authkit_error_http_status": (c_int32, (c_int32,)),
    "authkit_error_at": (c_int32, (c_size_t,)),
    "authkit_config_new": ("status", (POINTER(c_void_p),)),
    "authkit_config_free": (None, (c_void_p,)),
    "authkit_config_set": ("status", (c_void_p, c_char_p, c_char_p)),
    "authkit_config_load_env": ("status", (c_void_p,)),
    "authkit_config_load_file": ("status", (c_void_p, c_char_p)),
    "authkit_config_get": ("status", (c_void_p, c_char_p, _text_out)),
    "authkit_config_on_log": ("status", (c_void_p, LogCallback, c_void_p)),
    "authkit_config_on_before": ("status", (c_void_p, BeforeCallback, c_void_p)),
    "authkit_config_on_after": ("status", (c_void_p, AfterCallback, c_void_p)),
    "authkit_config_on_claims": ("status", (c_void_p, ClaimsCallback, c_void_p)),
    "authkit_open": ("status", (c_void_p, POINTER(c_void_p))),
    "authkit_close": (None, (POINTER(c_void_p),)),
    "authkit_migrate": ("status", (c_void_p, POINTER(c_uint32))),
    "authkit_maintain": ("status", (c_void_p, c_uint32)),
    "authkit_start_maintenance": ("status", (c_void_p, c_uint32)),
    "authkit_ready": ("status", (c_void_p,)),
    "authkit_call_new": ("status", (POINTER(c_void_p),)),
    "authkit_call_free": (None, (c_void_p,)),
    "authkit_call_set_client": ("status", (c_void_p, c_char_p, c_char_p, c_char_p)),
    "authkit_call_set_timeout": ("status", (c_void_p, c_uint32)),
    "authkit_call_set_read_after": ("status", (c_void_p, c_void_p, c_char_p)),
    "authkit_call_read_after": ("status", (c_void_p, c_void_p, _text_out)),
    "authkit_password_hash": ("status", (c_void_p, *_secret, _text_out)),
    "authkit_password_verify": ("status", (c_void_p, *_secret, c_char_p, POINTER(c_int32))),
    "authkit_token_issue": ("status", (c_void_p, c_char_p, _text_out)),
    "authkit_token_verify": ("status", (c_void_p, *_secret, _text_out)),
    "authkit_token_verify_into": ("status", (c_void_p, *_secret, POINTER(Verified), c_char_p, c_size_t)),
    "authkit_token_revoke": ("status", (c_void_p, c_void_p, *_secret)),
    "authkit_jwks": ("status", (c_void_p, _text_out)),
    "authkit_keys_rotate": ("status", (c_void_p,)),
    "authkit_verifier_open": ("status", (c_char_p, POINTER(c_void_p))),
    "authkit_verifier_close": (None, (POINTER(c_void_p),)),
    "authkit_verifier_ready": ("status", (c_void_p,)),
    "authkit_verifier_verify": ("status", (c_void_p, *_secret, _text_out)),
    "authkit_verifier_verify_into": ("status", (c_void_p, *_secret, POINTER(Verified), c_char_p, c_size_t)),
    "authkit_sign_up": ("status", (c_void_p, c_void_p, c_char_p, *_secret, c_char_p, c_char_p, _text_out)),
    "authkit_user_create": ("status", (c_void_p, c_void_p, c_char_p, *_secret, c_char_p, c_char_p, c_char_p, _text_out)),
    "authkit_user_find": ("status", (c_void_p, c_void_p, c_char_p, _text_out)),
    "authkit_user_list": ("status", (c_void_p, c_void_p, c_char_p, c_uint32, _text_out)),
    "authkit_user_set_status": ("status", (c_void_p, c_void_p, c_char_p, c_char_p, c_char_p)),
    "authkit_log_in": ("status", (c_void_p, c_void_p, c_char_p, *_secret, c_int32, c_char_p, _text_out)),
    "authkit_refresh": ("status", (c_void_p, c_void_p, *_secret, _text_out)),
    "authkit_authenticate": ("status", (c_void_p, c_void_p, *_secret, c_int32, _text_out)),
    "authkit_me": ("status", (c_void_p, c_void_p, *_secret, c_int32, _text_out)),
    "authkit_sessions": ("status", (c_void_p, c_void_p, *_secret, c_int32, _text_out)),
    "authkit_log_out": ("status", (c_void_p, c_void_p, *_secret, c_int32, c_int32)),
    "authkit_log_out_refresh": ("status", (c_void_p, c_void_p, *_secret, c_int32)),
    "authkit_deliver": ("status", (c_void_p, c_uint32, POINTER(c_uint32))),
    "authkit_verify_mfa": ("status", (c_void_p, c_void_p, c_char_p, c_char_p, c_char_p, _text_out)),
    "authkit_verify_email": ("status", (c_void_p, c_void_p, c_char_p)),
    "authkit_verify_email_code": ("status", (c_void_p, c_void_p, c_char_p, c_char_p)),
    "authkit_resend_verification": ("status", (c_void_p, c_void_p, c_char_p)),
    "authkit_request_password_reset": ("status", (c_void_p, c_void_p, c_char_p)),
    "authkit_reset_password": ("status", (c_void_p, c_void_p, c_char_p, *_secret, c_char_p, c_char_p)),
    "authkit_change_password": ("status", (c_void_p, c_void_p, *_secret, c_int32, *_secret, *_secret, c_int32, _text_out)),
    "authkit_request_email_change": ("status", (c_void_p, c_void_p, *_secret, c_int32, c_char_p)),
    "authkit_confirm_email_change": ("status", (c_void_p, c_void_p, c_char_p)),
    "authkit_update_profile": ("status", (c_void_p, c_void_p, *_secret, c_int32, c_char_p, _text_out)),
    "authkit_close_account": ("status", (c_void_p, c_void_p, *_secret, c_int32, *_secret)),
    "authkit_end_session": ("status", (c_void_p, c_void_p, *_secret, c_int32, c_char_p)),
    "authkit_totp_enroll": ("status", (c_void_p, c_void_p, *_secret, c_int32, c_char_p, _text_out)),
    "authkit_totp_confirm": ("status", (c_void_p, c_void_p, *_secret, c_int32, c_char_p, c_char_p, _text_out)),
    "authkit_totp_remove": ("status", (c_void_p, c_void_p, *_secret, c_int32, c_char_p, _text_out)),
    "authkit_recovery_codes": ("status", (c_void_p, c_void_p, *_secret, c_int32, _text_out)),
    "authkit_user_search": ("status", (c_void_p, c_void_p, c_char_p, c_char_p, c_uint32, _text_out)),
    "authkit_user_set_roles": ("status", (c_void_p, c_void_p, c_char_p, c_char_p, c_char_p)),
    "authkit_user_set_password": ("status", (c_void_p, c_void_p, c_char_p, *_secret, c_char_p)),
    "authkit_user_end_sessions": ("status", (c_void_p, c_void_p, c_char_p, c_char_p)),
    "authkit_user_reset_mfa": ("status", (c_void_p, c_void_p, c_char_p, c_char_p)),
    "authkit_user_close": ("status", (c_void_p, c_void_p, c_char_p, c_char_p)),
    "authkit_audit_list": ("status", (c_void_p, c_void_p, c_char_p, c_char_p, c_uint32, _text_out)),
    "authkit_vector": ("status", (c_char_p, _text_out)),
}


def _find() -> str:
    named = os.environ.get("AUTHKIT_LIBRARY")
    if named:
        return named
    carried = pathlib.Path(__file__).with_name("libauthkit_c.so.0")
    if carried.exists():
        return str(carried)
    return ctypes.util.find_library("authkit_c") or "libauthkit_c.so.0"


def _load() -> ctypes.CDLL:
    name = _find()
    try:
        library = ctypes.CDLL(name)
    except OSError as failure:
        raise ImportError(f"authkit: cannot load {name}: {failure}. Install libauthkit_c, or name it in AUTHKIT_LIBRARY") from failure
    for function_name, (result, arguments) in PROTOTYPES.items():
        function = getattr(library, function_name)
        function.argtypes = list(arguments)
        function.restype = c_int32 if result == "status" else result
        if result == "status":
            function.errcheck = _check
    return library


def _check(status: int, _function: Any, _arguments: Any) -> int:
    if status != 0:
        raise failure_of(status)
    return status


def failure_of(status: int) -> Exception:
    """The exception of the last failure on this thread."""
    detail = lib.authkit_last_error().decode("utf-8", "replace")
    try:
        document = json.loads(lib.authkit_last_error_json())
    except ValueError:
        document = {}
    return from_status(status, detail, document)


lib = _load()


def _unchecked(name: str) -> Any:
    """The same function for what is called for every request: a check of the status by way of ctypes is a good part of such a call."""
    function = lib[name]
    function.argtypes = list(PROTOTYPES[name][1])
    function.restype = c_int32
    return function


token_verify_into = _unchecked("authkit_token_verify_into")
verifier_verify_into = _unchecked("authkit_verifier_verify_into")


def verified(verify_into: Any, handle: int, token: Secret) -> Verified:
    """What one of the two gives."""
    data, length = secret(token)
    out = Verified()
    status = verify_into(handle, data, length, ctypes.byref(out), None, 0)
    if status != 0:
        raise failure_of(status)
    return out


def take_text(pointer: c_void_p) -> str:
    """The text of an output, which is wiped and freed."""
    try:
        return ctypes.string_at(pointer.value or 0).decode("utf-8")
    finally:
        lib.authkit_free(pointer)


def encode(value: Optional[str]) -> Optional[bytes]:
    """Text for C: UTF-8 without NUL, or NULL."""
    if value is None:
        return None
    if "\0" in value:
        raise ValueError("text for authkit cannot hold a NUL character")
    return value.encode("utf-8")


def secret(value: Secret) -> Tuple[bytes, int]:
    """A password or token as (pointer, length); bytes are taken as they are."""
    data = value.encode("utf-8") if isinstance(value, str) else bytes(value)
    return data, len(data)
