#pragma once

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>

namespace authkit {

// Reads token headers and claims without building a document and without an allocation. On top of RFC 8259 it demands: the top is an object,
// UTF-8, no member name twice at any depth (RFC 7515 section 4, RFC 8725 section 2.4), no trailing bytes, bounded depth, member count
// and name length, no NUL in a name, and no number beyond a double, nor a zero with such an exponent.

inline constexpr std::size_t json_max_depth = 16;
inline constexpr std::size_t json_max_members = 256;
inline constexpr std::size_t json_max_name = 128;

struct JsonNumber {
  enum class Kind : std::uint8_t { integer, big, real } kind;
  std::int64_t integer = 0;
  std::uint64_t big = 0;  ///< over the range of `integer`
  double real = 0;
};

/// What a reader of one document is told: the members of the top object, and the elements of arrays right below it.
/// Every function returns false to refuse the document. Views live for the call.
struct JsonIgnore {
  bool member(std::string_view) { return true; }
  bool text(std::string_view) { return true; }
  bool number(const JsonNumber&) { return true; }
  bool null() { return true; }
  bool other() { return true; }  ///< true, false or an object
  bool array() { return true; }
  bool element_text(std::string_view) { return true; }
  bool element_other() { return true; }
};

/// Where a text with escapes is put together: from `used` on; a sink that keeps it sets `kept = used`.
struct JsonScratch {
  std::span<char> room;
  std::size_t kept = 0;
  std::size_t used = 0;
};

template <class Sink>
class StrictJson {
 public:
  /// boost::json::basic_parser's bounds; ours are tighter.
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  StrictJson(std::string_view document, Sink& sink, JsonScratch& scratch, std::size_t max_members)
      : document_(document), sink_(sink), scratch_(scratch), max_members_(max_members) {}

  using Ec = boost::json::error_code;
  using View = boost::json::string_view;

  bool on_document_begin(Ec&) { return true; }
  bool on_document_end(Ec&) { return true; }

  bool on_object_begin(Ec& ec) {
    if (depth_ == 1 && !allow(sink_.other(), ec)) return false;
    if (depth_ == 2 && in_top_array_ && !allow(sink_.element_other(), ec)) return false;
    scope_[++depth_] = names_used_;
    return true;
  }
  bool on_object_end(std::size_t, Ec&) {
    names_used_ = scope_[depth_--];
    return true;
  }
  bool on_array_begin(Ec& ec) {
    if (depth_ == 0) return refuse(ec);
    if (depth_ == 1 && !allow(sink_.array(), ec)) return false;
    if (depth_ == 2 && in_top_array_ && !allow(sink_.element_other(), ec)) return false;
    if (depth_ == 1) in_top_array_ = true;
    ++depth_;
    return true;
  }
  bool on_array_end(std::size_t, Ec&) {
    if (--depth_ == 1) in_top_array_ = false;
    return true;
  }

  bool on_key_part(View part, std::size_t, Ec& ec) { return append_name(part, ec); }
  bool on_key(View part, std::size_t, Ec& ec) {
    std::string_view name(part.data(), part.size());
    if (name_size_ != 0) {
      if (!append_name(part, ec)) return false;
      name = {name_.data(), name_size_};
      name_size_ = 0;
    }
    // What stands in the document has none, or the parser would have refused it: only an escape makes one.
    if (!is_of_document(name) && name.find('\0') != std::string_view::npos) return refuse(ec);
    if (name.size() > json_max_name || !is_new(name)) return refuse(ec);
    return depth_ != 1 || allow(sink_.member(name), ec);
  }

  bool on_string_part(View part, std::size_t, Ec& ec) {
    if (!in_parts_) {
      in_parts_ = true;
      scratch_.used = scratch_.kept;
    }
    return append_text(part, ec);
  }
  bool on_string(View part, std::size_t, Ec& ec) {
    std::string_view text(part.data(), part.size());
    if (in_parts_) {
      in_parts_ = false;
      if (!append_text(part, ec)) return false;
      text = {scratch_.room.data() + scratch_.kept, scratch_.used - scratch_.kept};
    }
    if (depth_ == 1) return allow(sink_.text(text), ec);
    if (depth_ == 2 && in_top_array_) return allow(sink_.element_text(text), ec);
    return depth_ != 0 || refuse(ec);
  }

  bool on_number_part(View, Ec&) { return true; }
  bool on_int64(std::int64_t value, View, Ec& ec) { return number({JsonNumber::Kind::integer, value, 0, 0}, ec); }
  bool on_uint64(std::uint64_t value, View, Ec& ec) { return number({JsonNumber::Kind::big, 0, value, 0}, ec); }
  bool on_double(double value, View, Ec& ec) { return std::isfinite(value) ? number({JsonNumber::Kind::real, 0, 0, value}, ec) : refuse(ec); }
  bool on_bool(bool, Ec& ec) { return plain(ec); }
  bool on_null(Ec& ec) { return depth_ == 1 ? allow(sink_.null(), ec) : plain(ec); }
  bool on_comment_part(View, Ec& ec) { return refuse(ec); }
  bool on_comment(View, Ec& ec) { return refuse(ec); }

 private:
  static bool refuse(Ec& ec) {
    ec = boost::json::error::syntax;
    return false;
  }
  static bool allow(bool allowed, Ec& ec) { return allowed || refuse(ec); }

  bool number(const JsonNumber& value, Ec& ec) {
    if (depth_ == 1) return allow(sink_.number(value), ec);
    if (depth_ == 2 && in_top_array_) return allow(sink_.element_other(), ec);
    return depth_ != 0 || refuse(ec);
  }
  bool plain(Ec& ec) {
    if (depth_ == 1) return allow(sink_.other(), ec);
    if (depth_ == 2 && in_top_array_) return allow(sink_.element_other(), ec);
    return depth_ != 0 || refuse(ec);
  }

  bool append_name(View part, Ec& ec) {
    if (part.size() > name_.size() - name_size_) return refuse(ec);
    std::memcpy(name_.data() + name_size_, part.data(), part.size());
    name_size_ += part.size();
    return true;
  }
  bool append_text(View part, Ec& ec) {
    if (part.size() > scratch_.room.size() - scratch_.used) return refuse(ec);
    std::memcpy(scratch_.room.data() + scratch_.used, part.data(), part.size());
    scratch_.used += part.size();
    return true;
  }

  bool is_of_document(std::string_view text) const noexcept {
    const std::less<const char*> before;
    return !before(text.data(), document_.data()) && before(text.data(), document_.data() + document_.size());
  }

  template <class Word>
  static std::uint64_t load(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
  }
  /// All bytes of the name, by loads that overlap where its size asks for it.
  static std::uint64_t hash_of(std::string_view name) {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    const char* at = name.data();
    const std::size_t size = name.size();
    std::uint64_t hash = size * odd;
    if (size > 8) {
      for (std::size_t i = 0; i < size - 8; i += 8) hash = (hash ^ load<std::uint64_t>(at + i)) * odd;
      return (hash ^ load<std::uint64_t>(at + size - 8)) * odd;
    }
    if (size >= 4) {
      hash ^= load<std::uint32_t>(at) << 32 | load<std::uint32_t>(at + size - 4);
    } else if (size > 0) {
      hash ^= load<std::uint8_t>(at) << 32 | load<std::uint8_t>(at + size / 2) << 40 | load<std::uint8_t>(at + size - 1) << 48;
    }
    return hash * odd;
  }
  /// By 64-bit hashes: two names that collide are taken for one, which can only refuse.
  bool is_new(std::string_view name) {
    if (names_used_ == names_.size() || ++members_ > max_members_) return false;
    const std::uint64_t hash = hash_of(name), bit = std::uint64_t{1} << (hash >> 58);
    if ((bits_used_ & bit) != 0) {
      for (std::size_t i = scope_[depth_]; i < names_used_; ++i)
        if (names_[i] == hash) return false;
    }
    bits_used_ |= bit;
    names_[names_used_++] = hash;
    return true;
  }

  std::string_view document_;
  Sink& sink_;
  JsonScratch& scratch_;
  std::size_t max_members_;
  std::size_t members_ = 0;
  std::size_t depth_ = 0;
  std::size_t names_used_ = 0;
  std::uint64_t bits_used_ = 0;  // one of 64 for each name there was: most names need no comparison
  std::size_t name_size_ = 0;
  bool in_top_array_ = false;
  bool in_parts_ = false;
  std::array<std::size_t, json_max_depth + 2> scope_;  // first name of each open object
  std::array<std::uint64_t, json_max_members> names_;  // names of all open objects
  std::array<char, json_max_name + 1> name_;           // a name that comes in parts
};

/// Reads all of `text` into `sink`; false when a rule above or the sink refuses it.
template <class Sink>
bool read_json(std::string_view text, Sink& sink, JsonScratch& scratch, std::size_t max_members = json_max_members) {
  boost::json::parse_options options;
  options.max_depth = json_max_depth;
  boost::json::basic_parser<StrictJson<Sink>> parser(options, text, sink, scratch, max_members);
  boost::json::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  return !ec && parser.done() && read == text.size();
}

}  // namespace authkit
