#include "vectors/hostile.hpp"

#include <cstdio>
#include <cstring>

// authkit_hostile lines             "ok" or "reject", a tab and a line of the verdict protocol: all vectors, typed in and made
// authkit_hostile access SECRET     access tokens for a verifier with token.algorithm HS256, this token.secret and default issuer and
//                                   audience: "ok ID LENGTH" or "reject ID LENGTH" on a line, then so many bytes and a line end

namespace {

using namespace authkit;

bool write(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); }
std::string verdict(bool ok) { return ok ? "ok" : "reject"; }

bool write_lines() {
  bool good = true;
  std::vector<test::VectorLine> lines = test::standard_lines(AUTHKIT_VECTORS "/token");
  lines.insert(lines.end(), test::hostile_lines().begin(), test::hostile_lines().end());
  for (const test::VectorLine& line : lines) good = good && write(verdict(line.ok) + "\t" + line.line + "\n");
  return good;
}

bool write_access_tokens(std::string_view secret) {
  const auto key = Key::from_secret(secret, Algorithm::HS256);
  if (!key) return std::fprintf(stderr, "authkit_hostile: %s\n", key.error().message().c_str()), false;
  bool good = true;
  for (const test::TokenVariant& variant : test::hostile_access_tokens(*key, {}, system_now()))
    good = good && write(verdict(variant.ok) + " " + variant.id + " " + std::to_string(variant.token.size()) + "\n" + variant.token + "\n");
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "lines") == 0) return write_lines() && std::fflush(stdout) == 0 ? 0 : 1;
  if (argc == 3 && std::strcmp(argv[1], "access") == 0) return write_access_tokens(argv[2]) && std::fflush(stdout) == 0 ? 0 : 1;
  std::fputs("usage: authkit_hostile lines | access SECRET\n", stderr);
  return 2;
}
