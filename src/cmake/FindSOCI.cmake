# SOCI::core, SOCI::sqlite3 and SOCI::postgresql, for distributions whose SOCI package ships no CMake files.
find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_CORE_LIBRARY soci_core)
find_library(SOCI_SQLITE3_LIBRARY soci_sqlite3)
find_library(SOCI_POSTGRESQL_LIBRARY soci_postgresql)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI REQUIRED_VARS SOCI_INCLUDE_DIR SOCI_CORE_LIBRARY SOCI_SQLITE3_LIBRARY SOCI_POSTGRESQL_LIBRARY)

if(SOCI_FOUND)
  foreach(part core sqlite3 postgresql)
    if(NOT TARGET SOCI::${part})
      string(TOUPPER ${part} upper)
      add_library(SOCI::${part} UNKNOWN IMPORTED)
      set_target_properties(SOCI::${part} PROPERTIES IMPORTED_LOCATION ${SOCI_${upper}_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES
                                                     "${SOCI_INCLUDE_DIR};${SOCI_INCLUDE_DIR}/soci")
    endif()
  endforeach()
endif()
mark_as_advanced(SOCI_INCLUDE_DIR SOCI_CORE_LIBRARY SOCI_SQLITE3_LIBRARY SOCI_POSTGRESQL_LIBRARY)
