#include "account.hpp"
#include "guard.hpp"

#include <limits>

using namespace authkit;
using namespace authkit::capi;

namespace {

UserId user_of(const char* user_id) {
  const auto user = parse_user_id(text(user_id, "user_id"));
  if (!user) throw BadResult(Error(Errc::invalid_argument, "user_id: a user id in its text form"));
  return *user;
}

JsonReader filter_document(const char* filter) {
  const std::string_view given = optional_text(filter);
  return JsonReader::parse(given.empty() ? "{}" : given).value();
}

AccountFilter account_filter(const char* document) {
  JsonReader reader = filter_document(document);
  AccountFilter filter;
  filter.email_prefix = reader.optional_text("email_prefix").value_or("");
  filter.role = reader.optional_text("role").value_or("");
  if (const auto status = reader.optional_text("status")) {
    filter.status = parse_account_status(*status);
    if (!filter.status) reader.reject("status", "not_known", "must be pending, active, disabled or deleted");
  }
  reader.allow_only({"email_prefix", "role", "status"});
  reader.finish().value();
  return filter;
}

std::optional<Time> time_of(JsonReader& reader, std::string_view name) {
  const auto milliseconds = reader.optional_integer(name);
  if (!milliseconds) return std::nullopt;
  return Time(Duration(*milliseconds));
}

EventFilter event_filter(const char* document) {
  JsonReader reader = filter_document(document);
  EventFilter filter;
  filter.actor = reader.optional_text("actor").value_or("");
  filter.action = reader.optional_text("action").value_or("");
  filter.subject = reader.optional_text("subject").value_or("");
  filter.address = reader.optional_text("ip").value_or("");
  if (const auto outcome = reader.optional_text("outcome")) {
    filter.success = *outcome == "success";
    if (*outcome != "success" && *outcome != "failure") reader.reject("outcome", "not_known", "must be success or failure");
  }
  filter.from = time_of(reader, "from_ms");
  filter.to = time_of(reader, "to_ms");
  reader.allow_only({"actor", "action", "subject", "ip", "outcome", "from_ms", "to_ms"});
  reader.finish().value();
  return filter;
}

std::string cursor_of(const char* cursor) {
  std::string given(optional_text(cursor));
  constexpr std::size_t longest = std::numeric_limits<std::int64_t>::digits10;
  if (given.size() > longest || given.find_first_not_of("0123456789") != given.npos)
    throw BadResult(Error(Errc::invalid_argument, "cursor: the next_cursor of the page before"));
  return given;
}

std::string page_document(const EventPage& page) {
  std::string items;
  for (const Event& event : page.items) items.append(items.empty() ? "" : ",").append(to_json(event));
  return "{\"items\":[" + items + "],\"next_cursor\":" + (page.next_cursor.empty() ? "null" : "\"" + page.next_cursor + "\"") + "}";
}

}  // namespace

extern "C" {

authkit_status authkit_user_search(authkit_ctx* ctx, const authkit_call* call, const char* filter, const char* cursor, uint32_t limit, char** page) {
  return guard([&] {
    const TextOut out(page);
    return out.give(to_json(opened(ctx).accounts().list(account_filter(filter), optional_text(cursor), limit, context_of(call)).value()));
  });
}

authkit_status authkit_user_set_roles(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* roles, const char* actor) {
  return guard([&]() -> Result<void> {
    opened(ctx).accounts().set_roles(user_of(user_id), words(text(roles, "roles")), text(actor, "actor"), context_of(call)).value();
    return {};
  });
}

authkit_status authkit_user_set_password(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* password, size_t length,
                                         const char* actor) {
  return guard([&] {
    return opened(ctx).accounts().set_password(user_of(user_id), bytes(password, length, "password"), text(actor, "actor"), context_of(call));
  });
}

authkit_status authkit_user_end_sessions(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* actor) {
  return guard([&] { return opened(ctx).accounts().end_sessions(user_of(user_id), text(actor, "actor"), context_of(call)); });
}

authkit_status authkit_user_reset_mfa(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* actor) {
  return guard([&] { return opened(ctx).accounts().reset_mfa(user_of(user_id), text(actor, "actor"), context_of(call)); });
}

authkit_status authkit_user_close(authkit_ctx* ctx, const authkit_call* call, const char* user_id, const char* actor) {
  return guard([&] { return opened(ctx).accounts().close(user_of(user_id), text(actor, "actor"), context_of(call)); });
}

authkit_status authkit_audit_list(authkit_ctx* ctx, const authkit_call* call, const char* filter, const char* cursor, uint32_t limit, char** page) {
  return guard([&] {
    const TextOut out(page);
    return out.give(page_document(opened(ctx).events().list(event_filter(filter), cursor_of(cursor), limit, context_of(call)).value()));
  });
}

}  // extern "C"
