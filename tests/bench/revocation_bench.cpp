#include "authkit/revocation.hpp"

#include "measure.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdlib>
#include <malloc.h>
#include <random>
#include <thread>

// revocation_bench [ENTRIES] [ROUNDS]: a feed of that many revoked sessions, then checks against it

namespace {

using namespace authkit;

std::mt19937_64 random_source(7);  // the same ids in every run

template <class IdType>
IdType random_id() {
  IdType id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random_source());
  return id;
}

struct Feed : RevocationStore {
  std::vector<RevocationEntry> entries;

  Result<void> add(Tx&, const RevocationEntry&) override { return Errc::internal; }
  Result<RevocationBatch> since(const std::string& cursor, std::size_t max, const Context&) override {
    const std::size_t from = cursor.empty() ? 0 : std::stoul(cursor), to = std::min(entries.size(), from + max);
    const auto at = [&](std::size_t i) { return entries.begin() + static_cast<std::ptrdiff_t>(i); };
    return RevocationBatch{{at(from), at(to)}, std::to_string(to), to < entries.size()};
  }
  Result<std::size_t> purge(Tx&, Time, std::size_t) override { return std::size_t{0}; }
};

double held() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

struct Token {
  TokenId jti = random_id<TokenId>();
  SessionId session = random_id<SessionId>();
  UserId user = random_id<UserId>();
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 9;
  const auto feed = std::make_shared<Feed>();
  const Time now = system_now();
  for (std::size_t i = 0; i < count; ++i)
    feed->entries.push_back({RevocationKind::session, random_id<SessionId>().bytes, 0, now + std::chrono::hours(1)});

  const double before = held();
  std::unique_ptr<Revocations> revocations;
  const double seeding = measure::seconds_of([&] { revocations = Revocations::open({}, feed, system_now).value(); });
  std::printf("%zu entries applied in %.3f s, %.1f bytes an entry\n", revocations->size(), seeding, (held() - before) / static_cast<double>(count));

  std::vector<Token> live(65'536), revoked(65'536);
  for (std::size_t i = 0; i < revoked.size(); ++i) revoked[i].session.bytes = feed->entries[i * 7919 % count].id;
  const auto nanoseconds = [&](const std::vector<Token>& tokens, bool good) {
    const double taken = measure::seconds_of([&] {
      for (const Token& token : tokens) {
        if (!!revocations->check(token.jti, token.session, token.user, 1, now) != good) std::abort();
      }
    });
    return taken * 1e9 / static_cast<double>(tokens.size());
  };
  // What one look-up takes in a table of the same entries, without a lock, a clock or a verdict.
  boost::unordered_flat_set<SessionId, std::hash<SessionId>> bare_table;
  for (const auto& entry : feed->entries) bare_table.insert(SessionId{entry.id});
  const auto bare_look_up = [&] {
    std::size_t found = 0;
    const double taken = measure::seconds_of([&] {
      for (const Token& token : live) found += bare_table.contains(token.session) ? 1 : 0;
    });
    if (found != 0) std::abort();
    return taken * 1e9 / static_cast<double>(live.size());
  };
  measure::Series miss, hit, two, bare;
  for (int round = 0; round < rounds; ++round) {
    if (!revocations->poll()) std::abort();
    bare.values.push_back(bare_look_up());
    miss.values.push_back(nanoseconds(live, true));
    hit.values.push_back(nanoseconds(revoked, false));
    double other = 0;
    std::thread second([&] { other = nanoseconds(live, true); });
    const double own = nanoseconds(live, true);
    second.join();
    two.values.push_back(std::max(own, other));
  }
  bare.print("bare look-up among the same ids", "ns");
  miss.print("check, token alive", "ns");
  hit.print("check, session revoked", "ns");
  two.print("check, token alive, two threads at once", "ns");
  return 0;
}
