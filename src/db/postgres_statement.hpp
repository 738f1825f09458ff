#pragma once

#include "db/sql_error.hpp"
#include "db/sql_statement.hpp"

#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace authkit {

using PostgresResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// What one PostgreSQL connection is sent. A statement whose answer nobody needs is held back and shares the round trip of the next
/// one, or of the commit. Sent once with its parameters, never prepared under a name, which a pool of connections in between would
/// lose.
///
/// Thread safety: one thread at a time. Ownership: it must outlive the statements it makes, and the connection must outlive it. Functions throw what
/// sql_guard() understands.
class PostgresStatements {
 public:
  struct Sent {
    std::string sql;
    std::vector<std::optional<std::string>> values;
    std::shared_ptr<PostgresResult> answer = nullptr;  ///< where its result goes, when somebody wants it
  };

  explicit PostgresStatements(PGconn* connection) : connection_(connection) {}

  std::unique_ptr<SqlStatement> statement(const std::string& sql);

  /// A transaction: `texts` open it, and travel with the first that is sent in it.
  void begin(std::vector<std::string> texts);
  /// Whether there is a transaction that the server knows nothing of, or that was lost with its connection before it could have been committed: it
  /// can be done again from its start, by another connection too.
  bool is_untouched() const noexcept { return untouched_; }
  bool is_opening() const noexcept { return !opening_.empty(); }
  bool holds() const noexcept { return !held_.empty() || !afterwards_.empty(); }
  /// What an untouched transaction was left to run later before mark() was called last, for another connection to hold.
  void mark() noexcept { marked_ = held_.size(); }
  std::shared_ptr<void> take_unanswered() { return std::make_shared<Unanswered>(std::move(unanswered_), std::move(afterwards_)); }
  void hold_again(const std::shared_ptr<void>& unanswered) {
    std::tie(held_, afterwards_) = std::move(*std::static_pointer_cast<Unanswered>(unanswered));
  }

  /// Sends what was held back, and waits.
  void flush();
  /// The same and the texts after it, each one statement without parameters; the results of those.
  std::vector<PostgresResult> run_with_held(const std::vector<std::string>& texts);
  /// Sends `texts` along with the next statement that has parameters; take_ended() has their results then.
  void end_with_next(std::vector<std::string> texts) { ending_ = std::move(texts); }
  /// Sends `texts` behind whatever ends the transaction; they fail by themselves.
  void run_after_commit(const std::vector<std::string>& texts) { afterwards_ = texts; }
  std::optional<std::vector<PostgresResult>> take_ended() noexcept { return std::exchange(ended_, std::nullopt); }
  /// The transaction is given up, and what was held back with it.
  void forget() noexcept {
    held_.clear();
    unanswered_.clear();
    opening_.clear();
    ending_.clear();
    afterwards_.clear();
    ended_.reset();
    untouched_ = false;
    marked_ = 0;
  }

 private:
  friend class PostgresStatement;
  using Unanswered = std::pair<std::vector<Sent>, std::vector<std::string>>;

  PostgresResult run(Sent sent);
  std::vector<Sent> take_held();
  void hold(Sent sent);
  std::vector<PostgresResult> exchange(std::vector<Sent> batch, const std::vector<std::string>& texts);
  const std::string& numbered(const std::string& sql);

  PGconn* connection_;
  std::vector<Sent> held_;
  std::vector<Sent> unanswered_;  ///< those of an untouched transaction that were sent for the first time
  std::size_t marked_ = 0;
  std::vector<std::string> opening_;  ///< of begin(), not sent yet
  bool untouched_ = false;
  std::vector<std::string> ending_;                        ///< of end_with_next()
  std::vector<std::string> afterwards_;                    ///< of run_after_commit()
  std::optional<std::vector<PostgresResult>> ended_;       ///< their results
  std::unordered_map<std::string, std::string> numbered_;  ///< texts with $1 for the first :name, and so on
};

/// What PostgreSQL says of a result that is a failure.
SqlFailure failure_of(const PGresult* result);
void require_success(const PGresult* result);

/// `sql` with its parameters by number, in the order in which they stand.
std::string number_parameters(std::string_view sql);

}  // namespace authkit
