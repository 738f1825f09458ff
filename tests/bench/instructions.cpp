#include "authkit/revocation.hpp"
#include "authkit/token.hpp"

#include "primitive.hpp"
#include "vectors/test_keys.hpp"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

// instructions NAME TIMES: does one thing so often, for a simulator that counts; without arguments the names. What stands before the loop is the same
// for every TIMES, so the difference of two runs is the thing alone.

namespace {

using namespace authkit;
using namespace authkit::test;

const Time noon{std::chrono::seconds(1'800'000'000)};

/// An access token as services have them: some 600 bytes.
TokenContent content(bool with_extra) {
  static const std::string extra = R"({"email":"ada.lovelace@example.org","name":"Ada Lovelace","tenant":"analytical-engines"})";
  TokenContent content;
  content.subject.bytes.fill(1);
  content.session.bytes.fill(2);
  content.epoch = 7;
  content.acr = "urn:authkit:acr:1";
  content.amr = {"pwd"};
  content.auth_time = noon;
  content.roles = {"user", "support"};
  if (with_extra) content.extra_json = extra;
  return content;
}

struct Signed {
  explicit Signed(Algorithm algorithm)
      : key(test_key(algorithm)),
        ring(KeyRing::fixed({key}, {}).value()),
        tokens(Tokens::open({.verified_cache = 0}, ring, [] { return noon; }).value()),
        remembering(Tokens::open({}, ring, [] { return noon; }).value()),
        token(tokens.issue(content(true)).value().token),
        bare(key, token.substr(0, token.rfind('.'))) {}

  Key key;
  std::shared_ptr<KeyRing> ring;
  Tokens tokens, remembering;
  std::string token;
  Primitive bare;
};

/// A feed of revoked sessions.
struct Feed : RevocationStore {
  Result<void> add(Tx&, const RevocationEntry&) override { return Errc::internal; }
  Result<RevocationBatch> since(const std::string& cursor, std::size_t, const Context&) override {
    RevocationBatch batch{{}, "end", false};
    for (std::uint32_t i = 0; cursor.empty() && i < 10'000; ++i) {
      RevocationEntry entry{RevocationKind::session, {}, 0, noon + std::chrono::hours(1)};
      for (std::size_t byte = 0; byte < entry.id.size(); ++byte) entry.id[byte] = static_cast<std::uint8_t>(i * 2654435761U >> (byte % 4 * 8));
      batch.entries.push_back(entry);
    }
    return batch;
  }
  Result<std::size_t> purge(Tx&, Time, std::size_t) override { return std::size_t{0}; }
};

using Job = std::function<void(int times)>;

Job repeated(const std::function<void()>& call) {
  return [call](int times) {
    for (int i = 0; i < times; ++i) call();
  };
}

void demand(bool good) {
  if (!good) std::abort();
}

std::map<std::string, std::function<Job()>> jobs() {
  std::map<std::string, std::function<Job()>> all;
  for (const auto& [name, algorithm] :
       {std::pair{"hs256", Algorithm::HS256}, {"rs256", Algorithm::RS256}, {"es256", Algorithm::ES256}, {"eddsa", Algorithm::EdDSA}}) {
    const auto with = [algorithm = algorithm](void (*call)(Signed & given)) {
      return [algorithm, call] {
        const auto given = std::make_shared<Signed>(algorithm);
        call(*given);
        return repeated([given, call] { call(*given); });
      };
    };
    const std::string prefix = name;
    all[prefix + ".verify"] = with([](Signed& given) { demand(given.tokens.verify(given.token).has_value()); });
    all[prefix + ".verify_bare"] = with([](Signed& given) { given.bare.verify(); });
    all[prefix + ".verify_again"] = with([](Signed& given) { demand(given.remembering.verify(given.token).has_value()); });
    all[prefix + ".issue"] = with([](Signed& given) { demand(given.tokens.issue(content(false)).has_value()); });
    all[prefix + ".issue_bare"] = with([](Signed& given) { given.bare.sign(); });
  }
  all["revocation.check"] = [] {
    const std::shared_ptr<Revocations> revocations = Revocations::open({}, std::make_shared<Feed>(), [] { return noon; }).value();
    SessionId session;
    session.bytes.fill(9);
    return repeated([revocations, session] { demand(revocations->check({}, session, {}, 1, noon).has_value()); });
  };
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 1;
  const auto all = jobs();
  if (argc < 3) {
    for (const auto& [name, job] : all) std::printf("%s\n", name.c_str());
    return 0;
  }
  all.at(argv[1])()(std::atoi(argv[2]));
  return 0;
}
