// A program of its own, as it replaces operator new: checking an access token takes nothing from the heap once its thread is warm.
#include "authkit/token.hpp"

#include <openssl/crypto.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> allocations{0};
std::atomic<long> openssl_allocations{0};

void* counted(std::size_t size) {
  ++allocations;
  if (void* data = std::malloc(size == 0 ? 1 : size)) return data;
  throw std::bad_alloc();
}

void* openssl_malloc(std::size_t size, const char*, int) {
  ++openssl_allocations;
  return std::malloc(size);
}
void* openssl_realloc(void* data, std::size_t size, const char*, int) {
  ++openssl_allocations;
  return std::realloc(data, size);
}
void openssl_free(void* data, const char*, int) { std::free(data); }

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* data) noexcept { std::free(data); }
void operator delete[](void* data) noexcept { std::free(data); }
void operator delete(void* data, std::size_t) noexcept { std::free(data); }
void operator delete[](void* data, std::size_t) noexcept { std::free(data); }

namespace {

using namespace authkit;

constexpr int rounds = 100;

/// What `rounds` checks of `token` took from operator new.
long allocations_of(const Tokens& tokens, const std::string& token, bool valid) {
  for (int i = 0; i < 3; ++i)
    if (tokens.verify(token).has_value() != valid) return -1;
  const long before = allocations;
  for (int i = 0; i < rounds; ++i)
    if (tokens.verify(token).has_value() != valid) return -1;
  return allocations - before;
}

bool holds(const char* what, Algorithm algorithm, long found) {
  std::printf("%.*s, %s: %ld allocations in %d checks, of OpenSSL's own %ld\n", static_cast<int>(to_text(algorithm).size()),
              to_text(algorithm).data(), what, found, rounds, openssl_allocations.exchange(0));
  return found == 0;
}

}  // namespace

int main() {
  if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1) return 1;
  int passed = 0, failed = 0;
  const auto count = [&](bool is_right) { ++(is_right ? passed : failed); };
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA}) {
    const auto ring = KeyRing::fixed({Key::generate(algorithm).value(), Key::generate(Algorithm::HS512).value()}, {}).value();
    const Tokens tokens = Tokens::open({}, ring).value();
    const std::string token =
        tokens.issue({.subject = {{1}}, .session = {{2}}, .acr = "urn:x", .amr = {"pwd", "otp"}, .roles = {"a", "b"}}).value().token;
    openssl_allocations = 0;
    count(holds("right", algorithm, allocations_of(tokens, token, true)));
    count(holds("with escapes", algorithm,
                allocations_of(tokens, tokens.issue({.subject = {{1}}, .acr = "a\"b", .roles = {"\n"}}).value().token, true)));
  }
  // That the count counts: a payload over the inline kilobyte is kept on the heap, once a check.
  const Tokens tokens = Tokens::open({}, KeyRing::fixed({Key::generate(Algorithm::HS256).value()}, {}).value()).value();
  const std::string large = tokens.issue({.subject = {{1}}, .roles = {std::string(1200, 'r')}}).value().token;
  count(allocations_of(tokens, large, true) == rounds);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
