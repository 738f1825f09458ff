#include "beast_limit.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <vector>

namespace {

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

int main(int argc, char** argv) {
  Es256 es256;
  return limit::serve(argc, argv, [&] { es256.verify(); });
}
