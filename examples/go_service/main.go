// A notes service that knows its users: authkit checks every request in this process, on the database that the login server uses too.
//
//	GET /health               for everybody
//	GET /notes                the caller's notes
//	POST /notes               {"text": "..."}: 201 and the note
//	DELETE /notes/{id}        204
//
// Users sign up, log in and log out at the server; who logs out there is refused here within revocation.poll_interval.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	authkit "github.com/authkit/authkit/bindings/go"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8002", "`address:port`; port 0 takes a free one")
	flag.Parse()
	if err := serve(*listen); err != nil {
		log.Fatal("error: ", err)
	}
}

func serve(listen string) error {
	auth, err := authkit.Open(authkit.Options{Env: true}) // DATABASE_URL and the other options come from the environment
	if err != nil {
		return err
	}
	defer auth.Close()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}

	notes := auth.Middleware(newNotesAPI())
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.Handle("/notes", notes)
	mux.Handle("/notes/", notes)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second}

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Printf("notes on http://%s\n", listener.Addr())
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	drain, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	return server.Shutdown(drain)
}
