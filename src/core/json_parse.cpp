#include "core/json.hpp"
#include "core/text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace authkit::json {
namespace {

namespace bj = boost::json;

/// Receives the parser's events and builds the value; a violated rule of the house ends the parse with `reason`.
class Builder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);  // bounded by Limits::members
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);   // bounded by the size of the text
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  explicit Builder(std::size_t max_members) : members_left_(max_members) {}

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return open(Kind::object); }
  bool on_object_end(std::size_t, bj::error_code&) { return close(); }
  bool on_array_begin(bj::error_code&) { return open(Kind::array); }
  bool on_array_end(std::size_t, bj::error_code&) { return close(); }
  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) { return collect(part); }
  bool on_key(bj::string_view rest, std::size_t, bj::error_code& ec) {
    collect(rest);
    auto& members = open_.back().members;
    const bool known = std::any_of(members.begin(), members.end(), [this](const Member& member) { return member.name == collected_; });
    if (known) return refuse("a member is there twice", ec);
    if (members_left_-- == 0) return refuse("too many members", ec);
    members.push_back({std::exchange(collected_, {}), {}});
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) { return collect(part); }
  bool on_string(bj::string_view rest, std::size_t, bj::error_code&) {
    collect(rest);
    return scalar(Kind::text, std::exchange(collected_, {}));
  }
  bool on_number_part(bj::string_view part, bj::error_code&) { return collect(part); }
  bool on_int64(std::int64_t, bj::string_view rest, bj::error_code&) { return number(rest); }
  bool on_uint64(std::uint64_t, bj::string_view rest, bj::error_code&) { return number(rest); }
  bool on_double(double, bj::string_view rest, bj::error_code&) { return number(rest); }
  bool on_bool(bool value, bj::error_code&) { return scalar(Kind::boolean, value ? "true" : "false"); }
  bool on_null(bj::error_code&) { return scalar(Kind::null, {}); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

  Value root;
  std::string_view reason;

 private:
  bool collect(bj::string_view part) {
    collected_.append(part.data(), part.size());
    return true;
  }
  bool number(bj::string_view rest) {
    collect(rest);
    return scalar(Kind::number, std::exchange(collected_, {}));
  }
  bool scalar(Kind kind, std::string text) {
    place({kind, std::move(text), {}, {}});
    return true;
  }
  bool open(Kind kind) {
    open_.push_back({kind, {}, {}, {}});
    return true;
  }
  bool close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    place(std::move(done));
    return true;
  }
  void place(Value value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (open_.back().kind == Kind::array) {
      open_.back().items.push_back(std::move(value));
    } else {
      open_.back().members.back().value = std::move(value);
    }
  }
  bool refuse(std::string_view why, bj::error_code& ec) {
    reason = why;
    ec = bj::make_error_code(bj::error::object_too_large);
    return false;
  }

  std::vector<Value> open_;  // the arrays and objects that are not closed yet, outermost first
  std::string collected_;
  std::size_t members_left_;
};

std::string_view explain(const bj::error_code& ec) {
  if (ec == bj::error::too_deep) return "nested too deeply";
  if (ec == bj::error::incomplete) return "it ends too early";
  if (ec == bj::error::illegal_leading_surrogate || ec == bj::error::illegal_trailing_surrogate) return "half of a surrogate pair";
  if (ec == bj::error::exponent_overflow) return "a number out of range";
  return "a syntax error";
}

Error malformed(std::string_view why, std::size_t at) { return {Errc::malformed_request, fmt::format("JSON: {} (byte {})", why, at)}; }

}  // namespace

Result<Value> parse(std::string_view text, Limits limits) {
  if (!valid_utf8(text)) return Error(Errc::malformed_request, "JSON: not UTF-8");

  bj::parse_options strict;
  strict.max_depth = limits.depth;
  strict.allow_comments = false;
  strict.allow_trailing_commas = false;
  strict.allow_invalid_utf8 = false;

  bj::basic_parser<Builder> parser(strict, limits.members);
  bj::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!parser.handler().reason.empty()) return malformed(parser.handler().reason, used);
  if (ec) return malformed(explain(ec), used);
  if (used != text.size()) return malformed("something follows the value", used);
  return std::move(parser.handler().root);
}

}  // namespace authkit::json
