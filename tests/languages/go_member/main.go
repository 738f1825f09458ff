// The Go member of the language test: one request a line on standard input, {"op": "...", "args": [...]}, one answer a line on standard output,
// {"result": ...} or {"error": "code"}.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"log"
	"os"

	authkit "github.com/authkit/authkit/bindings/go"
)

type request struct {
	Op   string   `json:"op"`
	Args []string `json:"args"`
}

type pair struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
}

func tokens(grant *authkit.Grant, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return pair{grant.AccessToken, grant.RefreshToken}, nil
}

func carryOut(auth *authkit.Auth, op string, args []string) (any, error) {
	switch op {
	case "sign_up":
		account, err := auth.SignUp(nil, authkit.Registration{Email: args[0], Password: []byte(args[1])})
		if err != nil {
			return nil, err
		}
		return account.ID, nil
	case "sign_up_seen":
		seen := ""
		_, err := auth.SignUp(&authkit.Client{ReadAfter: &seen}, authkit.Registration{Email: args[0], Password: []byte(args[1])})
		return seen, err
	case "emails":
		accounts, _, err := auth.Users(&authkit.Client{ReadAfter: &args[0]}, "", 200)
		emails := []string{}
		for _, account := range accounts {
			emails = append(emails, account.Email)
		}
		return emails, err
	case "log_in":
		return tokens(auth.LogIn(nil, args[0], []byte(args[1]), authkit.Bearer, "go"))
	case "refresh":
		return tokens(auth.Refresh(nil, args[0]))
	case "verify":
		verified, err := auth.CheckToken(args[0])
		return verified.UserID, err
	case "log_out":
		return nil, auth.LogOut(nil, args[0], authkit.Bearer, authkit.Current)
	case "issue":
		return auth.IssueToken(authkit.TokenContent{Subject: args[0]})
	case "revoke":
		return nil, auth.RevokeToken(nil, args[0])
	case "hash":
		return auth.HashPassword([]byte(args[0]))
	case "check":
		return auth.VerifyPassword([]byte(args[0]), args[1])
	}
	return nil, errors.New("no such operation: " + op)
}

func main() {
	auth, err := authkit.Open(authkit.Options{Env: true})
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()
	output := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		result, err := carryOut(auth, asked.Op, asked.Args)
		var failure *authkit.Error
		switch {
		case errors.As(err, &failure):
			err = output.Encode(map[string]string{"error": failure.Code.Name()})
		case err != nil:
			log.Fatal(err)
		default:
			err = output.Encode(map[string]any{"result": result})
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}
