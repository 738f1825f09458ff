#pragma once

#include <string>
#include <string_view>

namespace authkit {

/// Where the SQL databases differ. Everything else in a statement must mean the same on all of them.
struct Dialect {
  std::string_view name;

  // Statements: bytes are bound and read as lower-case hexadecimal text.
  std::string_view bytes_in_open, bytes_in_close;    ///< around a bound parameter
  std::string_view bytes_out_open, bytes_out_close;  ///< around a column
  std::string_view any_open, any_close;              ///< around a SELECT of the few values that a column may have

  // Migrations.
  std::string_view bytes;         ///< column type of ids and digests
  std::string_view number;        ///< column type of 64-bit integers
  std::string_view text;          ///< column type of text that is compared and sorted byte by byte
  std::string_view serial;        ///< a 64-bit primary key that only grows and never repeats
  std::string_view table;         ///< after the closing bracket of a table
  std::string_view keyed_table;   ///< the same for small rows that are only found by their primary key
  std::string_view feed_column;   ///< a further column of the revocation feed where serial numbers do not appear in the order of commits
  std::string_view feed_key;      ///< what the feed is read by
  std::string_view concurrently;  ///< after CREATE INDEX and DROP INDEX in a step that runs outside of a transaction
  bool steps_outside;             ///< steps of the schema that are marked so run outside of a transaction; else they do as all others
  const char* statistics;         ///< a script after every migration
  bool overtaking;                ///< units run side by side: a row with a later number may be committed before one with an earlier number

  /// A statement as this database takes it: `in{:id}` becomes the bytes of a parameter, `out{column}` the text of a column of bytes, `any{SELECT
  /// ...}` what a column is compared with, `columns{}` the list that was given.
  std::string statement(std::string_view sql, std::string_view columns = {}) const;
  /// A migration as this database takes it: @BYTES@, @NUMBER@ and so on (the members above) become its own words.
  std::string migration(std::string_view sql) const;
};

extern const Dialect sqlite_dialect;
extern const Dialect postgres_dialect;
extern const char sqlite_statistics[];

}  // namespace authkit
