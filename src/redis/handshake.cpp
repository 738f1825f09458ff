#include "redis/handshake.hpp"

#include "redis/answer.hpp"

namespace authkit::redis {

Handshake::Handshake(const Target& target, std::string_view client_name) {
  if (!target.user.empty()) {
    add(Step::auth, {"AUTH", target.user, target.password});
  } else if (!target.password.empty()) {
    add(Step::auth, {"AUTH", target.password});
  }
  // Without a password too: its answer tells whether the server wants one.
  add(Step::set_name, {"CLIENT", "SETNAME", client_name});
  if (target.database != 0) add(Step::select, {"SELECT", std::to_string(target.database)});
}

void Handshake::add(Step step, std::initializer_list<std::string_view> arguments) {
  append_command(bytes_, {arguments.begin(), arguments.size()});
  awaited_.push_back(step);
}

Handshake::Verdict Handshake::take(const Reply& reply) {
  const Step step = awaited_.front();
  awaited_.pop_front();
  if (reply.failure() != nullptr) {
    const Answer answer = answer_of(reply);
    if (answer.reason != Reason::none) return Verdict::later;
    // A user that may not name its connection does without.
    if (step != Step::set_name || answer.error_name() == "NOAUTH") return Verdict::refused;
  }
  return awaited_.empty() ? Verdict::done : Verdict::more;
}

}  // namespace authkit::redis
