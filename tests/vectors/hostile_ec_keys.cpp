#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/json.hpp"
#include "token/openssl.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <fmt/format.h>
#include <openssl/ec.h>

namespace authkit::test {
namespace {

using namespace std::string_literals;
using GroupPtr = std::unique_ptr<EC_GROUP, OpensslFree<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, OpensslFree<EC_POINT_free>>;

constexpr std::string_view payload = R"({"sub":"x"})";

std::string encoded(std::string_view bytes) { return quote(base64url::encode(bytes)); }
std::string ec_jwk(std::string_view curve, std::string_view x, std::string_view y) {
  return object({{"kty", R"("EC")"}, {"crv", quote(curve)}, {"x", encoded(x)}, {"y", encoded(y)}});
}

std::string padded(const BIGNUM* value, std::size_t size = 32) {
  std::string out(size, '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size));
  return out;
}

/// A P-256 key under which a chosen (r, s) is the signature of the token: Q = (s R - e G) / r for a point R with that r for its x.
struct Forged {
  std::string jwk, input, r, s, order;
};

Forged forge(unsigned x_from, unsigned s_value) {
  const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const NumberContextPtr context(BN_CTX_new());
  const BIGNUM* n = EC_GROUP_get0_order(group.get());
  const NumberPtr r(BN_new()), s(BN_new()), e(BN_new()), u(BN_new()), inverse(BN_new()), x(BN_new()), y(BN_new());
  BN_set_word(s.get(), s_value);
  const PointPtr point(EC_POINT_new(group.get())), key(EC_POINT_new(group.get()));
  for (BN_set_word(r.get(), x_from); EC_POINT_set_compressed_coordinates(group.get(), point.get(), r.get(), 0, context.get()) != 1;)
    BN_add_word(r.get(), 1);

  Forged out;
  out.input = base64url::encode(R"({"alg":"ES256"})"s) + "." + base64url::encode(payload);
  const Digest256 digest = sha256(as_bytes(out.input));
  BN_bin2bn(digest.data(), 32, e.get());
  BN_mod_inverse(inverse.get(), r.get(), n, context.get());
  BN_mod_mul(u.get(), e.get(), inverse.get(), n, context.get());
  BN_sub(u.get(), n, u.get());  // -e / r
  BN_mod_mul(x.get(), s.get(), inverse.get(), n, context.get());
  EC_POINT_mul(group.get(), key.get(), u.get(), point.get(), x.get(), context.get());
  EC_POINT_get_affine_coordinates(group.get(), key.get(), x.get(), y.get(), context.get());
  out.jwk = ec_jwk("P-256", padded(x.get()), padded(y.get()));
  out.r = padded(r.get());
  out.s = padded(s.get());
  out.order = padded(n);
  return out;
}

std::string sum(std::string_view a, std::string_view b) {
  const auto number = [](std::string_view text) {
    return NumberPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()), nullptr));
  };
  const NumberPtr out(BN_new()), left = number(a), right = number(b);
  BN_add(out.get(), left.get(), right.get());
  return padded(out.get());
}

void add_forged(Lines& out) {
  const ErrorMark mark;  // of the points that are not there
  const Forged made = forge(5, 1);
  const auto token = [&](const std::string& r, const std::string& s) { return made.input + "." + base64url::encode(r + s); };
  out.accept("ecdsa.forged_small_r_s", "ES256", made.jwk, token(made.r, made.s));
  out.refuse("ecdsa.forged_r_plus_n", "ES256", made.jwk, token(sum(made.r, made.order), made.s));
  out.refuse("ecdsa.forged_s_plus_n", "ES256", made.jwk, token(made.r, sum(made.s, made.order)));
  out.refuse("ecdsa.forged_both_plus_n", "ES256", made.jwk, token(sum(made.r, made.order), sum(made.s, made.order)));
  out.refuse("ecdsa.forged_not_padded", "ES256", made.jwk, made.input + "." + base64url::encode(made.r.substr(31) + made.s.substr(31)));
  out.refuse("ecdsa.forged_other_message", "ES256", made.jwk,
             base64url::encode(R"({"alg":"ES256"})"s) + "." + base64url::encode(R"({"sub":"y"})"s) + "." + base64url::encode(made.r + made.s));
}

}  // namespace

void add_ec_key_lines(Lines& out) {
  add_forged(out);
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512}) {
    const std::string alg(to_text(algorithm)), curve = traits_of(algorithm).curve;
    const std::size_t size = traits_of(algorithm).field_size;
    const Key key = test_key(algorithm);
    const json::Value jwk = json::parse(key.public_jwk()).value();
    const std::string x = base64url::decode(jwk.find("x")->text).value(), y = base64url::decode(jwk.find("y")->text).value();
    const std::string input = base64url::encode("{\"alg\":" + quote(alg) + "}") + "." + base64url::encode(payload);
    const std::string token = input + "." + base64url::encode(signature_of(key, input));
    const std::string zero(size, '\0');
    const auto refuse = [&](const char* name, const std::string& text) { out.refuse(fmt::format("key.ec_{}_{}", name, alg), alg, text, token); };

    out.accept("key.ec_good_" + alg, alg, ec_jwk(curve, x, y), token);
    std::string off = y;
    off.back() = static_cast<char>(off.back() ^ 1);
    refuse("off_curve", ec_jwk(curve, x, off));
    refuse("swapped", ec_jwk(curve, y, x));
    refuse("zero", ec_jwk(curve, zero, zero));
    refuse("x_zero", ec_jwk(curve, zero, y));
    refuse("y_zero", ec_jwk(curve, x, zero));
    refuse("ones", ec_jwk(curve, std::string(size, '\xff'), std::string(size, '\xff')));
    refuse("x_short", ec_jwk(curve, x.substr(1), y));
    refuse("y_short", ec_jwk(curve, x, y.substr(1)));
    refuse("x_long", ec_jwk(curve, "\0"s + x, y));
    refuse("y_long", ec_jwk(curve, x, "\0"s + y));
    refuse("x_y_in_x", ec_jwk(curve, x + y, ""));
    refuse("boundary_moved", ec_jwk(curve, x + y.substr(0, 1), y.substr(1)));  // side by side the same bytes
    refuse("point_in_x", object({{"kty", R"("EC")"}, {"crv", quote(curve)}, {"x", encoded("\x04" + x + y)}}));
    refuse("compressed", object({{"kty", R"("EC")"}, {"crv", quote(curve)}, {"x", encoded("\x02" + x)}}));
    refuse("y_missing", object({{"kty", R"("EC")"}, {"crv", quote(curve)}, {"x", encoded(x)}}));
    refuse("x_huge", ec_jwk(curve, std::string(8000, 'x'), y));
    refuse("crv_missing", object({{"kty", R"("EC")"}, {"x", encoded(x)}, {"y", encoded(y)}}));
    refuse("crv_lower_case", ec_jwk(curve == "P-256" ? "p-256" : curve == "P-384" ? "p-384" : "p-521", x, y));
    refuse("crv_openssl_name", ec_jwk(traits_of(algorithm).group, x, y));
    refuse("crv_secp256k1", ec_jwk("secp256k1", x, y));
    refuse("crv_ed25519", ec_jwk("Ed25519", x, y));
    refuse("crv_other", ec_jwk(curve == "P-256" ? "P-384" : "P-256", x, y));
    refuse("private", key.private_jwk());
  }
  // x = p + 5 says the same point as x = 5 to a reader that reduces
  const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const NumberContextPtr context(BN_CTX_new());
  const NumberPtr field(BN_new()), x(BN_new()), y(BN_new());
  EC_GROUP_get_curve(group.get(), field.get(), nullptr, nullptr, context.get());
  const PointPtr point(EC_POINT_new(group.get()));
  BN_set_word(x.get(), 5);
  EC_POINT_set_compressed_coordinates(group.get(), point.get(), x.get(), 0, context.get());
  EC_POINT_get_affine_coordinates(group.get(), point.get(), x.get(), y.get(), context.get());
  const std::string token =
      base64url::encode(R"({"alg":"ES256"})"s) + "." + base64url::encode(payload) + "." + base64url::encode(std::string(64, '\1'));
  out.refuse("key.ec_x_not_reduced_ES256", "ES256", ec_jwk("P-256", sum(padded(x.get()), padded(field.get())), padded(y.get())), token);
}

}  // namespace authkit::test
