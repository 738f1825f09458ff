"""PyJWT."""

import functools
import json
import secrets

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

import peer

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


@functools.cache
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def private_key(alg):
    if alg.startswith("HS"):
        return secrets.token_bytes(int(alg[2:]) // 8)
    if alg in CURVES:
        return ec.generate_private_key(CURVES[alg]())
    return ed25519.Ed25519PrivateKey.generate() if alg == "EdDSA" else rsa_key()


def issue(alg):
    key = private_key(alg)
    algorithm = get_default_algorithms()[alg]
    jwk = json.loads(algorithm.to_jwk(key if alg.startswith("HS") else key.public_key()))
    jwk.pop("key_ops", None)
    jwk |= {"kid": "key of PyJWT", "alg": alg, "use": "sig"}
    token = jwt.encode(peer.claims(), key, algorithm=alg, headers={"kid": jwk["kid"]})
    return {"token": token, "jwk": json.dumps(jwk), "set": json.dumps({"keys": [jwk]})}


def verify(request):
    if "set" in request:
        kid = jwt.get_unverified_header(request["token"])["kid"]
        key = jwt.PyJWKSet.from_json(request["set"])[kid]
    else:
        key = jwt.PyJWK.from_json(request["jwk"])
    return jwt.decode(request["token"], key.key, algorithms=[request["alg"]], issuer=request["iss"], audience=request["aud"])


peer.answer(issue, verify)
