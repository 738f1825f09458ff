#include "authkit/token.hpp"
#include "authkit/verifier.hpp"

#include "measure.hpp"
#include "primitive.hpp"
#include "vectors/hostile.hpp"
#include "vectors/stopwatch.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <sodium.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>

// token_bench [ROUNDS]: verify and issue of every algorithm beside the bare primitive on the same bytes in the same run, then what refusals take

namespace {

using namespace authkit;
using namespace authkit::test;

const Time noon{std::chrono::seconds(1'800'000'000)};

/// Microseconds of processor time that one call takes.
double microseconds(int repeat, const std::function<void()>& call) {
  return processor_seconds([&] {
           for (int i = 0; i < repeat; ++i) call();
         }) *
         1e6 / repeat;
}

void compare(Algorithm algorithm, int rounds) {
  const Key key = test_key(algorithm);
  const auto ring = KeyRing::fixed({key}, {}).value();
  const Tokens tokens = Tokens::open({.verified_cache = 0}, ring, [] { return noon; }).value();
  const Tokens caching = Tokens::open({}, ring, [] { return noon; }).value();
  UserId user;
  user.bytes[0] = 1;
  const TokenContent content{.subject = user, .epoch = 1, .auth_time = noon, .roles = {"user"}};
  const std::string token = tokens.issue(content).value().token;
  Primitive bare(key, token.substr(0, token.rfind('.')));
  const bool is_quick = key.impl().traits().family == KeyFamily::hmac;
  const bool is_slow = key.impl().traits().family == KeyFamily::rsa || algorithm == Algorithm::ES384 || algorithm == Algorithm::ES512;
  const int repeat = is_slow ? 20 : is_quick ? 20'000 : 200;

  measure::Series verify, bare_verify, again, issue, bare_sign;
  for (int round = 0; round < rounds; ++round) {
    bare_verify.values.push_back(microseconds(repeat, [&] { bare.verify(); }));
    verify.values.push_back(microseconds(repeat, [&] {
      if (!tokens.verify(token)) std::abort();
    }));
    again.values.push_back(microseconds(repeat * 10, [&] {
      if (!caching.verify(token)) std::abort();
    }));
    bare_sign.values.push_back(microseconds(repeat, [&] { measure::keep(bare.sign()); }));
    issue.values.push_back(microseconds(repeat, [&] { measure::keep(tokens.issue(content).value()); }));
  }
  const std::string name(to_text(algorithm));
  std::printf("%-6s  verify %9.2f us, bare %9.2f, x %.2f, again %6.2f    issue %9.2f us, bare %9.2f, x %.2f\n", name.c_str(), verify.median(),
              bare_verify.median(), verify.median() / bare_verify.median(), again.median(), issue.median(), bare_sign.median(),
              issue.median() / bare_sign.median());
}

void measure_refusals() {
  const Key key = test_key(Algorithm::ES256);
  const Tokens tokens = Tokens::open({.verified_cache = 0}, KeyRing::fixed({key}, {}).value(), [] { return noon; }).value();
  struct Family {
    double longest = 0;
    std::string id;
    int count = 0;
  };
  const auto note = [](Family& family, const std::string& id, double taken) {
    ++family.count;
    if (taken > family.longest) family.longest = taken, family.id = id;
  };
  const auto shortest = [](const std::function<void()>& call) { return shortest_of_three(0.0005, call) * 1e6; };
  std::map<std::string, Family> tokens_by_family, lines_by_family;
  Family megabyte;
  for (const TokenVariant& variant : hostile_access_tokens(key, {}, noon)) {
    if (variant.ok) continue;
    const double taken = shortest([&] {
      if (tokens.verify(variant.token)) std::abort();
    });
    note(variant.token.size() < 1'000'000 ? tokens_by_family[family_of(variant.id)] : megabyte, variant.id, taken);
  }
  for (const VectorLine& line : hostile_lines()) {
    if (line.ok || line.line.size() > 100'000) continue;
    note(lines_by_family[family_of(line.id)], line.id, shortest([&] { measure::keep(answer_vector_line(line.line)); }));
  }
  std::printf("\nrefused, the longest of a family    Tokens::verify, ES256\n");
  for (const auto& [name, family] : tokens_by_family)
    std::printf("%-14s %5d %9.1f us  %s\n", name.c_str(), family.count, family.longest, family.id.c_str());
  std::printf("%-14s %5d %9.3f us  %s\n", "a megabyte", megabyte.count, megabyte.longest, megabyte.id.c_str());
  std::printf("\nrefused, the longest of a family    a whole line of the verdict protocol, its key loaded\n");
  for (const auto& [name, family] : lines_by_family)
    std::printf("%-14s %5d %9.1f us  %s\n", name.c_str(), family.count, family.longest, family.id.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  if (sodium_init() < 0 || rounds < 1) return 1;
  for (const Algorithm algorithm : all_algorithms) compare(algorithm, rounds);
  measure_refusals();
  return 0;
}
