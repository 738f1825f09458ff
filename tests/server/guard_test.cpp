#include "guard.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace authkit;
using namespace authkit::server;

namespace {

const std::string host = "Host: a.example\r\n";

/// The verdict on bytes that came at once.
Errc verdict(const std::string& bytes) {
  Incoming incoming;
  const Result<Taken> taken = take(bytes, incoming);
  return taken ? Errc{} : taken.error().code;
}

bool refused(const std::string& bytes) { return verdict(bytes) == Errc::malformed_request; }

std::string post(const std::string& fields, const std::string& body, const std::string& version = "HTTP/1.1") {
  return "POST /x " + version + "\r\n" + host + fields + "\r\n" + body;
}

}  // namespace

TEST_CASE("a plain request is taken with its parts") {
  const std::string bytes = "GET /a/b?c=d HTTP/1.1\r\nHost: a.example:80\r\nX-One:  two words\t\r\n\r\nGET /next";
  Incoming incoming;
  const Result<Taken> taken = take(bytes, incoming);
  REQUIRE(taken);
  CHECK(*taken == Taken::whole);
  CHECK(incoming.request.method == "GET");
  CHECK(incoming.request.path == "/a/b");
  CHECK(incoming.request.query == "c=d");
  CHECK(incoming.request.field("x-one") == "two words");
  CHECK(incoming.keep_alive);
  CHECK(bytes.substr(incoming.size) == "GET /next");
}

TEST_CASE("a request is incomplete at every byte before its last, and whole at the last") {
  for (const std::string& bytes : {post("Content-Length: 5\r\n", "hello"), post("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
                                   std::string("GET / HTTP/1.1\r\n") + host + "\r\n"}) {
    Incoming incoming;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const Result<Taken> taken = take(std::string_view(bytes).substr(0, size), incoming);
      CAPTURE(size);
      REQUIRE(taken);
      CHECK(*taken == Taken::incomplete);
    }
    const Result<Taken> taken = take(bytes, incoming);
    REQUIRE(taken);
    CHECK(*taken == Taken::whole);
    CHECK(incoming.size == bytes.size());
    CHECK((incoming.request.body.empty() || incoming.request.body == "hello"));
  }
}

TEST_CASE("two ways to tell where a body ends are refused") {
  CHECK(refused(post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", "hello")));
  CHECK(refused(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")));
  CHECK(refused(post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")));
  CHECK(refused(post("Content-Length: 5, 5\r\n", "hello")));
  CHECK(refused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")));
  CHECK(refused("POST /x HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"));
}

TEST_CASE("the only transfer coding is chunked, spelled so, and not in HTTP/1.0") {
  for (const char* coding :
       {"gzip", "xchunked", "chunked, identity", "identity", "Chunked", "chunked;q=1", "\"chunked\"", ", chunked", "chunked,", ""}) {
    CAPTURE(coding);
    CHECK(refused(post(std::string("Transfer-Encoding: ") + coding + "\r\n", "0\r\n\r\n")));
  }
  CHECK(refused(post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "HTTP/1.0")));
  CHECK(verdict(post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n")) == Errc{});
}

TEST_CASE("a Content-Length is a number without sign") {
  for (const char* length : {"+5", "-5", "5 5", "0x5", "5.0", "", "five", "5;", "\"5\""}) {
    CAPTURE(length);
    CHECK(refused(post(std::string("Content-Length: ") + length + "\r\n", "hello")));
  }
  CHECK(verdict(post("Content-Length: 16385\r\n", "")) == Errc::payload_too_large);
  CHECK(verdict(post("Content-Length: 99999999999999999999999\r\n", "")) == Errc::payload_too_large);
  CHECK(verdict(post("Content-Length: 16384\r\n", "")) == Errc{});
}

TEST_CASE("chunks have plain sizes, no extensions and no trailers") {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const char* body :
       {"5;a=b\r\nhello\r\n0\r\n\r\n", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhelloX\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "000000005\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nX: y\r\n\r\n", "\r\n5\r\nhello\r\n0\r\n\r\n"}) {
    CAPTURE(body);
    CHECK(refused(post(chunked, body)));
  }
  CHECK(verdict(post(chunked, "4001\r\n")) == Errc::payload_too_large);
  CHECK(verdict(post(chunked, "ffffffff\r\n")) == Errc::payload_too_large);
  std::string drops;
  for (int i = 0; i < 16384; ++i) drops += "1\r\nx\r\n";
  CHECK(verdict(post(chunked, drops + "0\r\n\r\n")) == Errc::payload_too_large);
}

TEST_CASE("Host is there once and names a host") {
  CHECK(refused("GET / HTTP/1.1\r\n\r\n"));
  for (const char* value :
       {"", "a/../?#@b", "a b", "user@a", "a,b", "a:80:80", "a:", "a:x", "[::1", "[::1]x", "[]", "a\\b", "http://a", "a%2eb", "a:123456"}) {
    CAPTURE(value);
    CHECK(refused(std::string("GET / HTTP/1.1\r\nHost: ") + value + "\r\n\r\n"));
  }
  for (const char* value : {"a", "a.example:8000", "127.0.0.1", "[::1]", "[2001:db8::1]:443", "xn--bcher-kva.example"}) {
    CAPTURE(value);
    CHECK(verdict(std::string("GET / HTTP/1.1\r\nHost: ") + value + "\r\n\r\n") == Errc{});
  }
  CHECK(verdict("GET / HTTP/1.0\r\n\r\n") == Errc{});
}

TEST_CASE("odd start lines are refused") {
  for (const char* line : {"GET  / HTTP/1.1",
                           "GET / HTTP/1.1 ",
                           " GET / HTTP/1.1",
                           "GET /",
                           "GET / HTTP/2.0",
                           "GET / HTTP/1.2",
                           "GET / http/1.1",
                           "GET / HTTP/1.1x",
                           "get / HTTP/1.1",
                           "G(T / HTTP/1.1",
                           "GET\t/ HTTP/1.1",
                           "GET a HTTP/1.1",
                           "GET * HTTP/1.1",
                           "CONNECT a.example:443 HTTP/1.1",
                           "GET /a b HTTP/1.1",
                           "GET /\x01 HTTP/1.1",
                           "GET /a#b HTTP/1.1",
                           "GET /?a#b HTTP/1.1",
                           "GET /\xc3\xa4 HTTP/1.1",
                           "GET ftp://a.example/ HTTP/1.1",
                           "GET http://a.example HTTP/1.1",
                           "GET http://other.example/ HTTP/1.1",
                           "GET http://u@a.example/ HTTP/1.1",
                           "\r\nGET / HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(refused(std::string(line) + "\r\n" + host + "\r\n"));
  }
  Incoming incoming;
  REQUIRE(take("GET http://A.example/x?y HTTP/1.1\r\n" + host + "\r\n", incoming));
}

TEST_CASE("dot segments are refused, however they are written") {
  for (const char* path : {"/..", "/a/../b", "/a/..", "/.", "/./a", "/%2e%2e/a", "/%2E/a", "/.%2e", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/%00",
                           "/%0a", "/%7f", "/%", "/%2", "/%zz"}) {
    CAPTURE(path);
    CHECK(refused(std::string("GET ") + path + " HTTP/1.1\r\n" + host + "\r\n"));
  }
  for (const char* path : {"/...", "/a..b", "/.well-known/jwks.json", "/a/.b", "/%41", "//a", "/a;b=c"}) {
    CAPTURE(path);
    CHECK(verdict(std::string("GET ") + path + " HTTP/1.1\r\n" + host + "\r\n") == Errc{});
  }
}

TEST_CASE("fields are lines of a name, a colon and a value") {
  for (const std::string& line :
       {std::string("X : y"), std::string(" X: y"), std::string("X: a\r\n b"), std::string("X: a\r\n\tb"), std::string("X y"), std::string(": y"),
        std::string("X\x01: y"), std::string("X: a\x01"), std::string("X: a\0b", 6), std::string("X: a\rb"), std::string("X: a\nb"),
        std::string("X: a\nY: b"), std::string("X: a\x7f"), std::string("(X): y")}) {
    CAPTURE(line);
    CHECK(refused("GET / HTTP/1.1\r\n" + host + line + "\r\n\r\n"));
  }
  CHECK(verdict("GET / HTTP/1.1\r\n" + host + "X: \xc3\xa4\r\nX: again\r\nEmpty:\r\n\r\n") == Errc{});
}

TEST_CASE("what can never complete is refused before it does") {
  CHECK(refused("GET / HTTP/1.1\nHost: a\n\n"));
  CHECK(refused(std::string("\x16\x03\x01\x02", 4)));
  CHECK(refused(std::string("GET / HTTP/1.1\r\nX: \0", 20)));
  CHECK(refused("GET / HTTP/1.1\r\n" + host + "X: " + std::string(9000, 'a')));
  CHECK(refused("GET / HTTP/1.1\r\n" + host + "X: " + std::string(9000, 'a') + "\r\n\r\n"));
  CHECK(verdict("GET / HTTP/1.1\r\n" + host + "X: " + std::string(8000, 'a') + "\r\n\r\n") == Errc{});
  std::string many;
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  CHECK(refused("GET / HTTP/1.1\r\n" + many + host + "\r\n"));
}

TEST_CASE("the connection's fate and the expectation are read") {
  Incoming incoming;
  REQUIRE(take("GET / HTTP/1.1\r\n" + host + "Connection: x, Close\r\n\r\n", incoming));
  CHECK_FALSE(incoming.keep_alive);
  REQUIRE(take("GET / HTTP/1.0\r\n" + host + "\r\n", incoming));
  CHECK_FALSE(incoming.keep_alive);
  REQUIRE(take("GET / HTTP/1.0\r\n" + host + "Connection: keep-alive\r\n\r\n", incoming));
  CHECK(incoming.keep_alive);
  REQUIRE(take(post("Expect: 100-continue\r\nContent-Length: 2\r\n", ""), incoming));
  CHECK(incoming.expects_continue);
  CHECK(refused(post("Expect: a-miracle\r\nContent-Length: 2\r\n", "")));
}

TEST_CASE("no single byte changed in a request makes the guard crash or read past its end") {
  const std::string good = post("Transfer-Encoding: chunked\r\nX-A: b\r\n", "5\r\nhello\r\n0\r\n\r\n");
  Incoming incoming;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(byte);
      const Result<Taken> taken = take(bytes, incoming);
      if (!taken || *taken == Taken::incomplete) continue;
      CHECK(incoming.size <= bytes.size());
      CHECK(incoming.request.path.starts_with('/'));
    }
  }
}
