#include "authkit/password.hpp"

#include "measure.hpp"
#include "vectors/stopwatch.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

// password_bench [ROUNDS]                           Passwords::verify against libsodium's crypto_pwhash of the same parameters
// password_bench --ceiling SECONDS THREADS [own]    what crypto_pwhash alone gives on that many threads, or our own kernel: hashes a second

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

void own_hash() {
  static const auto passwords = authkit::Passwords::open().value();
  measure::keep(passwords.hash(password_text).value());
}

int ceiling(double seconds, int threads, void (*hash)()) {
  std::atomic<long> done{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> workers;
  const double taken = measure::seconds_of([&] {
    for (int i = 0; i < threads; ++i) {
      workers.emplace_back([&] {
        while (!stop) {
          hash();
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
  const std::string bcrypt = "$2b$08$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC", wrong = "wrong";
  const std::string tail = "$ew+htLaW0ro3RkhJCaFUig$ugp2YZngu96z358U0+Eq9Gzy/woXPsmQFLl2x+q1O/I";
  struct Row {
    const char* name;
    std::string stored, password;
    measure::Series mismatch{};
  };
  Row rows[] = {{"Argon2id, 64 KiB", "$argon2id$v=19$m=64,t=1,p=1" + tail, wrong},
                {"Argon2id, 4 MiB, 3 passes", "$argon2id$v=19$m=4096,t=3,p=1" + tail, wrong},
                {"Argon2i, 8 MiB, 4 lanes", "$argon2i$v=19$m=8192,t=3,p=4" + tail, wrong},
                {"bcrypt, cost 4", "$2b$04" + bcrypt.substr(6), wrong},
                {"bcrypt, cost 8", bcrypt, wrong},
                {"bcrypt, nothing given", bcrypt, ""},
                {"bcrypt, 73 bytes given", bcrypt, std::string(73, 'x')},
                {"bcrypt, 1,025 bytes given", bcrypt, std::string(1025, 'x')},
                {"bcrypt, a NUL given", bcrypt, std::string("wro\0ng", 6)},
                {"PBKDF2, 30,000 rounds", "pbkdf2_sha256$30000$1gdBWP1MQ08KG9Lm2xvtud$WKZJGzkEz9mf/EcY9UoXwzdAcYyWueDn9iQm+4ETyNM=", wrong},
                {"scrypt, N=1024", "scrypt:1024:8:1$iOe4vZPkqLoDDRZ8$" + std::string(128, '0'), wrong},
                {"sha512-crypt", "$6$SpHVH9RBzxpeNgt9$NF0pb8hfW5ykNzDOc2HtslJYSVTxXSYE5m/akpdMbw9x/xsKDMt44di8YSie/jMeJc15GDPcLFiwfRNDeOlDe0", wrong},
                {"yescrypt, 1 MiB", "$y$j75$F5Jx5fExrKuPp53xLKQ..1$y8e1eitiNDaQsFFW6d.9KbSTlk5zV3R3coZQtfcNAO5", wrong},
                {"no password", "!", wrong}};
  measure::Series absent;
  const auto timed = [](const auto& call) { return authkit::test::processor_seconds(call) * 1e3; };
  for (int sample = 0; sample < samples; ++sample) {
    absent.values.push_back(timed([&] { measure::keep(passwords.verify_absent(wrong)); }));
    for (Row& row : rows) row.mismatch.values.push_back(timed([&] { measure::keep(passwords.verify(row.password, row.stored)); }));
  }
  for (const Row& row : rows)
    std::printf("wrong password, stored as %-26s %8.2f ms, x %.3f of nobody's\n", row.name, row.mismatch.median(),
                row.mismatch.median() / absent.median());
}

/// What Django stores today.
void compare_pbkdf2(const authkit::Passwords& passwords, int rounds) {
  const std::string stored = "pbkdf2_sha256$600000$1gdBWP1MQ08KG9Lm2xvtud$" + std::string(43, 'A') + "=", salt = "1gdBWP1MQ08KG9Lm2xvtud";
  measure::Series openssl, ours;
  for (int round = 0; round < rounds; ++round) {
    openssl.values.push_back(measure::seconds_of([&] {
                               unsigned char out[32];
                               if (PKCS5_PBKDF2_HMAC(password_text.data(), static_cast<int>(password_text.size()),
                                                     reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), 600'000,
                                                     EVP_sha256(), sizeof out, out) != 1)
                                 std::abort();
                               measure::keep(out);
                             }) *
                             1e3);
    ours.values.push_back(measure::seconds_of([&] { measure::keep(passwords.verify(password_text, stored)); }) * 1e3);
  }
  openssl.print("OpenSSL's PBKDF2-SHA256, 600,000 rounds", "ms");
  ours.print("Passwords::verify of the same", "ms");
  std::printf("verify / OpenSSL's PBKDF2 %.2f x\n", ours.median() / openssl.median());
}

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 1;
  if (argc >= 4 && std::strcmp(argv[1], "--ceiling") == 0)
    return ceiling(std::atof(argv[2]), std::atoi(argv[3]), argc == 5 && std::strcmp(argv[4], "own") == 0 ? own_hash : raw_hash);

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
  compare_pbkdf2(passwords, rounds);
  compare_mismatches(passwords, rounds * 15);
  return 0;
}
