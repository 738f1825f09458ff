package authkit

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const password = "correct horse battery staple"

func options(database string) Options {
	return Options{Set: map[string]string{
		"database.url":            database,
		"password.memory_kib":     "64",
		"password.passes":         "1",
		"password.queue_length":   "1000",
		"password.queue_deadline": "60s",
		"limit.sign_up_address":   "1000/1h",
		"log.level":               "error",
	}}
}

func open(t *testing.T, o Options) *Auth {
	t.Helper()
	auth, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(auth.Close)
	return auth
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func wants(t *testing.T, err error, code Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("got %v, want %v", err, code)
	}
}

func TestTheMainJob(t *testing.T) {
	auth := open(t, options("memory:"))
	client := &Client{Address: "192.0.2.1", UserAgent: "test", RequestID: "r-1", Timeout: 5 * time.Second}
	account := must(auth.SignUp(client, Registration{Email: "ada@example.org", Password: []byte(password), Username: "ada",
		Profile: json.RawMessage(`{"team":"engine"}`)}))(t)
	grant := must(auth.LogIn(client, "ADA", []byte(password), Bearer, "laptop"))(t)
	var claims map[string]any
	if err := auth.VerifyToken(grant.AccessToken, &claims); err != nil || claims["sub"] != account.ID {
		t.Fatal(err, claims)
	}
	verified := must(auth.CheckToken(grant.AccessToken))(t)
	if verified.UserID != account.ID || verified.SessionID != grant.SessionID || !verified.ExpiresAt.After(verified.IssuedAt) {
		t.Fatal(verified)
	}
	if me := must(auth.Me(nil, grant.AccessToken, Bearer))(t); string(me.Profile) != `{"team":"engine"}` {
		t.Fatal(me)
	}
	if list := must(auth.Sessions(nil, grant.AccessToken, Bearer))(t); len(list) != 1 || !list[0].Current || list[0].Client != "laptop" {
		t.Fatal(list)
	}
	second := must(auth.Refresh(client, grant.RefreshToken))(t)
	if again := must(auth.Refresh(client, grant.RefreshToken))(t); again.RefreshToken != second.RefreshToken {
		t.Fatal("a repeat inside the grace window got another successor")
	}
	if err := auth.LogOut(client, second.AccessToken, Bearer, Current); err != nil {
		t.Fatal(err)
	}
	_, err := auth.CheckToken(grant.AccessToken)
	wants(t, err, ErrTokenRevoked)
	_, err = auth.Refresh(client, second.RefreshToken)
	wants(t, err, ErrSessionRevoked)
	if err := auth.LogOutRefresh(client, second.RefreshToken, Current); err != nil {
		t.Fatal(err)
	}
}

func TestCookiesAndStatus(t *testing.T) {
	auth := open(t, options("memory:"))
	user := must(auth.CreateUser(nil, Registration{Email: "root@example.org", Password: []byte(password), Roles: []string{"admin", "auditor"}}))(t)
	grant := must(auth.LogIn(nil, "root@example.org", []byte(password), Cookie, ""))(t)
	if grant.AccessToken != "" || grant.CSRFToken == "" || len(must(auth.Me(nil, grant.CookieValue, Cookie))(t).Roles) != 2 {
		t.Fatal(grant)
	}
	if err := auth.SetUserStatus(nil, user.ID, "disabled", "operator"); err != nil {
		t.Fatal(err)
	}
	_, err := auth.LogIn(nil, "root@example.org", []byte(password), Cookie, "")
	wants(t, err, ErrInvalidCredentials)
	if _, err = auth.Me(nil, grant.CookieValue, Cookie); err == nil {
		t.Fatal("a disabled user got in")
	}
	users, next, err := auth.Users(nil, "", 10)
	if err != nil || next != "" || len(users) != 1 || users[0].Status != "disabled" {
		t.Fatal(users, next, err)
	}
	if found := must(auth.FindUser(nil, user.ID))(t); found.Email != "root@example.org" {
		t.Fatal(found)
	}
}

func TestPasswordsAndTokens(t *testing.T) {
	auth := open(t, options("memory:"))
	encoded := must(auth.HashPassword([]byte("a\x00b")))(t)
	if must(auth.VerifyPassword([]byte("a\x00b"), encoded))(t) {
		t.Fatal("a fresh hash needs no rehash")
	}
	_, err := auth.VerifyPassword([]byte("a\x00c"), encoded)
	wants(t, err, ErrInvalidCredentials)
	user := must(auth.CreateUser(nil, Registration{Email: "svc@example.org", Password: []byte(password)}))(t)
	token := must(auth.IssueToken(TokenContent{Subject: user.ID, Roles: []string{"reader"}, Claims: map[string]any{"plan": "pro"}}))(t)
	var claims struct {
		Plan string `json:"plan"`
	}
	if err := auth.VerifyToken(token, &claims); err != nil || claims.Plan != "pro" {
		t.Fatal(err, claims)
	}
	if err := auth.RevokeToken(nil, token); err != nil {
		t.Fatal(err)
	}
	_, err = auth.CheckToken(token)
	wants(t, err, ErrTokenRevoked)
	_, err = auth.IssueToken(TokenContent{Subject: "nobody"})
	wants(t, err, ErrFieldInvalid)
	var failure *Error
	if !errors.As(err, &failure) || len(failure.Fields) != 1 || failure.Fields[0].Pointer != "/sub" {
		t.Fatal(err)
	}
	if err := auth.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	if keys := must(auth.JWKS())(t); strings.Count(keys, `"kid"`) != 2 {
		t.Fatal(keys)
	}
}

func TestHooks(t *testing.T) {
	o := options("memory:")
	var mu sync.Mutex
	var seen []string
	o.Hooks = Hooks{
		Before: func(flow string, account Account) error {
			if strings.HasPrefix(account.Email, "eve") {
				return errors.New("not eve")
			}
			return nil
		},
		After: func(flow string, account Account) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, flow)
		},
		Claims: func(account Account) (map[string]any, error) {
			if account.Username == "broken" {
				return nil, errors.New("no claims")
			}
			return map[string]any{"tier": "gold"}, nil
		},
		Log: func(level int, line string) {},
	}
	auth := open(t, o)
	must(auth.SignUp(nil, Registration{Email: "ada@example.org", Password: []byte(password)}))(t)
	_, err := auth.SignUp(nil, Registration{Email: "eve@example.org", Password: []byte(password)})
	wants(t, err, ErrRefusedByHost)
	var claims map[string]any
	if err := auth.VerifyToken(must(auth.LogIn(nil, "ada@example.org", []byte(password), Bearer, ""))(t).AccessToken, &claims); err != nil || claims["tier"] != "gold" {
		t.Fatal(err, claims)
	}
	must(auth.SignUp(nil, Registration{Email: "bob@example.org", Username: "broken", Password: []byte(password)}))(t)
	if _, err = auth.LogIn(nil, "broken", []byte(password), Bearer, ""); err == nil {
		t.Fatal("a token was issued without its claims")
	}
	if got := strings.Join(seen, " "); got != "register login register" {
		t.Fatal(got)
	}
}

func TestErrorsTellWhatToDo(t *testing.T) {
	_, err := Open(Options{Set: map[string]string{"no.such": "1"}})
	wants(t, err, ErrConfigInvalid)
	auth := open(t, options("memory:"))
	_, err = auth.SignUp(nil, Registration{Email: "nobody", Password: []byte(password)})
	wants(t, err, ErrEmailInvalid)
	_, err = auth.SignUp(nil, Registration{Email: "bob@example.org", Password: []byte("short")})
	wants(t, err, ErrWeakPassword)
	must(auth.SignUp(nil, Registration{Email: "ada@example.org", Password: []byte(password)}))(t)
	for i := 0; i < 5; i++ {
		_, err = auth.LogIn(nil, "ada@example.org", []byte("wrong"), Bearer, "")
		wants(t, err, ErrInvalidCredentials)
	}
	_, err = auth.LogIn(nil, "ada@example.org", []byte(password), Bearer, "")
	wants(t, err, ErrRateLimited)
	var failure *Error
	if !errors.As(err, &failure) || failure.RetryAfter <= 0 || failure.Code.HTTPStatus() != http.StatusTooManyRequests {
		t.Fatal(err)
	}
	auth.Close()
	auth.Close()
	_, err = auth.JWKS()
	wants(t, err, ErrClosed)
}

func TestGoroutinesShareOneAuth(t *testing.T) {
	auth := open(t, options("memory:"))
	var group sync.WaitGroup
	for i := 0; i < 32; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			email := fmt.Sprintf("user%d@example.org", i)
			if _, err := auth.SignUp(nil, Registration{Email: email, Password: []byte(password)}); err != nil {
				t.Error(err)
				return
			}
			grant, err := auth.LogIn(nil, email, []byte(password), Bearer, "")
			if err != nil {
				t.Error(err)
				return
			}
			for j := 0; j < 50; j++ {
				if _, err := auth.CheckToken(grant.AccessToken); err != nil {
					t.Error(err)
				}
				if _, err := auth.CheckToken(grant.AccessToken[1:]); !errors.Is(err, ErrInvalidToken) {
					t.Error(err)
				}
			}
		}(i)
	}
	group.Wait()
}

func TestMiddleware(t *testing.T) {
	auth := open(t, options("memory:"))
	user := must(auth.SignUp(nil, Registration{Email: "ada@example.org", Password: []byte(password)}))(t)
	token := must(auth.LogIn(nil, "ada@example.org", []byte(password), Bearer, ""))(t).AccessToken
	handler := auth.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity, _ := IdentityFrom(r.Context())
		_, _ = w.Write([]byte(identity.UserID))
	}))
	get := func(authorization ...string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, value := range authorization {
			request.Header.Add("Authorization", value)
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder
	}
	if got := get("Bearer " + token); got.Code != http.StatusOK || got.Body.String() != user.ID {
		t.Fatal(got.Code, got.Body)
	}
	if got := get(); got.Code != http.StatusUnauthorized || got.Header().Get("WWW-Authenticate") != `Bearer realm="authkit"` {
		t.Fatal(got.Code, got.Header())
	}
	for _, bad := range [][]string{{"Basic abc"}, {"Bearer " + token + "x"}, {"Bearer " + token, "Bearer " + token}} {
		if got := get(bad...); got.Code != http.StatusUnauthorized || !strings.Contains(got.Header().Get("WWW-Authenticate"), "invalid_token") {
			t.Fatal(bad, got.Code, got.Header())
		}
	}
	if err := auth.LogOut(nil, token, Bearer, All); err != nil {
		t.Fatal(err)
	}
	if got := get("Bearer " + token); got.Code != http.StatusUnauthorized {
		t.Fatal(got.Code)
	}
}

func TestTwoShareOneDatabase(t *testing.T) {
	o := options("sqlite:" + filepath.Join(t.TempDir(), "auth.db"))
	one, two := open(t, o), open(t, o)
	must(one.SignUp(nil, Registration{Email: "ada@example.org", Password: []byte(password)}))(t)
	grant := must(one.LogIn(nil, "ada@example.org", []byte(password), Bearer, ""))(t)
	second := must(two.Refresh(nil, grant.RefreshToken))(t)
	if err := one.LogOut(nil, second.AccessToken, Bearer, Current); err != nil {
		t.Fatal(err)
	}
	_, err := two.Refresh(nil, second.RefreshToken)
	wants(t, err, ErrSessionRevoked)
	// The access token is refused over there within the staleness bound; the deadline only bounds a hang.
	for deadline := time.Now().Add(50 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err = two.CheckToken(second.AccessToken); errors.Is(err, ErrTokenRevoked) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("still accepted")
		}
	}
}

func TestVectorLine(t *testing.T) {
	secret := `{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}`
	token := "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	line := func(token string) string {
		return `{"id":"rfc7515-a1","mode":"jws","token":"` + token + `","jwk":"` + secret + `","alg":"HS256","opts":{}}`
	}
	if answer := must(VectorLine(line(token)))(t); !strings.HasPrefix(answer, "ok") {
		t.Fatal(answer)
	}
	if answer := must(VectorLine(line(token[:len(token)-1])))(t); !strings.HasPrefix(answer, "reject") {
		t.Fatal(answer)
	}
}
