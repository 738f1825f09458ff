package authkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const hostileSecret = "one secret of more than 32 bytes, shared with a test"

// hostile runs the program AUTHKIT_HOSTILE, which writes vectors and hostile access tokens.
func hostile(t *testing.T, arguments ...string) []byte {
	t.Helper()
	out, err := exec.Command(os.Getenv("AUTHKIT_HOSTILE"), arguments...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryLineGetsItsVerdict(t *testing.T) {
	rows := strings.Split(strings.TrimSuffix(string(hostile(t, "lines")), "\n"), "\n")
	for _, row := range rows {
		verdict, line, _ := strings.Cut(row, "\t")
		answer, err := VectorLine(line)
		if got, _, _ := strings.Cut(answer, " "); err != nil || got != verdict {
			t.Errorf("%q, %v: %.200s", answer, err, line)
		}
	}
	if len(rows) < 4000 {
		t.Fatal("only", len(rows), "lines")
	}
}

func TestEveryAccessTokenGetsItsVerdict(t *testing.T) {
	o := options("memory:")
	o.Set["token.algorithm"] = "HS256"
	o.Set["token.secret"] = hostileSecret
	auth := open(t, o)
	counts := map[string]int{}
	for data := string(hostile(t, "access", hostileSecret)); data != ""; {
		head, rest, _ := strings.Cut(data, "\n")
		var verdict, id string
		var length int
		if _, err := fmt.Sscanf(head, "%s %s %d", &verdict, &id, &length); err != nil {
			t.Fatal(err)
		}
		token := rest[:length]
		data = rest[length+1:]
		counts[verdict]++
		var claims map[string]any
		verifyErr := auth.VerifyToken(token, &claims)
		_, checkErr := auth.CheckToken(token)
		for _, err := range []error{verifyErr, checkErr} {
			if verdict == "ok" && err != nil {
				t.Errorf("%s: %v", id, err)
			}
			if verdict == "reject" && !errors.Is(err, ErrInvalidToken) && !errors.Is(err, ErrTokenExpired) {
				t.Errorf("%s was not refused: %v", id, err)
			}
		}
	}
	if counts["reject"] < 600 || counts["ok"] < 20 {
		t.Fatal(counts)
	}
}
