# `cmake --install` makes a prefix that projects find_package(Lowbit) in: tools and
# libraries (AddLowbit.cmake), headers and TableGen files of both include roots,
# written and generated, as one include/lowbit/, recipes, and CMake files.

include(CMakePackageConfigHelpers)
install(DIRECTORY dialects/lowbit include/lowbit
                  ${CMAKE_BINARY_DIR}/dialects/lowbit ${CMAKE_BINARY_DIR}/include/lowbit
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING
    PATTERN *.h
    PATTERN *.td
    PATTERN *.inc
    PATTERN CMakeFiles EXCLUDE
    PATTERN *.dir EXCLUDE
)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The tools have the built-in recipes within them: these are to copy from.
install(DIRECTORY recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/lowbit)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/lowbit)
install(EXPORT LowbitTargets NAMESPACE Lowbit:: DESTINATION ${package})
configure_package_config_file(cmake/LowbitConfig.cmake.in
  ${CMAKE_BINARY_DIR}/LowbitConfig.cmake INSTALL_DESTINATION ${package})
# Nothing is promised to stay as it is before version 1.0.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/LowbitConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_BINARY_DIR}/LowbitConfig.cmake
  ${CMAKE_BINARY_DIR}/LowbitConfigVersion.cmake
  cmake/modules/LowbitAddModel.cmake
  DESTINATION ${package}
)
