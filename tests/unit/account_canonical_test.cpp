#include "authkit/account.hpp"

#include "account/canonical.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace authkit;

TEST_CASE("an e-mail address has one canonical form, however it is spelled") {
  CHECK(canonical_email("Ann@Example.ORG").value() == "ann@example.org");
  CHECK(canonical_email("a.n+n@localhost").value() == "a.n+n@localhost");
  CHECK(canonical_email("JO\xc3\x8bL@ex.org").value() == canonical_email("joe\xcc\x88l@ex.org").value());  // composed and decomposed
  CHECK(canonical_email("stra\xc3\x9f"
                        "e@ex.org")
            .value() == canonical_email("STRASSE@ex.org").value());
  CHECK(canonical_email("x@B\xc3\x9c"
                        "CHER.example")
            .value() ==
        "x@b\xc3\xbc"
        "cher.example");
  CHECK(canonical_email(std::string(64, 'a') + "@ex.org"));
  CHECK(canonical_email(std::string(60, 'a') + "@" + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd') + ".e"));
}

TEST_CASE("addresses that only look alike stay different (CVE-2019-19844)") {
  CHECK(canonical_email("m\xc4\xb1ke@example.org").value() != canonical_email("mike@example.org").value());
  CHECK(canonical_email("mike@\xd0\xb5xample.org").value() != canonical_email("mike@example.org").value());
  CHECK(canonical_email("\xc4\xb0van@example.org").value() != canonical_email("ivan@example.org").value());
  CHECK(canonical_email("a.b@example.org").value() != canonical_email("ab@example.org").value());
}

TEST_CASE("what is no single address is refused") {
  const std::vector<std::string> bad{"",
                                     "@",
                                     "a",
                                     "a@",
                                     "@b",
                                     "a@b@c",
                                     "a@x,b@y",
                                     "a,b@x",
                                     "a;b@x",
                                     "a b@x.org",
                                     "a@x .org",
                                     " a@x.org",
                                     "a@x.org ",
                                     "a@x.org\n",
                                     "a@x.org\r\nBcc: b@y",
                                     "a\t@x.org",
                                     std::string("a\0@x.org", 8),
                                     std::string("a@x.org\0", 8),
                                     "a@.org",
                                     "a@org.",
                                     "a@x..org",
                                     "a@-x.org",
                                     "a@x-.org",
                                     "a@[127.0.0.1]",
                                     "\"a b\"@x.org",
                                     "<a@x.org>",
                                     "a(comment)@x.org",
                                     "a\\@x.org",
                                     "a@x_y.org",
                                     "a@x/y",
                                     "a\xc2\xa0@x.org",      // no-break space
                                     "a\xe2\x80\x8b@x.org",  // zero width space
                                     "a\xe2\x80\xae@x.org",  // right-to-left override
                                     "a\xcd\xbe@x.org",      // Greek question mark: its NFC is a semicolon
                                     "a@x\xe3\x80\x80.org",  // ideographic space
                                     "a\xff@x.org",
                                     "a\xc0\xae@x.org",
                                     "a\xed\xa0\x80@x.org",
                                     "a\xee\x80\x80@x.org",
                                     "a\xc2\x85@x.org",
                                     std::string(65, 'a') + "@x.org",
                                     "a@" + std::string(64, 'b') + ".org",
                                     "a@" + std::string(253, 'b'),
                                     std::string(100'000, '@'),
                                     std::string(1'000'000, 'a')};
  for (const auto& text : bad) {
    CAPTURE(text.substr(0, 80));
    const auto result = canonical_email(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::email_invalid);
  }
}

TEST_CASE("a user name has one canonical form of 1 to 64 visible characters") {
  CHECK(canonical_username("Ann").value() == "ann");
  CHECK(canonical_username("\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82").value() ==
        canonical_username("\xcf\x83\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83").value());  // final sigma
  CHECK(canonical_username(std::string(64, 'x')));
  std::string wide;
  for (int i = 0; i < 64; ++i) wide += "\xf0\x9f\x98\x80";
  CHECK(canonical_username(wide));
  const std::vector<std::string> bad{"",
                                     std::string(65, 'x'),
                                     wide + "x",
                                     "a b",
                                     "a@b",
                                     "a\n",
                                     "\xe2\x80\x8b",
                                     "a\xc2\xad",
                                     "a\xff",
                                     std::string("admin\0x", 7),
                                     "01977420-dc00-7abc-8def-0123456789ab",
                                     "01977420-DC00-7ABC-8DEF-0123456789AB"};
  for (const auto& text : bad) {
    CAPTURE(text);
    const auto result = canonical_username(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::username_invalid);
  }
}

TEST_CASE("a login is an address where there is an at sign, else a user name") {
  CHECK(canonical_login("ANN@EXAMPLE.org") == "ann@example.org");
  CHECK(canonical_login("ANN") == "ann");
  CHECK_FALSE(canonical_login(""));
  CHECK_FALSE(canonical_login("a@b@c"));
  CHECK_FALSE(canonical_login("a b"));
}

TEST_CASE("a canonical form is its own canonical form") {
  for (const char* text : {"Ann@Example.org", "\xc4\xb0@x.org", "stra\xc3\x9f@x.org", "\xce\x90\xcd\x85@x.org", "\xef\xac\x83@x.org"}) {
    CAPTURE(text);
    const std::string key = canonical_email(text).value();
    CHECK(canonical_email(key).value() == key);
  }
}
