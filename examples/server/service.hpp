#pragma once

#include "app.hpp"

#include <chrono>

namespace authkit::server {

/// What a listener serves. Thread safety: any number of threads.
class Service {
 public:
  virtual ~Service() = default;
  /// Where the request is to be answered. Called on an I/O thread: must not wait.
  virtual Plan plan(const Request& request) const = 0;
  virtual Response answer(const Request& request) = 0;
  /// The answer to what is not dispatched; when the bytes were no request, only its peer is set.
  virtual Response refuse(const Request& request, const Error& error) = 0;
  /// An answer is on its way: the access log.
  virtual void answered(const Request& request, const Response& response, std::chrono::microseconds took) = 0;
};

/// The routes over an App.
class AppService final : public Service {
 public:
  explicit AppService(App& app) : app_(app) {}
  Plan plan(const Request& request) const override { return server::plan(app_, request); }
  Response answer(const Request& request) override { return dispatch(app_, request); }
  Response refuse(const Request& request, const Error& error) override { return server::refuse(app_, request, error); }
  void answered(const Request& request, const Response& response, std::chrono::microseconds took) override;

 private:
  App& app_;
};

}  // namespace authkit::server
