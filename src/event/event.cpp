#include "authkit/event.hpp"

#include "core/printable.hpp"
#include "core/random.hpp"
#include "core/try.hpp"

#include <initializer_list>

namespace authkit {
namespace {

constexpr std::size_t max_address = 64;
constexpr std::size_t max_user_agent = 512;
constexpr std::size_t max_request_id = 128;

}  // namespace

std::string canonical_bytes(const Event& event) {
  const std::string time = std::to_string(event.time.time_since_epoch().count());
  const std::string_view success = event.success ? "1" : "0";
  std::string out;
  for (const std::string_view field : std::initializer_list<std::string_view>{event.id, time, event.actor, event.action, event.subject, success,
                                                                              event.address, event.user_agent, event.request_id, event.data}) {
    out += std::to_string(field.size());
    out += ':';
    out += field;
  }
  return out;
}

Result<Event> make_event(std::string_view action, std::string_view actor, std::string_view subject, Time now, const Context& context) {
  AUTHKIT_TRY_ASSIGN(const UserId id, new_user_id(now));
  Event event;
  event.id = to_text(id);
  event.time = now;
  event.actor = actor;
  event.action = action;
  event.subject = subject;
  event.address = printable(context.address, max_address);
  event.user_agent = printable(context.user_agent, max_user_agent);
  event.request_id = printable(context.request_id, max_request_id);
  return event;
}

}  // namespace authkit
