module authkit.invalid/interop

go 1.19

require (
	github.com/go-jose/go-jose/v3 v3.0.3
	github.com/golang-jwt/jwt/v5 v5.2.2
)

require golang.org/x/crypto v0.19.0 // indirect
