#pragma once

// Keys that guard nothing, and one access token under each.
#include <string_view>

namespace authkit::fuzz {

inline constexpr std::string_view hmac_secret = "a secret that guards nothing but fuzzers";

inline constexpr std::string_view ec_private_jwk =
    R"X({"kty":"EC","crv":"P-256","x":"rwsBsiGR7hD-LBknKvDxoJq_1NiE4k8524SuhMgms5I","y":"7yCRJJL4emDoZTTlnTpT1cAbh7bNbWmHVLdD6AF25sI","d":)X"
    R"X("jRqXj8xL4RTRo1JOGZOIr0egioDev1JvxH_-yQe3ee8","use":"sig","alg":"ES256","kid":"ec"})X";

inline constexpr std::string_view ec_token =
    R"X(eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImVjIn0.eyJpc3MiOiJhdXRoa2l0IiwiYXVkIjoiYXV0aGtpdCIsInN1YiI6IjAxMDIwMzA0MDUwNjA3MD)X"
    R"X(gwOTBhMGIwYzBkMGUwZjEwIiwiZXhwIjoxODAwMDAwOTAwLCJpYXQiOjE4MDAwMDAwMDB9.eg5Fe4VBLC9ejp8aHi_oHz6bOsoWiHr6vSSOp8JvWyRdj-oqxHGnuRVJZfG)X"
    R"X(xEsgQ1bWgbQzGo8bHK1BjJ3lG1Q)X";

inline constexpr std::string_view ed_private_jwk =
    R"X({"kty":"OKP","crv":"Ed25519","x":"GLxOAX82UDHnVMb6xLFsz5y_5qYiXmjAaIOepFcmLrA","d":"FbVn6gG1VbuXwJ2qf6SiWflLE85smzLMN0FMn1jOK6o",")X"
    R"X(use":"sig","alg":"EdDSA","kid":"ed"})X";

inline constexpr std::string_view ed_token =
    R"X(eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImVkIn0.eyJpc3MiOiJhdXRoa2l0IiwiYXVkIjoiYXV0aGtpdCIsInN1YiI6IjAxMDIwMzA0MDUwNjA3MD)X"
    R"X(gwOTBhMGIwYzBkMGUwZjEwIiwiZXhwIjoxODAwMDAwOTAwLCJpYXQiOjE4MDAwMDAwMDB9.i9QxjAiXMQJc-WZPW7MqUi9qI_xGn5vRq3krtgo2GjoO_QwA7lcLFkQ59mM)X"
    R"X(wgOl6hkUe4l1jKhXd_72gX7hdAg)X";

inline constexpr std::string_view rsa_private_jwk =
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
    R"X(sEGyKXQsf8nw-0OTWUk_82FwNTQ7gPk8GtoMHD6d9Rest8ssBr7WI","use":"sig","alg":"RS256","kid":"rsa"})X";

inline constexpr std::string_view rsa_token =
    R"X(eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6InJzYSJ9.eyJpc3MiOiJhdXRoa2l0IiwiYXVkIjoiYXV0aGtpdCIsInN1YiI6IjAxMDIwMzA0MDUwNjA3M)X"
    R"X(DgwOTBhMGIwYzBkMGUwZjEwIiwiZXhwIjoxODAwMDAwOTAwLCJpYXQiOjE4MDAwMDAwMDB9.t4UVaxqAxFGlVSlIZkuimeJs9LcIQxtXzMpW_YTmXTHyTeZRL4mscpcA5w)X"
    R"X(VtvPlBTJmBIetdFaDPEAvHK2TRz7VblgNlyBWdmEPYv8UCiQG9Sl7_sW3LhdwBHv9E0Zcq3cLMEmWZZTMe_h81S8fQhv84uFDm1R9paWaIVFXG5XeI51VeXE3P6VOQptVV)X"
    R"X(Rh79KdhW8bi18jFlxEHJM69LCNCPkMIlFXmzcMoalSBZprgVJ9TvE1JXM2_olGKeyEfUdEPInbBg7cVivfoEq7w-3OJw1Hw3GiRo5Ha3nabv_XEN8pamzz4q8sVlPKA_sE)X"
    R"X(tx2EgoeTscVFGDq6ZCka1Gcg)X";

}  // namespace authkit::fuzz
