#include "session/memory_session_store.hpp"

#include "core/storable.hpp"
#include "core/try.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace authkit {
namespace {

std::string join(std::initializer_list<std::string_view> texts) {
  std::size_t size = 0;
  for (const auto text : texts) size += sizeof(std::uint32_t) + text.size();
  std::string out;
  out.reserve(size);
  for (const auto text : texts) {
    const auto length = static_cast<std::uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&length), sizeof length);
    out.append(text);
  }
  return out;
}

void split(std::string_view joined, std::initializer_list<std::string*> texts) {
  for (auto* text : texts) {
    std::uint32_t length = 0;
    std::memcpy(&length, joined.data(), sizeof length);
    *text = joined.substr(sizeof length, length);
    joined.remove_prefix(sizeof length + length);
  }
}

}  // namespace

Result<void> MemorySessionStore::insert(Tx& tx, const SessionRecord& record) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  AUTHKIT_TRY(require_storable({record.amr, record.acr, record.client, record.user_agent, record.address}));
  if (sessions_.contains(record.id)) return unit->fail({Errc::conflict, "a session of this id exists"});
  replace(*unit, record.id, record);
  return {};
}

Result<std::optional<SessionRecord>> MemorySessionStore::find(const SessionId& id, const Context&) {
  const std::lock_guard lock(work_->mutex());
  return get(id);
}

Result<bool> MemorySessionStore::touch(Tx& tx, const SessionId& id, Time now, Time idle_expires_at) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  auto record = get(id);
  if (!record) return false;
  record->last_seen = now;
  record->idle_expires_at = idle_expires_at;
  replace(*unit, id, std::move(record));
  return true;
}

Result<std::optional<SessionRecord>> MemorySessionStore::rotate(Tx& tx, const SessionId& id, const std::array<std::uint8_t, 32>& secret_digest,
                                                                std::uint32_t generation, Time now, Time idle_expires_at) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  auto record = get(id);
  if (!record || record->secret_digest != secret_digest || record->generation != generation || record->expired(now)) {
    return std::optional<SessionRecord>();
  }
  ++record->generation;
  record->rotated_at = record->last_seen = now;
  record->idle_expires_at = std::min(idle_expires_at, record->absolute_expires_at);
  replace(*unit, id, record);
  return record;
}

Result<bool> MemorySessionStore::erase(Tx& tx, const SessionId& id) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  if (!sessions_.contains(id)) return false;
  replace(*unit, id, std::nullopt);
  return true;
}

Result<void> MemorySessionStore::erase_known(Tx& tx, const SessionId& id) {
  AUTHKIT_TRY_ASSIGN(const bool erased, erase(tx, id));
  if (!erased) return Errc::not_found;
  return {};
}

Result<std::vector<SessionRecord>> MemorySessionStore::find_by_user(const UserId& user, Time now, std::size_t max, const Context&) {
  const std::lock_guard lock(work_->mutex());
  std::vector<SessionRecord> records;
  for (auto at = by_user_.lower_bound(user); at != by_user_.end() && (*at)->second.user == user && records.size() < max; ++at) {
    if (now < (*at)->second.expires_at()) records.push_back(unpack(**at));
  }
  return records;
}

Result<std::vector<SessionId>> MemorySessionStore::erase_by_user(Tx& tx, const UserId& user, const SessionId& keep) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  std::vector<SessionId> ended;
  for (auto at = by_user_.lower_bound(user); at != by_user_.end() && (*at)->second.user == user; ++at) {
    if ((*at)->first != keep) ended.push_back((*at)->first);
  }
  for (const auto& id : ended) replace(*unit, id, std::nullopt);
  return ended;
}

Result<bool> MemorySessionStore::set_epoch(Tx& tx, const SessionId& id, std::uint64_t epoch) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  auto record = get(id);
  if (!record) return false;
  record->epoch = epoch;
  replace(*unit, id, std::move(record));
  return true;
}

Result<std::size_t> MemorySessionStore::purge(Tx& tx, Time now, std::size_t max) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  std::size_t removed = 0;
  for (; removed < max && !by_expiry_.empty(); ++removed) {
    const Entry& first = **by_expiry_.begin();
    if (now < first.second.expires_at()) break;
    replace(*unit, SessionId(first.first), std::nullopt);
  }
  return removed;
}

bool MemorySessionStore::ByUser::operator()(const Entry* a, const Entry* b) const {
  return std::tie(a->second.user, b->second.created_at, a->first) < std::tie(b->second.user, a->second.created_at, b->first);
}

bool MemorySessionStore::ByExpiry::operator()(const Entry* a, const Entry* b) const {
  return std::pair(a->second.expires_at(), a->first) < std::pair(b->second.expires_at(), b->first);
}

MemorySessionStore::Row MemorySessionStore::pack(const SessionRecord& r) {
  return {r.user,
          r.secret_digest,
          r.rotated_at,
          r.created_at,
          r.last_seen,
          r.idle_expires_at,
          r.absolute_expires_at,
          r.auth_time,
          r.epoch,
          join({r.amr, r.acr, r.client, r.user_agent, r.address}),
          r.generation,
          r.transport};
}

SessionRecord MemorySessionStore::unpack(const Entry& entry) {
  const Row& row = entry.second;
  SessionRecord record{.id = entry.first,
                       .user = row.user,
                       .transport = row.transport,
                       .secret_digest = row.secret_digest,
                       .generation = row.generation,
                       .rotated_at = row.rotated_at,
                       .created_at = row.created_at,
                       .last_seen = row.last_seen,
                       .idle_expires_at = row.idle_expires_at,
                       .absolute_expires_at = row.absolute_expires_at,
                       .auth_time = row.auth_time,
                       .amr = {},
                       .acr = {},
                       .client = {},
                       .user_agent = {},
                       .address = {},
                       .epoch = row.epoch};
  split(row.texts, {&record.amr, &record.acr, &record.client, &record.user_agent, &record.address});
  return record;
}

std::optional<SessionRecord> MemorySessionStore::get(const SessionId& id) const {
  const auto at = sessions_.find(id);
  return at == sessions_.end() ? std::nullopt : std::optional(unpack(*at));
}

void MemorySessionStore::replace(MemoryTx& unit, const SessionId& id, std::optional<SessionRecord> after) {
  unit.on_rollback([this, id, before = get(id)] { put(id, before); });
  put(id, after);
}

void MemorySessionStore::put(const SessionId& id, const std::optional<SessionRecord>& record) {
  if (const auto at = sessions_.find(id); at != sessions_.end()) {
    by_user_.erase(&*at);
    by_expiry_.erase(&*at);
    sessions_.erase(at);
  }
  if (!record) return;
  const auto at = sessions_.emplace(id, pack(*record)).first;
  by_user_.insert(&*at);
  by_expiry_.insert(&*at);
}

}  // namespace authkit
