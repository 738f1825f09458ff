// The Go peer: golang-jwt for tokens, go-jose for keys.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v3"
	"github.com/golang-jwt/jwt/v5"
)

type request struct {
	Op, Alg, Token, Jwk, Set, Iss, Aud string
}

// newKey gives what signs and what verifies.
func newKey(alg string) (signing, verifying any, err error) {
	curves := map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}
	switch {
	case alg[:2] == "HS":
		bits, _ := strconv.Atoi(alg[2:])
		secret := make([]byte, bits/8)
		_, err = rand.Read(secret)
		return secret, secret, err
	case curves[alg] != nil:
		key, err := ecdsa.GenerateKey(curves[alg], rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		return key, &key.PublicKey, nil
	case alg == "EdDSA":
		public, private, err := ed25519.GenerateKey(rand.Reader)
		return private, public, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, err
	}
	return key, &key.PublicKey, nil
}

func issue(alg string) (map[string]string, error) {
	signing, verifying, err := newKey(alg)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	token := jwt.NewWithClaims(jwt.GetSigningMethod(alg), jwt.RegisteredClaims{
		Issuer: "the peer", Audience: jwt.ClaimStrings{"somebody", "authkit"}, Subject: "a user",
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(5 * time.Minute)),
	})
	token.Header["kid"] = "go key"
	text, err := token.SignedString(signing)
	if err != nil {
		return nil, err
	}
	key := jose.JSONWebKey{Key: verifying, KeyID: "go key", Algorithm: alg, Use: "sig"}
	jwk, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}})
	return map[string]string{"token": text, "jwk": string(jwk), "set": string(set)}, err
}

func keyOf(r request, kid any) (any, error) {
	if r.Set == "" {
		var key jose.JSONWebKey
		err := json.Unmarshal([]byte(r.Jwk), &key)
		return key.Key, err
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(r.Set), &set); err != nil {
		return nil, err
	}
	name, _ := kid.(string)
	if found := set.Key(name); len(found) == 1 {
		return found[0].Key, nil
	}
	return nil, fmt.Errorf("no key %q", name)
}

func verify(r request) (map[string]string, error) {
	find := func(token *jwt.Token) (any, error) { return keyOf(r, token.Header["kid"]) }
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(r.Token, &claims, find, jwt.WithValidMethods([]string{r.Alg}), jwt.WithIssuer(r.Iss), jwt.WithAudience(r.Aud),
		jwt.WithExpirationRequired())
	return map[string]string{"sub": claims.Subject}, err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r request
		reply, err := map[string]string(nil), json.Unmarshal(lines.Bytes(), &r)
		if err == nil && r.Op == "issue" {
			reply, err = issue(r.Alg)
		} else if err == nil {
			reply, err = verify(r)
		}
		if err != nil {
			reply = map[string]string{"error": err.Error()}
		}
		text, _ := json.Marshal(reply)
		fmt.Println(string(text))
	}
}
