#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <algorithm>
#include <atomic>

using namespace authkit;
using namespace authkit::contract;

namespace {

std::array<std::uint8_t, 32> digest(std::uint8_t n) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(n);
  return bytes;
}

Ticket ticket(std::uint8_t n, TicketKind kind = TicketKind::verify_email, UserId of = user(1)) {
  return {digest(n), kind, of, R"({"n":)" + std::to_string(n) + "}", t0 + Duration{n}, t0 + Duration{1000 + n}};
}

void put(Fixture& f, const Ticket& one) {
  f.commit([&](Tx& tx) { return f.tickets().put(tx, one); }).value();
}

std::optional<Ticket> find(Fixture& f, std::uint8_t n, TicketKind kind = TicketKind::verify_email) {
  return f.tickets().find(digest(n), kind, f.context()).value();
}

std::optional<Ticket> take(Fixture& f, std::uint8_t n, TicketKind kind = TicketKind::verify_email) {
  return f.commit([&](Tx& tx) { return f.tickets().take(tx, digest(n), kind); }).value();
}

bool same(const Ticket& a, const Ticket& b) {
  return a.digest == b.digest && a.kind == b.kind && a.user == b.user && a.payload == b.payload && a.created_at == b.created_at &&
         a.expires_at == b.expires_at;
}

}  // namespace

CONTRACT(TicketStore, "a ticket is found by its digest and kind as it was put, and is taken once") {
  CHECK(!find(f, 1));
  for (std::uint8_t n = 1; n <= hard_texts().size(); ++n) {
    Ticket one = ticket(n, static_cast<TicketKind>(n % 4), user(n));
    one.payload = hard_text(n);
    put(f, one);
    const auto found = find(f, n, one.kind);
    REQUIRE(found);
    CHECK(same(*found, one));
    CHECK(!find(f, n, static_cast<TicketKind>((n + 1) % 4)));
    CHECK(!take(f, n, static_cast<TicketKind>((n + 1) % 4)));
    const auto taken = take(f, n, one.kind);
    REQUIRE(taken);
    CHECK(same(*taken, one));
    CHECK(!take(f, n, one.kind));
    CHECK(!find(f, n, one.kind));
  }
}

CONTRACT(TicketStore, "a dropped unit leaves tickets as they were") {
  put(f, ticket(1));
  f.roll_back([&](Tx& tx) { return f.tickets().put(tx, ticket(2)); }).value();
  f.roll_back([&](Tx& tx) { return f.tickets().take(tx, digest(1), TicketKind::verify_email); }).value();
  f.roll_back([&](Tx& tx) { return f.tickets().erase_by_user(tx, user(1), TicketKind::verify_email); }).value();
  f.roll_back([&](Tx& tx) { return f.tickets().purge(tx, end_of_time, 10); }).value();
  CHECK(!find(f, 2));
  const auto kept = find(f, 1);
  REQUIRE(kept);
  CHECK(same(*kept, ticket(1)));
}

CONTRACT(TicketStore, "of many that take one ticket one gets it") {
  constexpr int threads = sanitized ? 8 : 32;
  for (std::uint8_t n = 1; n <= 5; ++n) {
    put(f, ticket(n));
    std::atomic<int> got{0};
    in_parallel(threads, [&](int) { got += take(f, n) ? 1 : 0; });
    CHECK(got == 1);
  }
}

CONTRACT(TicketStore, "a user's tickets of a kind are listed newest first and removed together") {
  for (const int n : {2, 1, 4, 3}) put(f, ticket(static_cast<std::uint8_t>(n)));
  put(f, ticket(5, TicketKind::reset_password));
  put(f, ticket(6, TicketKind::verify_email, user(2)));
  const auto list = [&](std::size_t max) {
    std::vector<int> numbers;
    const auto found = f.tickets().find_by_user(user(1), TicketKind::verify_email, max, f.context()).value();
    for (const Ticket& one : found) numbers.push_back(one.digest[0]);
    return numbers;
  };
  CHECK(list(10) == std::vector<int>{4, 3, 2, 1});
  CHECK(list(2) == std::vector<int>{4, 3});
  const auto erase = [&] { return f.commit([&](Tx& tx) { return f.tickets().erase_by_user(tx, user(1), TicketKind::verify_email); }).value(); };
  CHECK(erase() == 4);
  CHECK(erase() == 0);
  CHECK(list(10).empty());
  CHECK(find(f, 5, TicketKind::reset_password));
  CHECK(find(f, 6));
}

CONTRACT(TicketStore, "purge removes what expired, in portions") {
  for (std::uint8_t n = 1; n <= 5; ++n) put(f, ticket(n));
  const auto purge = [&](Time now, std::size_t max) { return f.commit([&](Tx& tx) { return f.tickets().purge(tx, now, max); }).value(); };
  CHECK(purge(t0 + Duration{1000}, 10) == 0);
  CHECK(purge(t0 + Duration{1003}, 2) == 2);
  CHECK(purge(t0 + Duration{1003}, 10) == 1);
  CHECK(!find(f, 3));
  CHECK(find(f, 4));
}
