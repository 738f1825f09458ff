#include "authkit/auth.hpp"

#include "ticker.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace authkit {
namespace {

constexpr std::chrono::seconds report_every{60};
constexpr Duration deliver_every{500};

/// Logs the first failure, then at most one a minute with the count of those since. Success says nothing: most calls have nothing to do.
class Reports {
 public:
  explicit Reports(const Logger& log) : log_(log) {}

  template <class Outcome>
  void take(const Outcome& outcome) {
    if (outcome) return;
    ++failures_;
    const auto now = std::chrono::steady_clock::now();
    if (now < quiet_until_) return;
    quiet_until_ = now + report_every;
    log_.write(LogLevel::warning, "maintenance failed",
               {{"error", outcome.error().message()}, {"failures", static_cast<std::int64_t>(std::exchange(failures_, 0))}});
  }

 private:
  const Logger& log_;
  std::chrono::steady_clock::time_point quiet_until_{};
  std::size_t failures_ = 0;
};

}  // namespace

struct Maintenance::Impl {
  Reports reports, delivery_reports;
  Ticker ticker, delivery;

  Impl(Auth& auth, Duration interval)
      : reports(auth.log()),
        delivery_reports(auth.log()),
        ticker("authkit-maint", interval, [this, &auth] { reports.take(auth.maintain()); }),
        delivery("authkit-mail", std::max(interval, deliver_every), [this, &auth] { delivery_reports.take(auth.deliver()); }) {}
};

Maintenance::Maintenance(Auth& auth, Duration interval) : impl_(std::make_unique<Impl>(auth, interval)) {}
Maintenance::~Maintenance() = default;

}  // namespace authkit
