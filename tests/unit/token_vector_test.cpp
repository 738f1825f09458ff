#include "authkit/verifier.hpp"

#include "vectors/hostile.hpp"
#include "vectors/stopwatch.hpp"
#include "vectors/test_keys.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace authkit;
using namespace authkit::test;

namespace {

/// Ten times what is promised of a refusal, so that a busy machine does not fail the test.
constexpr double refusal_bound = 10 * 0.005;

void check_verdicts(const std::vector<VectorLine>& lines) {
  std::set<std::string> ids;
  std::string slowest;
  double longest = 0;
  for (const VectorLine& vector : lines) {
    std::string answer;
    const double seconds = shortest_of_three(refusal_bound, [&] { answer = answer_vector_line(vector.line); });
    CHECK_MESSAGE((answer == "ok") == vector.ok, vector.id, ": ", answer);
    CHECK_MESSAGE((vector.ok || answer.substr(0, 7) == "reject "), vector.id, ": ", answer);
    CHECK_MESSAGE(ids.insert(vector.id).second, vector.id, " is there twice");
    if (vector.ok || vector.line.size() > 100'000) continue;  // of those the line itself is what takes long to read
    CHECK_MESSAGE(seconds < refusal_bound, vector.id, " took ", seconds, " s");
    if (seconds > longest) longest = seconds, slowest = vector.id;
  }
  MESSAGE(lines.size(), " lines; the slowest refusal, ", slowest, ", took ", longest * 1e3, " ms");
}

std::size_t count_ok(const std::vector<VectorLine>& lines) {
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](const VectorLine& line) { return line.ok; }));
}

}  // namespace

TEST_CASE("the examples of RFC 7515, 7517, 7519, 7520, 7638, 7797, 8037 and the vectors of RFC 4231, 4868, 6979, 8032 get their verdicts") {
  const std::vector<VectorLine> lines = standard_lines(AUTHKIT_VECTORS "/token");
  CHECK(lines.size() >= 100);
  CHECK(count_ok(lines) >= 35);
  check_verdicts(lines);
}

TEST_CASE("every hostile token and key is refused, and what is legitimate is accepted") {
  const std::vector<VectorLine>& lines = hostile_lines();
  CHECK(lines.size() >= 4000);
  CHECK(count_ok(lines) >= 150);
  check_verdicts(lines);
}

TEST_CASE("no family of hostile tokens is missing") {
  std::set<std::string> families, ids;
  for (const VectorLine& line : hostile_lines()) {
    families.insert(family_of(line.id));
    ids.insert(line.id);
  }
  for (const std::string& family : std::vector<std::string>{"none", "confusion", "key", "set", "header_key", "crit", "kid", "typ", "serial", "tamper",
                                                            "ecdsa", "eddsa", "rsa", "hmac", "claims", "json_header", "json_claims", "size"})
    CHECK_MESSAGE(families.count(family) == 1, family);
  // those that stand for a defect others had
  for (const char* id : {"confusion.rsa_pem_leading_space_as_secret_HS256",
                         "confusion.rsa_jwk_without_alg_HS256_empty",
                         "confusion.ec_ssh_as_secret_HS256",
                         "confusion.okp_ssh_as_secret_HS256",
                         "confusion.rsa_pkcs1_pem_as_secret_HS256",
                         "serial.unprotected_alg_ES256",
                         "tamper.sig_zero_ES256",
                         "tamper.sig_zero_ES384",
                         "tamper.sig_zero_ES512",
                         "ecdsa.r0_s0_ES256",
                         "ecdsa.rn_ES384",
                         "ecdsa.giant_32000_ES256",
                         "serial.polyglot_RS256",
                         "claims.iss_prefix_ES256",
                         "claims.aud_empty_list_ES256",
                         "serial.a_million_dots_ES256",
                         "crit.zip_def_ES256",
                         "serial.jwe_pbes2_ES256",
                         "serial.jwe_dir_ES256",
                         "json_claims.deep_2000_ES256",
                         "json_claims.dup_roles_ES256",
                         "key.rsa_n_huge_128000",
                         "key.rsa_e_huge",
                         "eddsa.key_identity",
                         "eddsa.key_mixed_order",
                         "key.hmac_0_bytes_HS256"})
    CHECK_MESSAGE(ids.count(id) == 1, id);
}

TEST_CASE("a key without kid is known by its RFC 7638 thumbprint") {
  CHECK(test_key(Algorithm::RS256).id() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");  // RFC 7638 section 3.1
  CHECK(test_key(Algorithm::EdDSA).id() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");  // RFC 8037 appendix A.3
}

TEST_CASE("lines that are no lines are rejected") {
  for (const std::string& line :
       std::vector<std::string>{"", " ", "x", "null", "[]", "{}", R"({"mode":"jwt"})", R"({"mode":"JWS","alg":"HS256","jwk":"{}","token":"a.b.c"})",
                                R"({"mode":"jws","alg":"HS256","jwk":"{}","token":7})", R"({"mode":"jws","alg":"HS256","jwk":{},"token":"a.b.c"})",
                                R"({"mode":"raw","alg":"HS256","jwk":"{}","msg":"====","sig":""})"})
    CHECK_MESSAGE(answer_vector_line(line).substr(0, 7) == "reject ", line);
  // an option that is not known may have been meant to forbid something
  const std::vector<VectorLine> lines = standard_lines(AUTHKIT_VECTORS "/token");
  const auto good = std::find_if(lines.begin(), lines.end(), [](const VectorLine& line) { return line.id == "rfc7515.a1_claims"; });
  REQUIRE(good != lines.end());
  for (const char* option :
       {R"("audience":"x",)", R"("now":"1",)", R"("leeway":-1,)", R"("require":"sub",)", R"("typ":"",)", R"("max_token_bytes":0,)", R"("aud":7,)"}) {
    std::string line = good->line;
    line.insert(line.find(R"("opts":{)") + 8, option);
    CHECK_MESSAGE(answer_vector_line(line).substr(0, 7) == "reject ", option);
  }
}

TEST_CASE("a verifier with keys of several algorithms takes the one it states") {
  const std::vector<Key> keys{test_key(Algorithm::ES256), test_key(Algorithm::EdDSA), test_key(Algorithm::HS256)};
  const Time noon{std::chrono::seconds(1'800'000'000)};
  const auto made_with = [noon](Algorithm algorithm) {
    const Tokens tokens = Tokens::open({}, KeyRing::fixed({test_key(algorithm)}, {}).value(), [noon] { return noon; }).value();
    UserId user;
    user.bytes[0] = 1;
    return tokens.issue({.subject = user}).value().token;
  };
  for (const Algorithm stated : {Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256}) {
    VerifyOptions options;
    options.algorithm = stated;
    options.audiences = {"authkit"};
    options.now = noon;
    for (const Algorithm made : {Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256}) {
      CHECK(verify_jws(made_with(made), keys, options).has_value() == (made == stated));
      CHECK(verify_jwt(made_with(made), keys, options).has_value() == (made == stated));
    }
  }
}
