#pragma once

#include <curl/curl.h>

#include <memory>

/// What every use of libcurl shares.
namespace authkit::net {

template <auto Free>
struct CurlFree {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Handle = std::unique_ptr<CURL, CurlFree<curl_easy_cleanup>>;
using UrlHandle = std::unique_ptr<CURLU, CurlFree<curl_url_cleanup>>;
using Headers = std::unique_ptr<curl_slist, CurlFree<curl_slist_free_all>>;

/// libcurl counts its users, so the host's own initialisation and ours do not disturb each other. It is never undone: other threads may be in it.
inline bool start_curl() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return started;
}

class Settings {
 public:
  explicit Settings(CURL* handle) : handle_(handle) {}

  template <class T>
  Settings& set(CURLoption option, T value) {
    good_ = good_ && curl_easy_setopt(handle_, option, value) == CURLE_OK;
    return *this;
  }
  bool good() const noexcept { return good_; }

 private:
  CURL* handle_;
  bool good_ = true;
};

}  // namespace authkit::net
