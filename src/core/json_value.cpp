#include "core/json.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace authkit::json {
namespace {

/// What a reader of logs must never meet raw: it moves the cursor, starts a line or turns the direction of the text.
bool needs_escape(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void escape_to(std::string& out, char32_t c) {
  switch (c) {
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(c));
  }
}

void collect_nul(const Value& value, const std::string& pointer, std::size_t max, std::vector<std::string>& found) {
  const auto note = [&](std::string_view text, const std::string& where) {
    if (found.size() < max && text.find('\0') != std::string_view::npos) found.push_back(where);
  };
  if (value.kind == Kind::text) note(value.text, pointer);
  for (std::size_t i = 0; i < value.items.size(); ++i) collect_nul(value.items[i], fmt::format("{}/{}", pointer, i), max, found);
  for (const auto& [name, member] : value.members) {
    const std::string where = pointer + pointer_step(name);
    note(name, where);
    collect_nul(member, where, max, found);
  }
}

}  // namespace

const Value* Value::find(std::string_view name) const noexcept {
  for (const auto& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Value* Value::find(std::string_view name) noexcept { return const_cast<Value*>(std::as_const(*this).find(name)); }

std::optional<std::int64_t> Value::integer() const noexcept {
  if (kind != Kind::number) return std::nullopt;
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return number;
}

void quote_to(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    char32_t c = 0;
    const std::size_t size = next_code_point(text, c);
    if (size == 0) {
      out += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (needs_escape(c)) {
      escape_to(out, c);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out.push_back('"');
}

void write_to(std::string& out, const Value& value) {
  switch (value.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
    case Kind::number:
      out += value.text;
      return;
    case Kind::text:
      quote_to(out, value.text);
      return;
    case Kind::array:
      out.push_back('[');
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) out.push_back(',');
        write_to(out, value.items[i]);
      }
      out.push_back(']');
      return;
    case Kind::object:
      out.push_back('{');
      for (std::size_t i = 0; i < value.members.size(); ++i) {
        if (i > 0) out.push_back(',');
        quote_to(out, value.members[i].name);
        out.push_back(':');
        write_to(out, value.members[i].value);
      }
      out.push_back('}');
  }
}

std::string write(const Value& value) {
  std::string out;
  write_to(out, value);
  return out;
}

std::vector<std::string> find_nul(const Value& value, std::size_t max) {
  std::vector<std::string> found;
  collect_nul(value, {}, max, found);
  return found;
}

std::string pointer_step(std::string_view name) {
  std::string out = "/";
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::size_t count_members(const Value& value) noexcept {
  std::size_t count = value.members.size();
  for (const Value& item : value.items) count += count_members(item);
  for (const Member& member : value.members) count += count_members(member.value);
  return count;
}

}  // namespace authkit::json
