#include "authkit/token.hpp"

#include "vectors/hostile.hpp"
#include "vectors/stopwatch.hpp"
#include "vectors/test_keys.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <map>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace authkit;
using namespace authkit::test;

namespace {

const Time noon{std::chrono::seconds(1'800'000'000)};

Tokens tokens_of(const Key& key, const TokenOptions& options = {}) {
  return Tokens::open(options, KeyRing::fixed({key}, {}).value(), [] { return noon; }).value();
}

/// Ten times what is promised of a refusal: 1 ms for a megabyte that is refused by its size, else 5 ms.
double bound_for(const TokenVariant& variant, const TokenOptions& options) { return variant.token.size() > options.max_bytes ? 0.01 : 0.05; }

/// From here on this process dies when it opens a socket, connects one or opens a file.
bool forbid_opening() {
  std::array<sock_filter, 7> program{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 4, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 3, 0),
                                      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 2, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 1, 0),
                                      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)}};
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// What becomes of a child that calls `act` under that ban: its exit code, or -1 when it was killed.
template <class Act>
int in_confinement(const Act& act) {
  const pid_t child = fork();
  if (child == 0) _exit(!forbid_opening() ? 100 : act() ? 0 : 1);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("Tokens refuses every hostile access token in bounded time, and accepts legitimate ones") {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::HS256, Algorithm::RS256, Algorithm::EdDSA}) {
    const Key key = test_key(algorithm);
    TokenOptions options;
    options.issuer = "https://id.example.org";
    options.audience = "https://api.example.org";
    const Tokens tokens = tokens_of(key, options);
    std::map<bool, std::size_t> counts;
    std::string slowest;
    double longest = 0;
    for (const TokenVariant& variant : hostile_access_tokens(key, options, noon)) {
      Result<Claims> claims(Errc::internal);
      const double bound = bound_for(variant, options);
      const double seconds = shortest_of_three(bound, [&] { claims = tokens.verify(variant.token); });
      ++counts[variant.ok];
      CHECK_MESSAGE(claims.has_value() == variant.ok, variant.id, " with ", to_text(algorithm));
      if (claims) continue;
      const Errc code = claims.error().code;
      CHECK_MESSAGE((code == Errc::invalid_token || code == Errc::token_expired), variant.id);
      CHECK_MESSAGE(seconds < bound, variant.id, " took ", seconds, " s");
      if (seconds > longest) longest = seconds, slowest = variant.id;
    }
    CHECK(counts[false] >= 600);
    CHECK(counts[true] >= 20);
    MESSAGE(to_text(algorithm), ": ", counts[false], " refused, the slowest, ", slowest, ", in ", longest * 1e3, " ms");
  }
}

TEST_CASE("only tokens that are right in all but the time are called expired") {
  const Key key = test_key(Algorithm::ES256);
  const Tokens tokens = tokens_of(key);
  std::size_t expired = 0;
  for (const TokenVariant& variant : hostile_access_tokens(key, {}, noon)) {
    const auto claims = tokens.verify(variant.token);
    if (claims || claims.error().code != Errc::token_expired) continue;
    ++expired;
    const std::string claim = variant.id.substr(0, 11);
    const bool about_time = claim == "claims.exp_" || claim == "claims.nbf_" || claim == "claims.iat_";
    CHECK_MESSAGE(variant.id != "claims.exp_missing", "what never expires is not over");
    CHECK_MESSAGE(about_time, variant.id);
  }
  CHECK(expired >= 10);
}

TEST_CASE("no prefix and no suffix of a token is a token, nor is it with any bit of its text changed") {
  for (const Algorithm algorithm : all_algorithms) {
    const Tokens tokens = tokens_of(test_key(algorithm));
    UserId user;
    user.bytes[0] = 1;
    const std::string token = tokens.issue({.subject = user}).value().token;
    REQUIRE(tokens.verify(token));
    for (std::size_t size = 0; size < token.size(); ++size) {
      CHECK_FALSE(tokens.verify(token.substr(0, size)));
      CHECK_FALSE(tokens.verify(token.substr(size + 1)));
    }
    for (std::size_t at = 0; at < token.size(); ++at) {
      std::string changed = token;
      changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
      CHECK_FALSE(tokens.verify(changed));
    }
  }
}

TEST_CASE("a token of a million bytes costs no more than looking at its length") {
  const Key key = test_key(Algorithm::ES256);
  const Tokens tokens = tokens_of(key);
  std::size_t large = 0;
  for (const TokenVariant& variant : hostile_access_tokens(key, {}, noon)) {
    if (variant.token.size() < 1'000'000) continue;
    ++large;
    const double seconds = shortest_of_three(0.01, [&] { CHECK_FALSE(tokens.verify(variant.token)); });
    CHECK_MESSAGE(seconds < 0.01, variant.id, " took ", seconds, " s");
  }
  CHECK(large >= 6);
}

TEST_CASE("nothing that a token names is opened or fetched") {
  const Key key = test_key(Algorithm::ES256);
  const Tokens tokens = tokens_of(key);
  const std::vector<TokenVariant> variants = hostile_access_tokens(key, {}, noon);
  for (const TokenVariant& variant : variants) (void)tokens.verify(variant.token);  // what is opened once in a process, is
  CHECK(in_confinement([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }) == -1);
  CHECK(in_confinement([] { return ::open("/dev/null", O_RDONLY) >= 0; }) == -1);
  CHECK(in_confinement([&] {
          for (const TokenVariant& variant : variants)
            if (tokens.verify(variant.token).has_value() != variant.ok) return false;
          return true;
        }) == 0);
}
