#include "redis/slots.hpp"

#include <doctest/doctest.h>

using namespace authkit::redis;

namespace {

Reply text(std::string_view value) { return {std::string(value)}; }
Reply number(std::int64_t value) { return {value}; }
Reply list(Reply::Array members) { return {std::move(members)}; }
Reply row(std::int64_t first, std::int64_t last, Reply host, std::int64_t port) {
  return list({number(first), number(last), list({std::move(host), number(port), text("id")})});
}

}  // namespace

TEST_CASE("a key's slot is CRC16 of what stands in its first braces") {
  struct Row {
    std::string_view key;
    unsigned slot;
  };
  // From the specification and from CLUSTER KEYSLOT of Redis 7.0.
  for (const Row& one :
       {Row{"123456789", 0x31C3}, Row{"foo", 12182}, Row{"", 0}, Row{"{user1000}.following", 3443}, Row{"{user1000}.followers", 3443},
        Row{"foo{}{bar}", 8363}, Row{"foo{{bar}}zap", 4015}, Row{"foo{bar}{zap}", 5061}, Row{"bar", 5061}, Row{"{bar", 4015}}) {
    CAPTURE(one.key);
    CHECK(slot_of(one.key) == one.slot);
  }
}

TEST_CASE("the table of slots: masters, and hosts that go unnamed") {
  const Endpoint asked{"10.0.0.9", "7000", {}};
  const auto ranges = parse_slots(list({row(0, 5460, text("10.0.0.1"), 1), row(5461, 9000, {}, 2), row(9001, 16383, text(""), 3)}), asked);
  REQUIRE(ranges);
  REQUIRE(ranges->size() == 3);
  CHECK((*ranges)[0].master == Endpoint{"10.0.0.1", "1", {}});
  CHECK((*ranges)[1].first == 5461);
  CHECK((*ranges)[1].last == 9000);
  CHECK((*ranges)[1].master == Endpoint{"10.0.0.9", "2", {}});
  CHECK((*ranges)[2].master == Endpoint{"10.0.0.9", "3", {}});
  CHECK(parse_slots(list({}), asked)->empty());

  for (const Reply& bad : {Reply{}, text("x"), list({text("x")}), list({list({number(1), number(2)})}), list({row(-1, 5, text("h"), 1)}),
                           list({row(0, 16384, text("h"), 1)}), list({row(5, 4, text("h"), 1)}), list({row(0, 5, text("h"), 65536)}),
                           list({row(0, 5, number(7), 1)}), list({list({number(0), number(1), text("h")})})})
    CHECK(!parse_slots(bad, asked));
}
