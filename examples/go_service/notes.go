package main

import (
	"encoding/json"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"

	authkit "github.com/authkit/authkit/bindings/go"
)

const longestNote = 4096

type note struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// notesAPI keeps everybody's notes in memory: what a service of your own keeps in its database.
type notesAPI struct {
	mu   sync.Mutex
	next int
	of   map[string]map[int]string
}

func newNotesAPI() *notesAPI { return &notesAPI{of: map[string]map[int]string{}} }

// ServeHTTP runs behind authkit's middleware, which put the caller into the context.
func (n *notesAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller, known := authkit.IdentityFrom(r.Context())
	if !known {
		problem(w, http.StatusInternalServerError, "the middleware is missing")
		return
	}
	id := strings.TrimPrefix(r.URL.Path, "/notes/")
	single := id != r.URL.Path
	switch {
	case single && r.Method == http.MethodDelete:
		n.remove(w, caller.UserID, id)
	case !single && r.Method == http.MethodGet:
		answer(w, http.StatusOK, map[string]any{"items": n.all(caller.UserID)})
	case !single && r.Method == http.MethodPost:
		n.post(w, r, caller.UserID)
	default:
		problem(w, http.StatusMethodNotAllowed, "not this method")
	}
}

func (n *notesAPI) post(w http.ResponseWriter, r *http.Request, user string) {
	var body struct {
		Text *string `json:"text"`
	}
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, longestNote)).Decode(&body) != nil || body.Text == nil {
		problem(w, http.StatusBadRequest, "send a JSON object with the member text")
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next++
	if n.of[user] == nil {
		n.of[user] = map[int]string{}
	}
	n.of[user][n.next] = *body.Text
	answer(w, http.StatusCreated, note{n.next, *body.Text})
}

func (n *notesAPI) all(user string) []note {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := []note{}
	for id, text := range n.of[user] {
		list = append(list, note{id, text})
	}
	sort.Slice(list, func(a, b int) bool { return list[a].ID < list[b].ID })
	return list
}

func (n *notesAPI) remove(w http.ResponseWriter, user, id string) {
	number, err := strconv.Atoi(id)
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.of[user][number]; err != nil || !known {
		problem(w, http.StatusNotFound, "no such note")
		return
	}
	delete(n.of[user], number)
	w.WriteHeader(http.StatusNoContent)
}

func problem(w http.ResponseWriter, status int, detail string) {
	answer(w, status, map[string]string{"detail": detail})
}

func answer(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document)
}
