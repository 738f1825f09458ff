# cmake --install and cpack. Component `runtime`: the program and libauthkit_c.so.0. Component `devel`: headers, archives, the CMake package, pkg-config
# files. tests/consumer builds outside projects against the result.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(AUTHKIT_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/authkit)

# authkit_install_library(target export-set): the library where its kind belongs.
function(authkit_install_library target set)
  install(
    TARGETS ${target}
    EXPORT ${set}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT devel
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
            COMPONENT runtime
            NAMELINK_COMPONENT devel)
endfunction()

authkit_install_library(authkit authkit-targets)
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/include/authkit ${PROJECT_BINARY_DIR}/include/authkit
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT devel
  FILES_MATCHING
  PATTERN "*.h"
  PATTERN "*.hpp"
  PATTERN "*.def")

install(
  EXPORT authkit-targets
  NAMESPACE authkit::
  DESTINATION ${AUTHKIT_CMAKE_DIR}
  COMPONENT devel)
get_property(AUTHKIT_NEEDS GLOBAL PROPERTY AUTHKIT_NEEDS)
string(JOIN "\n  " AUTHKIT_NEEDS ${AUTHKIT_NEEDS})
# Whoever links the archive links what it needs, so the CMake package and `pkg-config --libs authkit` name it all; a shared libauthkit brings its own.
if(BUILD_SHARED_LIBS)
  set(AUTHKIT_NEEDS "")
endif()
configure_package_config_file(${PROJECT_SOURCE_DIR}/src/cmake/authkit-config.cmake.in ${PROJECT_BINARY_DIR}/authkit-config.cmake
                              INSTALL_DESTINATION ${AUTHKIT_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/authkit-config-version.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/authkit-config.cmake ${PROJECT_BINARY_DIR}/authkit-config-version.cmake
        ${PROJECT_SOURCE_DIR}/src/cmake/FindSOCI.cmake
        ${PROJECT_SOURCE_DIR}/src/cmake/FindZXCVBN.cmake
  DESTINATION ${AUTHKIT_CMAKE_DIR}
  COMPONENT devel)

# ${pcfiledir} keeps the tree movable.
file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" up "${up}")
set(AUTHKIT_PC_PREFIX "\${pcfiledir}/${up}")
get_property(AUTHKIT_PC_REQUIRES GLOBAL PROPERTY AUTHKIT_PC_REQUIRES)
list(APPEND AUTHKIT_PC_REQUIRES sqlite3 fmt libssl libcrypto)
string(JOIN " " AUTHKIT_PC_REQUIRES ${AUTHKIT_PC_REQUIRES})
set(AUTHKIT_PC_LIBS "-lsoci_sqlite3 -lsoci_postgresql -lsoci_core -lboost_json -lzxcvbn -lpthread")
if(BUILD_SHARED_LIBS)
  set(AUTHKIT_PC_REQUIRES "")
  set(AUTHKIT_PC_LIBS "")
endif()

# authkit_install_pc(template): the pkg-config file made from it.
function(authkit_install_pc template)
  get_filename_component(name ${template} NAME_WLE)
  configure_file(${template} ${PROJECT_BINARY_DIR}/${name} @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)
endfunction()
authkit_install_pc(${PROJECT_SOURCE_DIR}/src/cmake/authkit.pc.in)
