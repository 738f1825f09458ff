# cpack -G DEB (or TGZ) in the build folder: `authkit`, what runs, and `authkit-dev`, what builds against it. tests/consumer unpacks and uses both.
get_property(needs GLOBAL PROPERTY AUTHKIT_DEBIAN)
list(REMOVE_ITEM needs libc6-dev)
list(APPEND needs pkg-config)
list(JOIN needs ", " needs)

set(CPACK_PACKAGE_NAME authkit)
set(CPACK_PACKAGE_VENDOR authkit)
set(CPACK_PACKAGE_CONTACT "authkit maintainers <maintainers@authkit.invalid>")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL runtime devel)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME authkit)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "Accounts, sessions and tokens: the server, its command line and the C library")
set(CPACK_DEBIAN_DEVEL_PACKAGE_NAME authkit-dev)
set(CPACK_DEBIAN_DEVEL_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "authkit (= ${PROJECT_VERSION}-1), ${needs}")
set(CPACK_COMPONENT_DEVEL_DESCRIPTION "Accounts, sessions and tokens: headers and archives to build against")

foreach(package authkit authkit-dev)
  set(component runtime)
  if(package STREQUAL authkit-dev)
    set(component devel)
  endif()
  install(
    FILES ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION share/doc/${package}
    RENAME copyright
    COMPONENT ${component})
endforeach()
include(CPack)
