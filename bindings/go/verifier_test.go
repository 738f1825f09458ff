package authkit

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const subject = "0190d9a8-0000-7000-8000-000000000001"

// publish serves the JWK Set that body holds; nothing but 503 while it is empty.
func publish(t *testing.T, body string) (options VerifierOptions, published *atomic.Value) {
	published = &atomic.Value{}
	published.Store(body)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := published.Load().(string)
		if set == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write([]byte(set))
	}))
	t.Cleanup(server.Close)
	return VerifierOptions{JWKSURL: server.URL + "/jwks", Issuer: "authkit", Audience: "authkit"}, published
}

func openVerifier(t *testing.T, o VerifierOptions) *Verifier {
	t.Helper()
	verifier := must(OpenVerifier(o))(t)
	t.Cleanup(verifier.Close)
	return verifier
}

func TestVerifierOfAnotherService(t *testing.T) {
	auth := open(t, options("memory:"))
	token := must(auth.IssueToken(TokenContent{Subject: subject, Roles: []string{"reader"}}))(t)
	o, _ := publish(t, must(auth.JWKS())(t))
	o.Algorithms = []string{"ES256", "EdDSA"}
	o.Leeway = new(time.Duration)
	verifier := openVerifier(t, o)
	if err := verifier.Ready(); err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Subject string   `json:"sub"`
		Roles   []string `json:"roles"`
	}
	if err := verifier.Verify(token, &claims); err != nil || claims.Subject != subject || len(claims.Roles) != 1 {
		t.Fatal(err, claims)
	}
	if verified := must(verifier.Check(token))(t); verified.UserID != subject || !verified.ExpiresAt.After(verified.IssuedAt) {
		t.Fatal(verified)
	}
	wants(t, verifier.Verify(token[1:], &claims), ErrInvalidToken)
	_, err := verifier.Check(token[1:])
	wants(t, err, ErrInvalidToken)
	o.Audience = "another"
	wants(t, openVerifier(t, o).Verify(token, &claims), ErrInvalidToken)

	verifier.Close()
	verifier.Close()
	wants(t, verifier.Ready(), ErrClosed)
	wants(t, verifier.Verify(token, &claims), ErrClosed)
	_, err = verifier.Check(token)
	wants(t, err, ErrClosed)
}

func TestVerifierFetchesLater(t *testing.T) {
	auth := open(t, options("memory:"))
	token := must(auth.IssueToken(TokenContent{Subject: subject}))(t)
	o, published := publish(t, "")
	o.Cooldown = 100 * time.Millisecond
	verifier := openVerifier(t, o)
	err := verifier.Ready()
	wants(t, err, ErrKeysUnavailable)
	if !strings.Contains(err.Error(), "503") {
		t.Fatal(err)
	}
	_, err = verifier.Check(token)
	wants(t, err, ErrKeysUnavailable)
	published.Store(must(auth.JWKS())(t))
	// The library's thread asks about once a second; the deadline only bounds a hang.
	for deadline := time.Now().Add(50 * time.Second); verifier.Ready() != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("still without keys")
		}
	}
	must(verifier.Check(token))(t)
}

func TestVerifierNamesWhatIsWrong(t *testing.T) {
	good := VerifierOptions{JWKSURL: "https://id.example.org/jwks", Issuer: "authkit", Audience: "authkit"}
	for name, change := range map[string]func(o *VerifierOptions){
		"issuer":     func(o *VerifierOptions) { o.Issuer = "" },
		"audience":   func(o *VerifierOptions) { o.Audience = "" },
		"HMAC":       func(o *VerifierOptions) { o.Algorithms = []string{"HS256"} },
		"algorithms": func(o *VerifierOptions) { o.Algorithms = []string{"none"} },
		"typ":        func(o *VerifierOptions) { o.Typ = "JWT" },
		"profile":    func(o *VerifierOptions) { o.Profile = "another" },
		"max_age_ms": func(o *VerifierOptions) { o.MaxAge = -time.Second },
		"max_stale":  func(o *VerifierOptions) { o.MaxStale = time.Second },
		"cooldown":   func(o *VerifierOptions) { o.Cooldown = time.Millisecond },
		"timeout":    func(o *VerifierOptions) { o.Timeout = -time.Second },
		"http":       func(o *VerifierOptions) { o.JWKSURL = "http://192.0.2.1/jwks" },
	} {
		o := good
		change(&o)
		_, err := OpenVerifier(o)
		if !errors.Is(err, ErrConfigInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGoroutinesShareOneVerifier(t *testing.T) {
	auth := open(t, options("memory:"))
	token := must(auth.IssueToken(TokenContent{Subject: subject}))(t)
	o, _ := publish(t, must(auth.JWKS())(t))
	verifier := openVerifier(t, o)
	var group sync.WaitGroup
	for i := 0; i < 16; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 50; j++ {
				if verified, err := verifier.Check(token); err != nil || verified.UserID != subject {
					t.Error(err, verified)
				}
			}
		}()
	}
	group.Wait()
}

func TestVerifierMiddleware(t *testing.T) {
	auth := open(t, options("memory:"))
	token := must(auth.IssueToken(TokenContent{Subject: subject}))(t)
	o, published := publish(t, must(auth.JWKS())(t))
	get := func(verifier *Verifier, authorization string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		if authorization != "" {
			request.Header.Set("Authorization", authorization)
		}
		recorder := httptest.NewRecorder()
		verifier.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			claims, _ := ClaimsFrom(r.Context())
			_, _ = w.Write(claims)
		})).ServeHTTP(recorder, request)
		return recorder
	}
	verifier := openVerifier(t, o)
	if got := get(verifier, "Bearer "+token); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), subject) {
		t.Fatal(got.Code, got.Body)
	}
	for _, bad := range []string{"", "Basic abc", "Bearer " + token[1:]} {
		if got := get(verifier, bad); got.Code != http.StatusUnauthorized {
			t.Fatal(bad, got.Code)
		}
	}
	published.Store("")
	if got := get(openVerifier(t, o), "Bearer "+token); got.Code != http.StatusServiceUnavailable {
		t.Fatal(got.Code, got.Body)
	}
}
