module github.com/authkit/authkit/tests/bench/go_verify

go 1.19

require (
	github.com/authkit/authkit/bindings/go v0.0.0
	github.com/golang-jwt/jwt/v5 v5.2.2
)

replace github.com/authkit/authkit/bindings/go => ../../../bindings/go
