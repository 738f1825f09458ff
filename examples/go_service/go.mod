module github.com/authkit/authkit/examples/go_service

go 1.19

require github.com/authkit/authkit/bindings/go v0.0.0

replace github.com/authkit/authkit/bindings/go => ../../bindings/go
