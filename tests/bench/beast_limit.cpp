// The limit that the example server is measured against: one thread, callbacks, no routing, one answer of 200 bytes.
// With `es256` after the port, one bare ES256 check a request.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace asio = boost::asio;
using asio::ip::tcp;

/// Called for every request, before the answer.
using Work = std::function<void()>;

std::string body() {
  std::string json = R"({"id":"0190c7a2-6b1e-7c3d-9f00-5a8e4b21c377","email":"bench@example.com","email_verified":true,"roles":["user"],"fill":")";
  json.resize(198, 'x');
  return json + "\"}";
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Work& work) : stream_(std::move(socket)), work_(work) {}

  void read() {
    request_ = {};
    stream_.expires_after(std::chrono::seconds(30));
    http::async_read(stream_, buffer_, request_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->answer();
    });
  }

 private:
  void answer() {
    static const std::string json = body();
    work_();
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = json;
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  const Work& work_;
};

void accept(tcp::acceptor& acceptor, const Work& work) {
  acceptor.async_accept([&](beast::error_code error, tcp::socket socket) {
    if (!error) {
      socket.set_option(tcp::no_delay(true));
      std::make_shared<Session>(std::move(socket), work)->read();
    }
    accept(acceptor, work);
  });
}

/// One signed text of a usual token's length, and the context that verifies it: made once, used for every request.
class Es256 {
 public:
  Es256() : message_(600, 'm'), key_(EVP_EC_gen("P-256"), EVP_PKEY_free), sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free) {
    const auto digest = hash();
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> signer(EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
    std::size_t size = 128;
    signature_.resize(size);
    if (EVP_PKEY_sign_init(signer.get()) != 1 || EVP_PKEY_sign(signer.get(), signature_.data(), &size, digest.data(), digest.size()) != 1)
      std::abort();
    signature_.resize(size);
    verifier_.reset(EVP_PKEY_CTX_new(key_.get(), nullptr));
    if (EVP_PKEY_verify_init(verifier_.get()) != 1) std::abort();
  }

  void verify() {
    const auto digest = hash();
    if (EVP_PKEY_verify(verifier_.get(), signature_.data(), signature_.size(), digest.data(), digest.size()) != 1) std::abort();
  }

 private:
  std::array<unsigned char, 32> hash() const {
    std::array<unsigned char, 32> digest;
    if (EVP_Digest(message_.data(), message_.size(), digest.data(), nullptr, sha256_.get(), nullptr) != 1) std::abort();
    return digest;
  }

  std::string message_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha256_;
  std::vector<unsigned char> signature_;
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> verifier_{nullptr, EVP_PKEY_CTX_free};
};

}  // namespace

/// Serves on 127.0.0.1 at the port of the command line until it is killed.
int main(int argc, char** argv) {
  const bool es256 = argc == 3 && std::string_view(argv[2]) == "es256";
  if (argc != 2 && !es256) {
    std::cerr << "usage: " << argv[0] << " PORT [es256]\n";
    return 2;
  }
  Es256 check;
  const Work work = es256 ? Work([&] { check.verify(); }) : Work([] {});
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(std::atoi(argv[1]))});
  accept(acceptor, work);
  context.run();
  return 0;
}
