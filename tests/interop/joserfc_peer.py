"""joserfc."""

import json
import warnings

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey, import_key

import peer

warnings.simplefilter("ignore")  # of EdDSA, whose name has a successor (RFC 9864)
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def private_key(alg):
    parameters = {"alg": alg, "use": "sig"}
    if alg.startswith("HS"):
        return OctKey.generate_key(int(alg[2:]), parameters, auto_kid=True)
    if alg in CURVES:
        return ECKey.generate_key(CURVES[alg], parameters, auto_kid=True)
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519", parameters, auto_kid=True)
    return RSAKey.generate_key(2048, parameters, auto_kid=True)


def issue(alg):
    key = private_key(alg)
    jwk = key.as_dict(private=alg.startswith("HS"))
    token = jwt.encode({"alg": alg, "kid": key.kid}, peer.claims(), key, algorithms=[alg])
    return {"token": token, "jwk": json.dumps(jwk), "set": json.dumps({"keys": [jwk]})}


def verify(request):
    key = KeySet.import_key_set(json.loads(request["set"])) if "set" in request else import_key(json.loads(request["jwk"]))
    token = jwt.decode(request["token"], key, algorithms=[request["alg"]])
    rules = {"iss": {"essential": True, "value": request["iss"]}, "aud": {"essential": True, "value": request["aud"]}, "exp": {"essential": True}}
    jwt.JWTClaimsRegistry(**rules).validate(token.claims)
    return token.claims


peer.answer(issue, verify)
