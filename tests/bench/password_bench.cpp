#include "authkit/password.hpp"

#include "measure.hpp"
#include "vectors/stopwatch.hpp"

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

/// Wrong passwords against what others stored, each beside one for nobody: time must not tell them apart.
void compare_mismatches(const authkit::Passwords& passwords, int samples) {
  const std::pair<const char*, std::string> stored[] = {
      {"Argon2id, 64 KiB", "$argon2id$v=19$m=64,t=1,p=1$ew+htLaW0ro3RkhJCaFUig$ugp2YZngu96z358U0+Eq9Gzy/woXPsmQFLl2x+q1O/I"},
      {"bcrypt, cost 4", "$2b$04$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC"},
      {"bcrypt, cost 8", "$2b$08$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC"},
      {"PBKDF2, 30,000 rounds", "pbkdf2_sha256$30000$1gdBWP1MQ08KG9Lm2xvtud$WKZJGzkEz9mf/EcY9UoXwzdAcYyWueDn9iQm+4ETyNM="},
      {"scrypt, N=1024", "scrypt:1024:8:1$iOe4vZPkqLoDDRZ8$" + std::string(128, '0')},
      {"sha512-crypt", "$6$SpHVH9RBzxpeNgt9$NF0pb8hfW5ykNzDOc2HtslJYSVTxXSYE5m/akpdMbw9x/xsKDMt44di8YSie/jMeJc15GDPcLFiwfRNDeOlDe0"},
      {"no password", "!"}};
  measure::Series absent;
  std::vector<measure::Series> mismatch(std::size(stored));
  const auto timed = [](const auto& call) { return authkit::test::processor_seconds(call) * 1e3; };
  for (int sample = 0; sample < samples; ++sample) {
    absent.values.push_back(timed([&] { measure::keep(passwords.verify_absent("wrong")); }));
    for (std::size_t i = 0; i < std::size(stored); ++i)
      mismatch[i].values.push_back(timed([&] { measure::keep(passwords.verify("wrong", stored[i].second)); }));
  }
  for (std::size_t i = 0; i < std::size(stored); ++i)
    std::printf("wrong password, stored as %-22s %8.2f ms, x %.3f of nobody's\n", stored[i].first, mismatch[i].median(),
                mismatch[i].median() / absent.median());
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
  compare_mismatches(passwords, rounds * 15);
  return 0;
}
