#include "authkit/password.hpp"

#include "measure.hpp"

#include <sodium.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

// password_bench [ROUNDS]                     Passwords::verify against libsodium's crypto_pwhash of the same parameters
// password_bench --ceiling SECONDS THREADS    what crypto_pwhash alone gives on that many threads: hashes a second

namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory = std::size_t{19456} * 1024;
const std::string password_text = "correct horse battery staple";

void raw_hash() {
  unsigned char salt[crypto_pwhash_SALTBYTES] = {1, 2, 3}, out[32];
  if (crypto_pwhash(out, sizeof out, password_text.data(), password_text.size(), salt, passes, memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
    std::abort();
  measure::keep(out);
}

int ceiling(double seconds, int threads) {
  std::atomic<long> done{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> workers;
  const double taken = measure::seconds_of([&] {
    for (int i = 0; i < threads; ++i) {
      workers.emplace_back([&] {
        while (!stop) {
          raw_hash();
          ++done;
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    for (auto& worker : workers) worker.join();
  });
  std::printf("%.2f\n", static_cast<double>(done) / taken);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 1;
  if (argc == 4 && std::strcmp(argv[1], "--ceiling") == 0) return ceiling(std::atof(argv[2]), std::atoi(argv[3]));

  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  constexpr int hashes = 8;
  const auto passwords = authkit::Passwords::open().value();
  const std::string encoded = passwords.hash(password_text).value();
  measure::Series raw, verify, absent, ratio;
  for (int round = 0; round < rounds; ++round) {
    const double a = measure::seconds_of([] {
      for (int i = 0; i < hashes; ++i) raw_hash();
    });
    const double b = measure::seconds_of([&] {
      for (int i = 0; i < hashes; ++i) measure::keep(passwords.verify(password_text, encoded).value());
    });
    const double c = measure::seconds_of([&] {
      for (int i = 0; i < hashes; ++i) measure::keep(passwords.verify_absent(password_text));
    });
    raw.values.push_back(a * 1e3 / hashes);
    verify.values.push_back(b * 1e3 / hashes);
    absent.values.push_back(c * 1e3 / hashes);
    ratio.values.push_back(b / a);
  }
  raw.print("crypto_pwhash, 19 MiB, t=2", "ms");
  verify.print("Passwords::verify", "ms");
  absent.print("Passwords::verify_absent", "ms");
  ratio.print("verify / crypto_pwhash", "x");
  return 0;
}
