#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "token/key_material.hpp"
#include "vectors/workshop.hpp"

#include <openssl/hmac.h>

namespace authkit::test {
namespace {

using namespace std::string_literals;

std::string base64(std::string_view bytes) {
  std::string out(bytes.size() / 3 * 4 + 5, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  return out;
}

std::string pem(const std::string& label, std::string_view der, const std::string& line_end = "\n") {
  const std::string text = base64(der);
  std::string out = "-----BEGIN " + label + "-----" + line_end;
  for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + line_end;
  return out + "-----END " + label + "-----" + line_end;
}

std::string der(char tag, const std::string& content) {
  std::string head(1, tag);
  if (content.size() > 0xff) {
    head += "\x82"s + static_cast<char>(content.size() >> 8);
  } else if (content.size() > 0x7f) {
    head += '\x81';
  }
  return head + static_cast<char>(content.size() & 0xff) + content;
}

std::string positive(const std::string& big_endian) { return (big_endian[0] & 0x80) != 0 ? "\0"s + big_endian : big_endian; }

/// RFC 4251 section 5.
std::string ssh_text(const std::string& text) {
  std::string size(4, '\0');
  size[2] = static_cast<char>(text.size() >> 8);
  size[3] = static_cast<char>(text.size() & 0xff);
  return size + text;
}

struct Encodings {
  std::string info;   // SubjectPublicKeyInfo
  std::string inner;  // PKCS#1, or the curve point
  std::string ssh_name, ssh_blob;
};

Encodings encodings_of(const Key& key) {
  const json::Value jwk = json::parse(key.public_jwk()).value();
  const auto member = [&](const char* name) { return base64url::decode(jwk.find(name)->text).value(); };
  const AlgorithmTraits& traits = key.impl().traits();
  Encodings out;
  std::string algorithm;
  if (traits.family == KeyFamily::rsa) {
    const std::string n = positive(member("n")), e = positive(member("e"));
    out.inner = der('\x30', der('\x02', n) + der('\x02', e));
    algorithm = bytes("300d06092a864886f70d0101010500");
    out.ssh_name = "ssh-rsa";
    out.ssh_blob = ssh_text(out.ssh_name) + ssh_text(e) + ssh_text(n);
  } else if (traits.family == KeyFamily::ecdsa) {
    out.inner = "\x04" + member("x") + member("y");
    const char* curve = traits.field_size == 32 ? "06082a8648ce3d030107" : traits.field_size == 48 ? "06052b81040022" : "06052b81040023";
    algorithm = der('\x30', bytes(std::string("06072a8648ce3d0201") + curve));
    const std::string name = traits.field_size == 32 ? "nistp256" : traits.field_size == 48 ? "nistp384" : "nistp521";
    out.ssh_name = "ecdsa-sha2-" + name;
    out.ssh_blob = ssh_text(out.ssh_name) + ssh_text(name) + ssh_text(out.inner);
  } else {
    out.inner = member("x");
    algorithm = bytes("300506032b6570");
    out.ssh_name = "ssh-ed25519";
    out.ssh_blob = ssh_text(out.ssh_name) + ssh_text(out.inner);
  }
  out.info = der('\x30', algorithm + der('\x03', "\0"s + out.inner));
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> public_spellings(const Key& key) {
  const Encodings forms = encodings_of(key);
  const std::string info_pem = pem("PUBLIC KEY", forms.info), ssh = forms.ssh_name + " " + base64(forms.ssh_blob);
  const KeyFamily family = key.impl().traits().family;
  std::vector<std::pair<std::string, std::string>> out{
      {"pem", info_pem},
      {"pem_leading_space", " " + info_pem},  // CVE-2026-34950
      {"pem_leading_lines", "\n\r\n\t" + info_pem},
      {"pem_no_last_line_end", info_pem.substr(0, info_pem.size() - 1)},
      {"pem_crlf", pem("PUBLIC KEY", forms.info, "\r\n")},
      {"pem_one_line", pem("PUBLIC KEY", forms.info, "")},
      {"pem_certificate", pem("CERTIFICATE", forms.info)},
      {"pem_comment_before", "Key of the issuer\n" + info_pem},
      {"der", forms.info},
      {"der_base64", base64(forms.info)},
      {"der_base64url", base64url::encode(forms.info)},
      {"der_base64_line_end", base64(forms.info) + "\n"},
      {"der_hex", hex::encode(as_bytes(forms.info))},
      {"jwk", key.public_jwk()},
      {"jwk_set", R"({"keys":[)" + key.public_jwk() + "]}"},
      {"ssh", ssh},  // CVE-2022-29217, CVE-2024-33663
      {"ssh_comment", ssh + " root@host\n"},
      {"ssh_base64_alone", base64(forms.ssh_blob)},
      {"ssh2", "---- BEGIN SSH2 PUBLIC KEY ----\n" + base64(forms.ssh_blob) + "\n---- END SSH2 PUBLIC KEY ----\n"},
  };
  if (family == KeyFamily::rsa) {
    out.emplace_back("pkcs1_pem", pem("RSA PUBLIC KEY", forms.inner));  // CVE-2017-11424
    out.emplace_back("pkcs1_der", forms.inner);
    out.emplace_back("pkcs1_der_base64", base64(forms.inner));
  }
  if (family == KeyFamily::ecdsa) {
    out.emplace_back("point", forms.inner);
    out.emplace_back("point_hex", hex::encode(as_bytes(forms.inner)));
    out.emplace_back("point_base64url", base64url::encode(forms.inner));
  }
  return out;
}

std::string mac_of(Algorithm algorithm, std::string_view secret, std::string_view input) {
  const std::size_t size = traits_of(algorithm).digest_size;
  const EVP_MD* digest = size == 32 ? EVP_sha256() : size == 48 ? EVP_sha384() : EVP_sha512();
  std::string out(size, '\0');
  HMAC(digest, secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(input.data()), input.size(),
       reinterpret_cast<unsigned char*>(out.data()), nullptr);
  return out;
}

}  // namespace authkit::test
