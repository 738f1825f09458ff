#include "contract/statement_log.hpp"
#include "db/sql_session.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <utility>

namespace authkit::contract {
namespace {

using sqlite_api::sqlite3;

class SqliteLog : public StatementLog {
 public:
  explicit SqliteLog(SqlDatabase& database) : database_(database) { listen(SQLITE_TRACE_STMT); }
  ~SqliteLog() override { listen(0); }

  std::vector<SentStatement> statements() override { return std::exchange(statements_, {}); }

  std::vector<std::string> plan(const SentStatement& statement) override {
    std::vector<std::string> lines;
    database_
        .read(Route::write, {},
              [&](SqlSession& session) {
                const auto keep = [](void* to, int, char** columns, char**) {
                  static_cast<std::vector<std::string>*>(to)->emplace_back(columns[3]);
                  return 0;
                };
                // Compiled anew: a plan that is kept does not notice that an index went.
                sqlite_api::sqlite3_exec(handle_of(session), ("EXPLAIN QUERY PLAN " + statement.sql).c_str(), keep, &lines, nullptr);
              })
        .value();
    statements_.clear();
    return lines;
  }

 private:
  static sqlite3* handle_of(SqlSession& session) { return static_cast<soci::sqlite3_session_backend*>(session.soci().get_backend())->conn_; }

  void listen(unsigned what) {
    for (const Route route : {Route::write, Route::read_latest}) {
      (void)database_.read(route, {}, [&](SqlSession& session) { sqlite_api::sqlite3_trace_v2(handle_of(session), what, note, this); });
    }
  }

  static int note(unsigned, void* self, void* statement, void*) {
    char* sql = sqlite_api::sqlite3_expanded_sql(static_cast<sqlite_api::sqlite3_stmt*>(statement));
    static_cast<SqliteLog*>(self)->statements_.push_back({sql});
    sqlite_api::sqlite3_free(sql);
    return 0;
  }

  SqlDatabase& database_;
  std::vector<SentStatement> statements_;
};

}  // namespace

std::unique_ptr<StatementLog> sqlite_log(SqlDatabase& database) { return std::make_unique<SqliteLog>(database); }

}  // namespace authkit::contract
