#include "db/dialect.hpp"

#include <utility>

namespace authkit {
namespace {

/// Replaces every `open`…`}` by `before` + what stood between + `after`.
std::string replace_wrapped(std::string text, std::string_view open, std::string_view before, std::string_view after) {
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at + before.size())) {
    text.replace(text.find('}', at), 1, after);
    text.replace(at, open.size(), before);
  }
  return text;
}

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
  return text;
}

}  // namespace

// Hexadecimal text also in the column: it sorts as the bytes do, and a person can read the table.
const Dialect sqlite_dialect{.name = "sqlite",
                             .bytes_in_open = "",
                             .bytes_in_close = "",
                             .bytes_out_open = "",
                             .bytes_out_close = "",
                             .any_open = "IN (",
                             .any_close = ")",
                             .bytes = "TEXT",
                             .number = "INTEGER",
                             .text = "TEXT",
                             .serial = "INTEGER PRIMARY KEY AUTOINCREMENT",
                             .table = "STRICT",
                             .keyed_table = "STRICT, WITHOUT ROWID",
                             .feed_column = "",
                             .feed_key = "seq",
                             .concurrently = "",
                             .steps_outside = false,
                             .statistics = sqlite_statistics,
                             .overtaking = false};

// The "C" collation orders as SQLite and the memory stores do, by bytes, whatever the database was made with.
const Dialect postgres_dialect{.name = "postgresql",
                               .bytes_in_open = "decode(",
                               .bytes_in_close = ", 'hex')",
                               .bytes_out_open = "encode(",
                               .bytes_out_close = ", 'hex')",
                               // Looked up one by one; a join with the same few would read the whole table if that is small enough.
                               .any_open = "= ANY (ARRAY(",
                               .any_close = "))",
                               .bytes = "BYTEA",
                               .number = "BIGINT",
                               .text = "TEXT COLLATE \"C\"",
                               .serial = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                               .table = "",
                               .keyed_table = "",
                               .feed_column = ",\n  xid XID8 NOT NULL DEFAULT pg_current_xact_id()",
                               .feed_key = "xid",
                               .concurrently = "CONCURRENTLY",
                               .steps_outside = true,
                               .statistics = "",
                               .overtaking = true};

std::string Dialect::statement(std::string_view sql, std::string_view columns) const {
  std::string bound = replace_all(std::string(sql), "columns{}", columns);
  bound = replace_wrapped(std::move(bound), "in{", bytes_in_open, bytes_in_close);
  bound = replace_wrapped(std::move(bound), "out{", bytes_out_open, bytes_out_close);
  return replace_wrapped(std::move(bound), "any{", any_open, any_close);
}

std::string Dialect::migration(std::string_view sql) const {
  std::string script(sql);
  for (const auto& [word, meaning] : {std::pair{std::string_view("@BYTES@"), bytes},
                                      {"@NUMBER@", number},
                                      {"@TEXT@", text},
                                      {"@SERIAL@", serial},
                                      {"@TABLE@", table},
                                      {"@KEYED_TABLE@", keyed_table},
                                      {"@FEED_COLUMN@", feed_column},
                                      {"@FEED_KEY@", feed_key},
                                      {"@CONCURRENTLY@", concurrently}}) {
    script = replace_all(std::move(script), word, meaning);
  }
  return script;
}

}  // namespace authkit
