module github.com/authkit/authkit/tests/languages/go_member

go 1.19

require github.com/authkit/authkit/bindings/go v0.0.0

replace github.com/authkit/authkit/bindings/go => ../../../bindings/go
