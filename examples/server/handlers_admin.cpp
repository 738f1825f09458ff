#include "body.hpp"
#include "parameters.hpp"
#include "routes.hpp"

namespace authkit::server {
namespace {

Result<UserId> user_of(const Call& call) {
  const std::optional<UserId> id = parse_user_id(call.parameter);
  if (!id) return Errc::not_found;
  return *id;
}

std::string actor_of(const Call& call) { return to_text(call.identity.user); }

Result<Response> no_content(const Result<void>& done) {
  if (!done) return done.error();
  Response response;
  response.status = 204;
  return response;
}

/// One page, reached from its number by walking: kept small, the cursor is for more.
Result<AccountPage> numbered_page(const Accounts& accounts, const AccountFilter& filter, std::size_t page, std::size_t size, const Context& context) {
  Result<AccountPage> found = accounts.list(filter, {}, size, context);
  for (std::size_t number = 1; found && number < page; ++number) {
    if (found->next_cursor.empty()) return AccountPage{};
    found = accounts.list(filter, found->next_cursor, size, context);
  }
  return found;
}

}  // namespace

Result<Response> list_users(Call& call) {
  Parameters query(call.request.query);
  AccountFilter filter;
  filter.email_prefix = query.text("q").value_or("");
  filter.role = query.text("role").value_or("");
  const std::optional<std::string> email = query.text("email");
  const std::optional<std::string> status = query.text("status");
  filter.status = status ? parse_account_status(*status) : std::nullopt;
  if (status && !filter.status) query.reject("status", "One of pending, active, disabled, deleted");
  filter.created_from = query.time("created_after");
  const std::string cursor = query.text("cursor").value_or("");
  const std::size_t page = query.number("page", 1, 50).value_or(0);
  const std::size_t limit = query.number(page > 0 ? "page_size" : "limit", 1, 200).value_or(50);
  if (page > 0 && !cursor.empty()) query.reject("page", "Send page or cursor, not both");
  if (Result<void> read = query.finish(); !read) return std::move(read).error();

  const Accounts& accounts = call.app.auth.accounts();
  if (email) {
    Result<Account> found = accounts.find(*email, call.context);
    if (!found && found.error().code != Errc::not_found) return std::move(found).error();
    AccountPage one;
    if (found) one.items.push_back(*std::move(found));
    return json_response(200, to_json(one));
  }
  Result<AccountPage> found =
      page > 0 ? numbered_page(accounts, filter, page, limit, call.context) : accounts.list(filter, cursor, limit, call.context);
  if (!found) return std::move(found).error();
  std::string body = to_json(*found);
  if (page > 0) body.replace(body.size() - 1, 1, ",\"page\":" + std::to_string(page) + ",\"page_size\":" + std::to_string(limit) + "}");
  Response response = json_response(200, std::move(body));
  if (page == 0 && !found->next_cursor.empty())
    response.add("Link", "</v1/admin/users?limit=" + std::to_string(limit) + "&cursor=" + found->next_cursor + ">; rel=\"next\"");
  return response;
}

Result<Response> show_user(Call& call) {
  Result<UserId> id = user_of(call);
  if (!id) return std::move(id).error();
  Result<Account> account = call.app.auth.accounts().find(to_text(*id), call.context);
  if (!account) return std::move(account).error();
  return json_response(200, to_json(*account));
}

Result<Response> create_user(Call& call) {
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();
  NewAccount wanted;
  wanted.email = body->text("email");
  wanted.username = body->optional_text("username").value_or("");
  wanted.profile = body->optional_object("profile").value_or("{}");
  wanted.password_hash = body->optional_text("password_hash", 4096).value_or("");
  if (wanted.password_hash.empty()) wanted.password = body->text("password");
  wanted.roles = body->optional_texts("roles");
  wanted.email_verified = body->optional_flag("email_verified").value_or(false);
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  Result<Account> account = call.app.auth.accounts().create(wanted, call.context);
  if (!account) return std::move(account).error();
  Response response = json_response(201, to_json(*account));
  response.add("Location", "/v1/admin/users/" + to_text(account->id));
  return response;
}

Result<Response> change_user(Call& call) {
  Result<UserId> id = user_of(call);
  if (!id) return std::move(id).error();
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();
  const std::optional<std::string> wanted = body->optional_text("status");
  const AccountStatus status = parse_account_status(wanted.value_or("")).value_or(AccountStatus::deleted);
  if (wanted && status != AccountStatus::active && status != AccountStatus::disabled) body->reject("status", "not_known", "One of active, disabled");
  const bool has_roles = body->has("roles");
  const std::vector<std::string> roles = body->optional_texts("roles");
  body->allow_only({"status", "roles"});
  if (Result<void> read = body->finish(); !read) return std::move(read).error();

  const Accounts& accounts = call.app.auth.accounts();
  Result<Account> account = accounts.find(to_text(*id), call.context);
  if (account && has_roles) account = accounts.set_roles(*id, roles, actor_of(call), call.context);
  if (account && wanted) account = accounts.set_status(*id, status, actor_of(call), call.context);
  if (!account) return std::move(account).error();
  return json_response(200, to_json(*account));
}

Result<Response> close_user(Call& call) {
  Result<UserId> id = user_of(call);
  if (!id) return std::move(id).error();
  if (Result<void> done = call.app.auth.accounts().close(*id, actor_of(call), call.context); !done) return std::move(done).error();
  return json_response(202, R"({"status":"accepted"})");
}

Result<Response> revoke_user_sessions(Call& call) {
  Result<UserId> id = user_of(call);
  if (!id) return std::move(id).error();
  return no_content(call.app.auth.accounts().end_sessions(*id, actor_of(call), call.context));
}

Result<Response> reset_user_mfa(Call& call) {
  Result<UserId> id = user_of(call);
  if (!id) return std::move(id).error();
  return no_content(call.app.auth.accounts().reset_mfa(*id, actor_of(call), call.context));
}

Result<Response> list_audit_logs(Call& call) {
  Parameters query(call.request.query);
  EventFilter filter;
  filter.actor = query.text("actor").value_or("");
  filter.subject = query.text("subject").value_or("");
  filter.action = query.text("action").value_or("");
  filter.address = query.text("ip").value_or("");
  if (const auto outcome = query.text("outcome")) {
    filter.success = *outcome == "success";
    if (*outcome != "success" && *outcome != "failure") query.reject("outcome", "One of success, failure");
  }
  filter.from = query.time("from");
  filter.to = query.time("to");
  const std::string cursor = query.text("cursor").value_or("");
  const bool is_cursor = cursor.empty() || (cursor.size() <= 18 && cursor.find_first_not_of("0123456789") == std::string::npos);
  if (!is_cursor) query.reject("cursor", "The next_cursor of the page before");
  if (filter.from && filter.to && *filter.from >= *filter.to) query.reject("to", "Later than from");
  const std::size_t limit = query.number("limit", 1, 200).value_or(50);
  if (Result<void> read = query.finish(); !read) return std::move(read).error();

  Result<EventPage> page = call.app.auth.events().list(filter, cursor, limit, call.context);
  if (!page) return std::move(page).error();
  const bool lines = call.request.field("accept").value_or("").find("application/x-ndjson") != std::string_view::npos;
  std::string body = lines ? "" : R"({"items":[)";
  for (const Event& event : page->items) {
    if (!lines && body.back() != '[') body.push_back(',');
    body.append(to_json(event)).append(lines ? "\n" : "");
  }
  if (!lines) body.append(R"(],"next_cursor":)").append(page->next_cursor.empty() ? "null" : json_quote(page->next_cursor)).append("}");
  Response response = json_response(200, std::move(body));
  if (lines) response.set("Content-Type", "application/x-ndjson");
  if (!page->next_cursor.empty())
    response.add("Link", "</v1/admin/audit-logs?limit=" + std::to_string(limit) + "&cursor=" + page->next_cursor + ">; rel=\"next\"");
  return response;
}

}  // namespace authkit::server
