module github.com/authkit/authkit/bindings/go

go 1.19
