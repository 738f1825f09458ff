#include "import_file.hpp"

#include "authkit/json.hpp"

#include "http.hpp"
#include "parameters.hpp"

#include <algorithm>
#include <fstream>
#include <optional>

namespace authkit::server {
namespace {

constexpr std::string_view columns[] = {"email",   "password",       "password_hash", "username", "roles",
                                        "profile", "email_verified", "created_at",    "status"};

Error bad_file(std::string detail) { return {Errc::config_invalid, std::move(detail)}; }

Error bad_field(std::string_view name, std::string_view detail) {
  Error error{Errc::field_invalid};
  error.fields.push_back({std::string("/").append(name), "invalid", std::string(detail)});
  return error;
}

/// What is the same in both kinds of files.
struct Texts {
  std::string created_at, status;
};

Result<NewAccount> finished(NewAccount account, const Texts& texts) {
  if (account.password.empty() && account.password_hash.empty())
    return bad_field("password_hash", "send a password_hash or a password; \"!\" for none");
  if (!account.password.empty() && !account.password_hash.empty()) return bad_field("password", "send a password_hash or a password, not both");
  if (!texts.created_at.empty()) {
    account.created_at = parse_time(texts.created_at);
    if (!account.created_at) return bad_field("created_at", "a time in UTC, such as 2026-01-31T12:00:00Z");
  }
  if (!texts.status.empty()) {
    const std::optional<AccountStatus> status = parse_account_status(texts.status);
    if (!status || *status == AccountStatus::deleted) return bad_field("status", "one of pending, active, disabled");
    account.status = *status;
  }
  return account;
}

Result<NewAccount> read_json(std::string_view line) {
  Result<JsonReader> body = JsonReader::parse(line);
  if (!body) return std::move(body).error();
  NewAccount account;
  account.email = body->text("email");
  account.password = body->optional_text("password").value_or("");
  account.password_hash = body->optional_text("password_hash", 4096).value_or("");
  account.username = body->optional_text("username").value_or("");
  account.roles = body->optional_texts("roles");
  account.profile = body->optional_object("profile").value_or("{}");
  account.email_verified = body->optional_flag("email_verified").value_or(false);
  const Texts texts{body->optional_text("created_at").value_or(""), body->optional_text("status").value_or("")};
  body->allow_only({"email", "password", "password_hash", "username", "roles", "profile", "email_verified", "created_at", "status"});
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  return finished(std::move(account), texts);
}

/// One record off the front of `rest` (RFC 4180); nothing where a quote does not close or something follows it.
std::optional<std::vector<std::string>> take_record(std::string_view& rest, std::size_t& lines) {
  std::vector<std::string> fields(1);
  bool quoted = false, was_quoted = false;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '\n') ++lines;
    if (quoted) {
      if (c != '"') {
        fields.back().push_back(c);
      } else if (rest.starts_with('"')) {
        fields.back().push_back(c);
        rest.remove_prefix(1);
      } else {
        quoted = false;
      }
    } else if (c == ',') {
      fields.emplace_back();
      was_quoted = false;
    } else if (c == '\n') {
      return fields;
    } else if (c == '\r' && rest.starts_with('\n')) {
      continue;
    } else if (c == '"' && fields.back().empty() && !was_quoted) {
      quoted = was_quoted = true;
    } else if (c == '"' || was_quoted) {
      return std::nullopt;
    } else {
      fields.back().push_back(c);
    }
  }
  return quoted ? std::nullopt : std::optional(fields);
}

Result<NewAccount> read_csv(const std::vector<std::string>& names, const std::vector<std::string>& fields) {
  if (fields.size() != names.size()) return bad_field("", "as many fields as the first line names");
  NewAccount account;
  Texts texts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    const std::string& value = fields[i];
    if (name == "email") account.email = value;
    if (name == "password") account.password = value;
    if (name == "password_hash") account.password_hash = value;
    if (name == "username") account.username = value;
    if (name == "profile" && !value.empty()) account.profile = value;
    if (name == "created_at") texts.created_at = value;
    if (name == "status") texts.status = value;
    if (name == "roles")
      split(value, ' ', [&](std::string_view role) {
        if (!role.empty()) account.roles.emplace_back(role);
      });
    if (name == "email_verified") {
      account.email_verified = value == "true" || value == "1";
      if (!account.email_verified && !value.empty() && value != "false" && value != "0") return bad_field(name, "true or false");
    }
  }
  return finished(std::move(account), texts);
}

Result<std::vector<ImportLine>> read_csv_file(std::string_view rest) {
  std::size_t line = 0;
  const auto names = take_record(rest, line);
  if (!names) return bad_file("the first line must name the columns");
  for (const std::string& name : *names) {
    if (std::find(std::begin(columns), std::end(columns), name) == std::end(columns)) return bad_file("there is no column " + name);
    if (std::count(names->begin(), names->end(), name) > 1) return bad_file("there are two columns " + name);
  }
  std::vector<ImportLine> all;
  while (!rest.empty()) {
    const std::size_t number = line + 1;
    const auto fields = take_record(rest, line);
    if (!fields) {
      all.push_back({number, bad_field("", "a quote that does not close, or text behind it")});
      break;  // where the next record begins nobody knows
    }
    if (fields->size() == 1 && fields->front().empty()) continue;
    all.push_back({number, read_csv(*names, *fields)});
  }
  return all;
}

Result<std::vector<ImportLine>> read_jsonl_file(std::string_view rest) {
  std::vector<ImportLine> all;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) all.push_back({number, read_json(line)});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return all;
}

}  // namespace

Result<std::vector<ImportLine>> read_import(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return bad_file(path + " cannot be read");
  if (path.ends_with(".csv")) return read_csv_file(content);
  if (path.ends_with(".jsonl")) return read_jsonl_file(content);
  return bad_file("the name of the file must end in .csv or .jsonl");
}

}  // namespace authkit::server
