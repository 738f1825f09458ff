# What authkit links. A missing one is named together with its Debian package, and each is noted so that the installed
# package, the pkg-config file and the .deb ask for the same.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)  # a project that adds authkit as a subdirectory links the same imported targets

# authkit_require(package debian-package arguments of find_package...)
macro(authkit_require package debian)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "authkit needs ${package}: on Debian, apt-get install ${debian}")
  endif()
  string(JOIN " " authkit_need ${package} ${ARGN})
  set_property(GLOBAL APPEND PROPERTY AUTHKIT_NEEDS "find_dependency(${authkit_need})")
  string(REPLACE " " ";" authkit_debian "${debian}")
  set_property(GLOBAL APPEND PROPERTY AUTHKIT_DEBIAN ${authkit_debian})
endmacro()

# authkit_require_pkg(NAME pkg-config-name debian-package): the same through pkg-config, as target PkgConfig::NAME.
find_package(PkgConfig QUIET)
if(NOT PkgConfig_FOUND)
  message(FATAL_ERROR "authkit needs pkg-config: on Debian, apt-get install pkg-config")
endif()
function(authkit_require_pkg name module debian)
  pkg_check_modules(${name} IMPORTED_TARGET GLOBAL QUIET ${module})
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "authkit needs ${module}: on Debian, apt-get install ${debian}")
  endif()
  set_property(GLOBAL APPEND PROPERTY AUTHKIT_NEEDS "pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})")
  set_property(GLOBAL APPEND PROPERTY AUTHKIT_PC_REQUIRES ${module})
  set_property(GLOBAL APPEND PROPERTY AUTHKIT_DEBIAN ${debian})
endfunction()

authkit_require(Threads libc6-dev)
authkit_require(OpenSSL libssl-dev 3.0)
authkit_require(Boost "libboost1.81-dev libboost-json1.81-dev" 1.81 COMPONENTS json)
authkit_require(fmt libfmt-dev)
authkit_require(SQLite3 libsqlite3-dev)
authkit_require(SOCI libsoci-dev)
authkit_require_pkg(SODIUM libsodium libsodium-dev)
authkit_require_pkg(UTF8PROC libutf8proc libutf8proc-dev)
