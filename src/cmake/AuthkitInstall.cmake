# cmake --install: headers, the archive, the CMake package and authkit.pc. tests/consumer builds outside projects against the result.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(AUTHKIT_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/authkit)

install(TARGETS authkit EXPORT authkit-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/include/authkit ${PROJECT_BINARY_DIR}/include/authkit
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING
  PATTERN "*.h"
  PATTERN "*.hpp"
  PATTERN "*.def")

install(
  EXPORT authkit-targets
  NAMESPACE authkit::
  DESTINATION ${AUTHKIT_CMAKE_DIR})
get_property(AUTHKIT_NEEDS GLOBAL PROPERTY AUTHKIT_NEEDS)
string(JOIN "\n" AUTHKIT_NEEDS ${AUTHKIT_NEEDS})
configure_package_config_file(${PROJECT_SOURCE_DIR}/src/cmake/authkit-config.cmake.in ${PROJECT_BINARY_DIR}/authkit-config.cmake
                              INSTALL_DESTINATION ${AUTHKIT_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/authkit-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/authkit-config.cmake ${PROJECT_BINARY_DIR}/authkit-config-version.cmake
              ${PROJECT_SOURCE_DIR}/src/cmake/FindSOCI.cmake DESTINATION ${AUTHKIT_CMAKE_DIR})

# authkit is an archive: whoever links it links what it needs, so `pkg-config --libs authkit` names it all. ${pcfiledir} keeps the tree movable.
file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" up "${up}")
set(AUTHKIT_PC_PREFIX "\${pcfiledir}/${up}")
get_property(AUTHKIT_PC_REQUIRES GLOBAL PROPERTY AUTHKIT_PC_REQUIRES)
list(APPEND AUTHKIT_PC_REQUIRES sqlite3 fmt libcrypto)
string(JOIN " " AUTHKIT_PC_REQUIRES ${AUTHKIT_PC_REQUIRES})
set(AUTHKIT_PC_LIBS "-lsoci_sqlite3 -lsoci_core -lboost_json -lpthread")
configure_file(${PROJECT_SOURCE_DIR}/src/cmake/authkit.pc.in ${PROJECT_BINARY_DIR}/authkit.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/authkit.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
