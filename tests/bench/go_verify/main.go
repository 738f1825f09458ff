// Processor time per verify of one token: the binding's two forms, and golang-jwt with the same key. Started by bindings_bench.py; authkit's options come from the
// environment. Prints "name<TAB>ns" lines, one a round.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math/big"
	"syscall"
	"time"

	authkit "github.com/authkit/authkit/bindings/go"
	"github.com/golang-jwt/jwt/v5"
)

func demand(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(text string) *big.Int {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	demand(err)
	return new(big.Int).SetBytes(raw)
}

// keyOf is the HMAC secret, or the first key of the set.
func keyOf(algorithm, secret, jwks string) any {
	if algorithm == "HS256" {
		return []byte(secret)
	}
	var set struct {
		Keys []struct{ X, Y string }
	}
	demand(json.Unmarshal([]byte(jwks), &set))
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: number(set.Keys[0].X), Y: number(set.Keys[0].Y)}
}

// processorTime of the whole program, the garbage collector included.
func processorTime() time.Duration {
	var usage syscall.Rusage
	demand(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func measure(name string, rounds int, budget time.Duration, verify func() error) {
	for round := 0; round < rounds; round++ {
		begun, spent, calls := processorTime(), time.Duration(0), 0
		for ; spent < budget; spent = processorTime() - begun {
			for i := 0; i < 100; i++ {
				demand(verify())
			}
			calls += 100
		}
		fmt.Printf("%s\t%d\n", name, spent.Nanoseconds()/int64(calls))
	}
}

func main() {
	algorithm := flag.String("algorithm", "ES256", "")
	secret := flag.String("secret", "", "")
	rounds := flag.Int("rounds", 1, "")
	budget := flag.Duration("budget", time.Second, "of one round")
	flag.Parse()
	token := flag.Arg(0)

	auth, err := authkit.Open(authkit.Options{Env: true})
	demand(err)
	defer auth.Close()
	jwks, err := auth.JWKS()
	demand(err)
	key := keyOf(*algorithm, *secret, jwks)
	parser := jwt.NewParser(jwt.WithValidMethods([]string{*algorithm}), jwt.WithIssuer("authkit"), jwt.WithAudience("authkit"))

	measure("Go CheckToken", *rounds, *budget, func() error {
		_, err := auth.CheckToken(token)
		return err
	})
	measure("Go VerifyToken", *rounds, *budget, func() error {
		var claims map[string]any
		return auth.VerifyToken(token, &claims)
	})
	measure("golang-jwt Parse", *rounds, *budget, func() error {
		_, err := parser.Parse(token, func(*jwt.Token) (any, error) { return key, nil })
		return err
	})
}
