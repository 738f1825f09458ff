# Language level, warnings, sanitizers, ccache: what every target of the project is built with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
  endif()
  find_program(CCACHE ccache)
  if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CURRENT_LIST_DIR}/ccache.sh)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_CURRENT_LIST_DIR}/ccache.sh)
  endif()
endif()

# authkit_target(name): applies the house's flags to one of the project's own targets.
function(authkit_target name)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -fvisibility=hidden)
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-sign-conversion>)  # which GCC counts to another flag
  # Where GCC follows variables through optimised code, one file of views into inline buffers takes minutes instead of seconds.
  target_compile_options(${name} PRIVATE $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<NOT:$<CONFIG:Debug>>>:-fno-var-tracking-assignments>)
  target_link_options(${name} PRIVATE LINKER:--as-needed)  # libcurl brings twenty libraries, for programs that fetch something
  if(AUTHKIT_WERROR)
    target_compile_options(${name} PRIVATE -Werror)
  endif()
  if(AUTHKIT_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${AUTHKIT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${name} PRIVATE -fsanitize=${AUTHKIT_SANITIZE})
    if(AUTHKIT_SANITIZE MATCHES "undefined")
      target_compile_options(${name} PRIVATE -fno-sanitize=vptr)  # SOCI's library exports no type information of its classes
    endif()
    if(AUTHKIT_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${name} PRIVATE -Wno-tsan)  # Asio's fences, which GCC's TSan does not model
    endif()
  endif()
endfunction()

# authkit_precompile(name header...): parses the standard library (and those headers) once for a target of many files. Only where AUTHKIT_PRECOMPILE is on:
# whoever adds authkit to a project, and every editor, builds without, which shows that each file includes what it uses.
function(authkit_precompile name)
  if(AUTHKIT_PRECOMPILE)
    target_precompile_headers(
      ${name}
      PRIVATE
      <algorithm>
      <array>
      <atomic>
      <charconv>
      <chrono>
      <condition_variable>
      <functional>
      <map>
      <memory>
      <mutex>
      <optional>
      <set>
      <span>
      <string>
      <string_view>
      <thread>
      <unordered_map>
      <vector>
      ${ARGN})
  endif()
endfunction()
