#include "token/jose_header.hpp"

#include "core/base64url.hpp"
#include "token/key_material.hpp"
#include "token/strict_json.hpp"

#include <algorithm>
#include <array>

namespace authkit {
namespace {

constexpr std::array<std::string_view, 8> refused_members{"crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"};

class HeaderSink : public JsonIgnore {
 public:
  explicit HeaderSink(JoseHeader& header) : header_(header) {}

  bool member(std::string_view name) {
    current_ = name == "alg"   ? Member::alg
               : name == "kid" ? Member::kid
               : name == "typ" ? Member::typ
               : name == "cty" ? Member::cty
                               : Member::ignored;
    return std::find(refused_members.begin(), refused_members.end(), name) == refused_members.end();
  }
  bool text(std::string_view text) {
    switch (current_) {
      case Member::alg:
        return !text.empty() && header_.alg.set(text);
      case Member::kid:
        return is_key_id(text) && header_.kid.set(text);
      case Member::typ:
        return !text.empty() && header_.typ.set(text);
      case Member::cty:
        return !text.empty() && header_.cty.set(text);
      case Member::ignored:
        return true;
    }
    return false;
  }
  bool number(const JsonNumber&) { return current_ == Member::ignored; }
  bool null() { return current_ == Member::ignored; }
  bool other() { return current_ == Member::ignored; }
  bool array() { return current_ == Member::ignored; }

 private:
  enum class Member : std::uint8_t { ignored, alg, kid, typ, cty };
  JoseHeader& header_;
  Member current_ = Member::ignored;
};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view without_application(std::string_view type) noexcept {
  constexpr std::string_view prefix = "application/";
  const bool prefixed = type.size() > prefix.size() && same_ignoring_case(type.substr(0, prefix.size()), prefix);
  return prefixed && type.find('/', prefix.size()) == std::string_view::npos ? type.substr(prefix.size()) : type;
}

}  // namespace

Result<void> read_header(std::string_view encoded, JoseHeader& header) {
  std::array<char, max_header_bytes> bytes;
  std::array<char, max_header_bytes> room;
  const std::size_t size = base64url::decoded_size(encoded.size());
  if (size > bytes.size()) return Error(Errc::invalid_token, "the header is too long");
  if (!base64url::decode_to(encoded, reinterpret_cast<std::uint8_t*>(bytes.data()))) return Error(Errc::invalid_token, "the header is not base64url");
  HeaderSink sink(header);
  JsonScratch scratch{room};
  if (!read_json({bytes.data(), size}, sink, scratch)) return Error(Errc::invalid_token, "the header is not one that is accepted");
  if (header.alg.empty()) return Error(Errc::invalid_token, "the header names no algorithm");
  return {};
}

bool is_media_type(std::string_view typ, std::string_view expected) noexcept {
  return same_ignoring_case(without_application(typ), without_application(expected));
}

}  // namespace authkit
