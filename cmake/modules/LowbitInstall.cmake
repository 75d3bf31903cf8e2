# What `cmake --install` copies besides the tools: headers and TableGen files of
# both include roots, written and generated, as one include/lowbit/.

include(GNUInstallDirs)
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
