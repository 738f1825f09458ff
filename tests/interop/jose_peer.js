// jose, for Node.
"use strict";
const jose = require("jose");
const readline = require("readline");
const crypto = require("crypto");

async function issue(alg) {
  const pair = alg.startsWith("HS")
    ? await Promise.resolve(crypto.randomBytes(parseInt(alg.slice(2), 10) / 8)).then((secret) => ({ privateKey: secret, publicKey: secret }))
    : await jose.generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await jose.exportJWK(pair.publicKey)), alg, use: "sig" };
  jwk.kid = await jose.calculateJwkThumbprint(jwk);
  const token = await new jose.SignJWT({})
    .setProtectedHeader({ alg, kid: jwk.kid, typ: "JWT" })
    .setIssuer("the peer")
    .setAudience(["somebody", "authkit"])
    .setSubject("a user")
    .setIssuedAt()
    .setNotBefore(Math.floor(Date.now() / 1000))
    .setExpirationTime("5m")
    .sign(pair.privateKey);
  return { token, jwk: JSON.stringify(jwk), set: JSON.stringify({ keys: [jwk] }) };
}

async function verify({ alg, token, jwk, set, iss, aud }) {
  const key = set ? jose.createLocalJWKSet(JSON.parse(set)) : await jose.importJWK(JSON.parse(jwk), alg);
  const { payload } = await jose.jwtVerify(token, key, { algorithms: [alg], issuer: iss, audience: aud });
  return { sub: payload.sub };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const reply = await (request.op === "issue" ? issue(request.alg) : verify(request)).catch((refused) => ({ error: String(refused).slice(0, 200) }));
    process.stdout.write(JSON.stringify(reply) + "\n");
  }
}
main();
