#include "unit/key_samples.hpp"

#include <map>

namespace authkit::test {
namespace {

// Of no deployment.
constexpr std::string_view rsa_jwk =
    R"X({"kty":"RSA","n":"0xgmzRhuK5dHVgupt9iUgikkyoy_Cvurnkk4_JyIYVJWA_pM-0JA-IDIeCeQPGaFlc1al_DnBBg5INMA4OcL0yHwQVcqErg-jmoyPImA-zxk640U)X"
    R"X(nlHMZ03bCeJkm7Q6S3wcEECU_vlJ1GR1yX6aVnRPExoWvpyLgEkKfosWoOoG7jYKUK5fQjKRsMrxID-il51U0gULMatZ-kOe-LZgEfdZs-AC7PUCF6Et4WNYNJhsH5h-mb)X"
    R"X(jvbx1_b9ZgKLz3fTbbpPwEWmGFim8rOf_wht8vi0HOjUMuvP9XadTjXtwKMhUNd_ngF4wMA29Qzs0n-kVdmHRuv-OMLP4RAJUe4w","e":"AQAB","d":"AWnSyK8pl0a6)X"
    R"X(BlkQCwt6_Kwd2b7us7ofptdCqtGGSdbtShvtuNKNJAM1h5ufaAG5UnMMVwjlfK3ucMo44hVp8aeM6w_hJKLxkeG88fhrUdzqDngXwHLRW_FPgbw8UQNetVnglKATrByRlZ)X"
    R"X(R4NwZb-vw1LO5dyWtVTvr7BDUWMuZn62bdKK4oYTbu2XfgSVVSoy83rc0g_TerxpOq1u1lN9ASfEmK9Ge2gcV8wQLcAuL253ZQTC9cqvTo7TJlimTrbylrzt0a8zgEqe34)X"
    R"X(3AIYDJnYB9TqQ-qBMiolhXIfweUD1dkFI8oxqZFW3-aliGreFriBYHhObC3Aggwd21FKgQ","p":"9U0IeL8eTrM1NAvEgAcfGRg5Zoz_SrKQPNmITz-0YGvadplXKUrwC)X"
    R"X(7xGvW5GAT57cqdd8i7otL9fPgEdVToji49ZtJPS4XyTTj7LRxiVqTgkpYEeMqu1kaxnRzmYz2DsZ4QH7a9GLKiMWp_IwIWMoYjzbbbFPPlBiL6wzHVLqoM","q":"3E0tP)X"
    R"X(dLWJ8tdeWoHDTaGiLwmSSdheC9giyGF-m5tfpgO8dRGjOL4wxWUtQBKt0FjGw74pZAd6JcFCG3za4zI5P9VeByHhhcdZRCx5j4HiD50oN17TA1xbYjtMN0heQcNqeCoqxi)X"
    R"X(q61i2KJ1WYijQctjR_y5pmRs992m8o2LyDCE","dp":"FW6blOEt5rZlqZx1mLIGl4y0Ry9-hqo_S_G9pR7txZbmyYHwSZ1Qh9X1YEuoNiedZZEV9jj-__vQeHxkcbPYsz)X"
    R"X(LdJZfczvKxdB6saBPPz68mFIfJeafi_01O4Lw5i7TuMsUoZC3yNaisSqa3RYrllJ-AlU9owEEO5sGydMqyx70","dq":"NghP0lwF3pjIgmD4_cqj0KGlGkgoZdvo5_b-7)X"
    R"X(19qR6Rv9exEqYV50g9W-9XofW3yKs7POXxReZygxWKCU5yiIVhm1CDbNI4yzXj8ySXpnwcCf_oSpaKecWkmE9gIv7B1L3dEp0JTmYmWk_uTFlxAVArN5rKxf7XoyugKNmC)X"
    R"X(sUUE","qi":"wbNcDuIhcOChk9jesnGbTxM9oK5CPFJPnQVzAMmBA6i4KRNCgowTYTpDAV6oyqXBI9_5fqb1ME3UXy8oRunBNo9RT60Z4gXdsH0e_yoiRzMansj0XBtW1R)X"
    R"X(sEGyKXQsf8nw-0OTWUk_82FwNTQ7gPk8GtoMHD6d9Rest8ssBr7WI"})X";

Key make(Algorithm algorithm) { return is_rsa(algorithm) ? Key::from_jwk(rsa_jwk, algorithm).value() : Key::generate(algorithm).value(); }

}  // namespace

const Key& sample_key(Algorithm algorithm) {
  static std::map<Algorithm, Key> keys;
  const auto found = keys.find(algorithm);
  return found != keys.end() ? found->second : keys.emplace(algorithm, make(algorithm)).first->second;
}

std::string edited(std::string_view jwk, std::initializer_list<std::pair<std::string_view, std::string_view>> changes) {
  json::Value document = json::parse(jwk).value();
  for (const auto& [name, text] : changes) {
    std::erase_if(document.members, [wanted = name](const json::Member& member) { return member.name == wanted; });
    if (!text.empty()) document.members.push_back({std::string(name), json::parse(text).value()});
  }
  return json::write(document);
}

std::string bytes_of(std::string_view jwk, std::string_view member) { return base64url::decode(json::parse(jwk).value().find(member)->text).value(); }

std::string quoted(std::string_view bytes) { return '"' + base64url::encode(bytes) + '"'; }

}  // namespace authkit::test
