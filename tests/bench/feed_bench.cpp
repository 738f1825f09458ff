#include "authkit/revocation.hpp"

#include "core/in_transaction.hpp"
#include "core/random.hpp"
#include "db/sql_database.hpp"
#include "revocation/redis_revocation_stream.hpp"
#include "revocation/sql_revocation_store.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <random>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

// feed_bench COUNT RATE [drop]: one process revokes that many tokens, RATE a second, in PostgreSQL and through Redis (AUTHKIT_TEST_POSTGRESQL,
// AUTHKIT_TEST_REDIS), and another asks for each until it is refused. `drop`: one entry in ten never goes to Redis. Prints JSON.

namespace {

using namespace authkit;
using std::chrono::steady_clock;

constexpr auto poll_interval = std::chrono::seconds(1);

/// As random as ids are: both processes know them by number.
TokenId token_of(std::uint64_t number, const TokenId& salt) {
  std::uint64_t start;
  std::memcpy(&start, salt.bytes.data(), sizeof start);
  std::mt19937_64 random(start + number);
  TokenId id;
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint64_t bits = random();
    std::memcpy(id.bytes.data() + half * sizeof bits, &bits, sizeof bits);
  }
  return id;
}

std::int64_t now_ns() { return steady_clock::now().time_since_epoch().count(); }

/// Loses one entry in ten on the way to Redis.
class Leaky : public RevocationStream {
 public:
  Leaky(std::shared_ptr<RevocationStream> stream, bool leaks) : stream_(std::move(stream)), leaks_(leaks) {}
  void publish(const RevocationEntry& entry) override {
    if (!leaks_ || ++count_ % 10 != 0) stream_->publish(entry);
  }
  void listen(Listener listener) override { stream_->listen(std::move(listener)); }

 private:
  std::shared_ptr<RevocationStream> stream_;
  const bool leaks_;
  std::atomic<unsigned> count_{0};
};

/// What both processes have: the feed in PostgreSQL and the stream in Redis.
struct Process {
  Process(const std::string& tenant, bool leaks) {
    DatabaseOptions options;
    options.url = std::getenv("AUTHKIT_TEST_POSTGRESQL");
    options.deadline = std::chrono::seconds(5);
    database = as_sql(Database::open(options).value());
    const auto client = [] { return std::shared_ptr<redis::Client>(redis::Client::open(std::getenv("AUTHKIT_TEST_REDIS")).value()); };
    const auto stream = std::make_shared<RedisRevocationStream>(client(), client(), tenant, std::chrono::minutes(15), system_now);
    revocations =
        Revocations::open({}, std::make_shared<SqlRevocationStore>(database, tenant), system_now, std::make_shared<Leaky>(stream, leaks)).value();
  }
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<Revocations> revocations;
};

/// The moment each revocation was confirmed, in memory that both share.
struct Board {
  explicit Board(std::size_t count)
      : size(count * sizeof(std::atomic<std::int64_t>)),
        times(static_cast<std::atomic<std::int64_t>*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  std::size_t size;
  std::atomic<std::int64_t>* times;
};

void revoke_all(Process& process, const Board& board, std::size_t count, double rate, const TokenId& salt) {
  const auto begun = steady_clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_until(begun +
                                  std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(static_cast<double>(i) / rate)));
    RevocationEntry entry;
    entry.kind = RevocationKind::token;
    entry.id = token_of(i, salt).bytes;
    entry.not_after = system_now() + std::chrono::minutes(15);
    while (!in_transaction(*process.database, {}, [&](Tx& tx) { return process.revocations->revoke(tx, entry); }))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    board.times[i].store(now_ns());
  }
}

/// Seconds from each revocation's confirmation to its refusal here.
std::vector<double> watch_all(Process& process, const Board& board, std::size_t count, const TokenId& salt) {
  std::atomic<bool> done{false};
  std::thread maintenance([&] {
    for (auto due = steady_clock::now(); !done; std::this_thread::sleep_for(std::chrono::milliseconds(20))) {
      if (steady_clock::now() < due && !process.revocations->wants_poll()) continue;
      static_cast<void>(process.revocations->poll());
      due = steady_clock::now() + poll_interval;
    }
  });
  std::vector<double> delays;
  std::vector<std::size_t> accepted;  // revoked, and not refused here yet
  for (std::size_t next = 0; delays.size() < count;) {
    while (next < count && board.times[next].load() != 0) accepted.push_back(next++);
    std::erase_if(accepted, [&](std::size_t i) {
      if (process.revocations->check(token_of(i, salt), {}, {}, 0, system_now())) return false;
      delays.push_back(static_cast<double>(now_ns() - board.times[i].load()) / 1e9);
      return true;
    });
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
  done = true;
  maintenance.join();
  return delays;
}

std::atomic<int> trapped{0};

/// System calls of a thread that does nothing but check, a million times, while entries arrive.
int system_calls_of_checks(const Revocations& revocations) {
  std::signal(SIGSYS, [](int) { ++trapped; });
  std::thread([&] {
    sock_filter program[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 3, 0),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 2, 0),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 1, 0),  // the end of the thread
                             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
                             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) std::abort();
    const TokenId nobody{};
    for (int i = 0; i < 1'000'000; ++i) {
      if (!revocations.check(nobody, {}, {}, 1, Time(Duration(2'000'000'000'000)))) std::abort();
    }
    syscall(SYS_exit, 0);
  }).join();
  return trapped;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || std::getenv("AUTHKIT_TEST_POSTGRESQL") == nullptr || std::getenv("AUTHKIT_TEST_REDIS") == nullptr) {
    std::fputs("usage: feed_bench COUNT RATE [drop], with AUTHKIT_TEST_POSTGRESQL and AUTHKIT_TEST_REDIS\n", stderr);
    return 2;
  }
  const std::size_t entries = std::strtoul(arguments[1], nullptr, 10);
  const double rate = std::atof(arguments[2]);
  const bool leaks = count > 3 && std::strcmp(arguments[3], "drop") == 0;
  const Board board(entries);
  const TokenId salt = random_id<TokenId>().value();
  const std::string tenant = to_text(salt);
  // Before there are threads, which a fork would leave behind.
  const pid_t first = fork();
  if (first == 0) {
    DatabaseOptions options;
    options.url = std::getenv("AUTHKIT_TEST_POSTGRESQL");
    std::_Exit(Database::open(options).value()->migrate_up(system_now()) ? 0 : 1);
  }
  waitpid(first, nullptr, 0);
  const pid_t child = fork();
  if (child == 0) {
    Process process(tenant, leaks);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    revoke_all(process, board, entries, rate, salt);
    std::_Exit(0);
  }
  Process process(tenant, false);
  auto delays = watch_all(process, board, entries, salt);
  waitpid(child, nullptr, 0);
  std::sort(delays.begin(), delays.end());
  const auto at = [&](double part) { return 1000 * delays[static_cast<std::size_t>(part * static_cast<double>(delays.size() - 1))]; };
  std::printf("{\"revocations\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,\"system_calls\":%d}\n", delays.size(), at(0.5),
              at(0.99), at(0.999), at(1), system_calls_of_checks(*process.revocations));
  return 0;
}
