# Writes the migrations into a C++ table. Run as a script: cmake -DFOLDER=... -DOUT=... -P AuthkitEmbed.cmake
# Every NNNN_name.up.sql needs its NNNN_name.down.sql, and the numbers must be 1, 2, 3, ...
file(GLOB steps RELATIVE ${FOLDER} ${FOLDER}/*.up.sql)
list(SORT steps)
set(rows "")
set(next 1)
foreach(step IN LISTS steps)
  if(NOT step MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.up\\.sql$")
    message(FATAL_ERROR "${step} is not named NNNN_name.up.sql")
  endif()
  set(name ${CMAKE_MATCH_2})
  math(EXPR number "1${CMAKE_MATCH_1} - 10000")
  if(NOT number EQUAL next)
    message(FATAL_ERROR "${step}: the next migration must have number ${next}")
  endif()
  string(REPLACE ".up.sql" ".down.sql" back ${step})
  file(READ ${FOLDER}/${step} up)
  file(READ ${FOLDER}/${back} down)
  string(APPEND rows "    {${number}, \"${name}\", R\"--sql--(${up})--sql--\", R\"--sql--(${down})--sql--\"},\n")
  math(EXPR next "${next} + 1")
endforeach()
file(WRITE ${OUT} "#include \"db/migrate.hpp\"

namespace authkit {
namespace {

constexpr Migration migrations[] = {
${rows}};

}  // namespace

std::span<const Migration> embedded_migrations() noexcept { return migrations; }

}  // namespace authkit
")
