package authkit

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const firstPassword, secondPassword = "correct horse battery staple", "a wholly different sentence"

// mailbox is an authkit whose messages the test reads from a spool directory.
func mailbox(t *testing.T) (*Auth, string) {
	t.Helper()
	folder := t.TempDir()
	auth, err := Open(Options{NoMaintenance: true, Set: map[string]string{
		"database.url": "memory:", "password.memory_kib": "64", "password.passes": "1", "mail.url": "spool:" + folder,
		"account.link_url": "https://app.example/auth", "account.email_verification": "optional", "log.level": "error",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(auth.Close)
	return auth, folder
}

func got[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func expect(t *testing.T, err error, wanted error) {
	t.Helper()
	if wanted == nil && err != nil || wanted != nil && !errors.Is(err, wanted) {
		t.Fatalf("got %v, want %v", err, wanted)
	}
}

var tokenLine = regexp.MustCompile(`/([a-z-]+)#token=([\w-]+)`)

// tokenOf is the token of the one message whose link leads to page.
func tokenOf(t *testing.T, auth *Auth, folder, page string) string {
	t.Helper()
	got(auth.Deliver(1000))
	for _, name := range got(filepath.Glob(folder + "/*.eml")) {
		text := string(got(os.ReadFile(name)))
		if found := tokenLine.FindStringSubmatch(text); found != nil && found[1] == page {
			return found[2]
		}
	}
	t.Fatalf("no message about %s", page)
	return ""
}

func totp(secret string, at time.Time) string {
	key := got(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret))
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, uint64(at.Unix()/30))
	sum := mac.Sum(nil)
	offset := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000)
}

func TestAddressesAndPasswordsByMessage(t *testing.T) {
	auth, folder := mailbox(t)
	got(auth.SignUp(nil, Registration{Email: "ada@example.org", Password: []byte(firstPassword)}))
	expect(t, auth.VerifyEmail(nil, tokenOf(t, auth, folder, "verify-email")), nil)
	if !got(auth.FindUser(nil, "ada@example.org")).EmailVerified {
		t.Fatal("not verified")
	}
	expect(t, auth.ResendVerification(nil, "ada@example.org"), nil)
	expect(t, auth.VerifyEmailCode(nil, "ada@example.org", "00000000"), ErrTicketInvalid)
	expect(t, auth.RequestPasswordReset(nil, "ada@example.org"), nil)
	expect(t, auth.RequestPasswordReset(nil, "nobody@example.org"), nil)
	token := tokenOf(t, auth, folder, "reset-password")
	expect(t, auth.ResetPassword(nil, token, []byte(secondPassword), "", ""), nil)
	expect(t, auth.ResetPassword(nil, token, []byte(secondPassword), "", ""), ErrTicketInvalid)
	grant := got(auth.LogIn(nil, "ada@example.org", []byte(secondPassword), Bearer, ""))
	expect(t, auth.RequestEmailChange(nil, Credential{Secret: grant.AccessToken}, "ada@new.example"), nil)
	expect(t, auth.ConfirmEmailChange(nil, tokenOf(t, auth, folder, "change-email")), nil)
	got(auth.FindUser(nil, "ada@new.example"))
}

func TestWhatAUserChanges(t *testing.T) {
	auth, _ := mailbox(t)
	got(auth.SignUp(nil, Registration{Email: "ada@example.org", Password: []byte(firstPassword)}))
	other := got(auth.LogIn(nil, "ada@example.org", []byte(firstPassword), Bearer, ""))
	mine := got(auth.LogIn(nil, "ada@example.org", []byte(firstPassword), Bearer, ""))
	by := Credential{Secret: mine.AccessToken}
	if profile := string(got(auth.UpdateProfile(nil, by, []byte(`{"name":"Ada"}`))).Profile); !strings.Contains(profile, "Ada") {
		t.Fatal(profile)
	}
	expect(t, auth.EndSession(nil, by, other.SessionID), nil)
	_, err := auth.CheckToken(other.AccessToken)
	expect(t, err, ErrTokenRevoked)
	_, err = auth.ChangePassword(nil, by, []byte("not this one"), []byte(secondPassword), false)
	expect(t, err, ErrCurrentPasswordInvalid)
	got(auth.ChangePassword(nil, by, []byte(firstPassword), []byte(secondPassword), true))
	expect(t, auth.SetUserRoles(nil, mine.User.ID, []string{"admin"}, "test"), nil)
	grant := got(auth.LogIn(nil, "ada@example.org", []byte(secondPassword), Bearer, ""))
	if len(grant.User.Roles) != 1 {
		t.Fatal(grant.User.Roles)
	}
	expect(t, auth.CloseAccount(nil, Credential{Secret: grant.AccessToken}, []byte(secondPassword)), nil)
	_, err = auth.LogIn(nil, "ada@example.org", []byte(secondPassword), Bearer, "")
	expect(t, err, ErrInvalidCredentials)
}

func TestASecondFactor(t *testing.T) {
	auth, _ := mailbox(t)
	got(auth.SignUp(nil, Registration{Email: "ada@example.org", Password: []byte(firstPassword)}))
	by := Credential{Secret: got(auth.LogIn(nil, "ada@example.org", []byte(firstPassword), Bearer, "")).AccessToken}
	enrolment := got(auth.EnrollTOTP(nil, by, "phone"))
	confirmed := got(auth.ConfirmTOTP(nil, by, enrolment.FactorID, totp(enrolment.Secret, time.Now())))
	if len(confirmed.RecoveryCodes) != 10 {
		t.Fatal(confirmed.RecoveryCodes)
	}
	_, err := auth.LogIn(nil, "ada@example.org", []byte(firstPassword), Bearer, "")
	expect(t, err, ErrMfaRequired)
	var due *Error
	errors.As(err, &due)
	_, err = auth.VerifyMFA(nil, due.MFAToken, "totp", "000000")
	expect(t, err, ErrMfaCodeInvalid)
	by.Secret = got(auth.VerifyMFA(nil, due.MFAToken, "recovery_code", confirmed.RecoveryCodes[0])).AccessToken
	if codes := got(auth.RenewRecoveryCodes(nil, by)); len(codes) != 10 {
		t.Fatal(codes)
	}
	got(auth.RemoveTOTP(nil, by, enrolment.FactorID))
	got(auth.LogIn(nil, "ada@example.org", []byte(firstPassword), Bearer, ""))
}

func TestWhatAnOperatorDoes(t *testing.T) {
	auth, _ := mailbox(t)
	for _, name := range []string{"ada", "bob", "eve"} {
		registration := Registration{Email: name + "@example.org", Password: []byte(firstPassword)}
		if name == "bob" {
			registration.Roles = []string{"support"}
		}
		got(auth.CreateUser(nil, registration))
	}
	users, next, err := auth.Users(nil, "", 2)
	expect(t, err, nil)
	if len(users) != 2 || next == "" {
		t.Fatal(users, next)
	}
	found, next, err := auth.SearchUsers(nil, UserFilter{Role: "support", Status: "active", EmailPrefix: "bo"}, "", 10)
	expect(t, err, nil)
	if len(found) != 1 || next != "" {
		t.Fatal(found, next)
	}
	_, _, err = auth.SearchUsers(nil, UserFilter{Status: "sleeping"}, "", 10)
	expect(t, err, ErrFieldInvalid)

	bob := found[0].ID
	grant := got(auth.LogIn(nil, "bob@example.org", []byte(firstPassword), Bearer, ""))
	expect(t, auth.EndUserSessions(nil, bob, "root"), nil)
	_, err = auth.CheckToken(grant.AccessToken)
	expect(t, err, ErrTokenRevoked)
	expect(t, auth.SetUserPassword(nil, bob, []byte(secondPassword), "root"), nil)
	got(auth.LogIn(nil, "bob@example.org", []byte(secondPassword), Bearer, ""))
	expect(t, auth.ResetUserMFA(nil, bob, "root"), nil)
	expect(t, auth.CloseUser(nil, bob, "root"), nil)
	_, err = auth.LogIn(nil, "bob@example.org", []byte(secondPassword), Bearer, "")
	expect(t, err, ErrInvalidCredentials)

	events, _, err := auth.Audit(nil, EventFilter{Actor: "root", Outcome: "success"}, "", 10)
	expect(t, err, nil)
	if len(events) < 4 || !strings.HasSuffix(events[0].Subject, bob) {
		t.Fatal(events)
	}
	none, _, err := auth.Audit(nil, EventFilter{Actor: "root", Until: events[len(events)-1].Time}, "", 10)
	expect(t, err, nil)
	if len(none) != 0 {
		t.Fatal(none)
	}
}
