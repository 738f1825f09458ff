#include "account/flows.hpp"

namespace authkit {

Result<Grant> Accounts::Impl::renew_session(Tx& tx, const Account& account, const Identity& identity, bool end_all, Time now,
                                            const Context& context) const {
  SessionRequest request;
  request.user = account.id;
  request.epoch = account.auth_epoch;
  request.transport = identity.transport;
  AUTHKIT_TRY_ASSIGN(const auto before, sessions->store().find(identity.session, context));
  if (before && before->user == account.id) {
    request.amr = before->amr;
    request.acr = before->acr;
    request.client = before->client;
  }
  if (end_all) {
    AUTHKIT_TRY(end_all_sessions(tx, account, now));
  } else {
    AUTHKIT_TRY(sessions->store().erase(tx, identity.session));
    AUTHKIT_TRY(refuse_session(tx, identity.session, now));
  }
  AUTHKIT_TRY_ASSIGN(auto session, sessions->create(tx, request, context));
  const Note note{.action = "session.renewed", .subject = account.id, .actor = to_text(account.id), .data = session_data(session.record.id)};
  AUTHKIT_TRY(record(tx, note, now, context));
  IssuedToken access;
  if (request.transport == Transport::bearer) {
    AUTHKIT_TRY_ASSIGN(access, issue(account, session.record));
  }
  return make_grant(account, std::move(session), std::move(access));
}

}  // namespace authkit
