# Wrappers around LLVM's and MLIR's CMake functions, so that every folder's
# CMakeLists.txt is one call.

include(GNUInstallDirs)

# TableGen outputs are needed before any C++ file is compiled.
add_custom_target(lowbit-headers)

# The precompiled header that every Lowbit library and tool shares.
function(_lowbit_use_pch target)
  if(NOT TARGET LowbitPCH)
    add_library(LowbitPCH OBJECT ${CMAKE_SOURCE_DIR}/cmake/Precompiled.cpp)
    llvm_update_compile_flags(LowbitPCH)
    target_precompile_headers(LowbitPCH PRIVATE ${CMAKE_SOURCE_DIR}/cmake/Precompiled.h)
    target_compile_options(LowbitPCH PRIVATE $<$<CXX_COMPILER_ID:Clang>:-fpch-instantiate-templates>)
  endif()
  if(NOT LOWBIT_NO_PCH)
    target_precompile_headers(${target} REUSE_FROM LowbitPCH)
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-fpch-instantiate-templates>)
  endif()
endfunction()

# lowbit_export(<name>...): installs libraries or tools, as Lowbit::<name without
# the prefix> for projects that find_package(Lowbit). MLIR's headers come from
# LowbitConfig.cmake.
function(lowbit_export)
  foreach(name ${ARGN})
    string(REGEX REPLACE "^Lowbit" "" short ${name})
    set_target_properties(${name} PROPERTIES EXPORT_NAME ${short})
    install(TARGETS ${name} EXPORT LowbitTargets
      INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endforeach()
endfunction()

# add_lowbit_library(<name> <sources>... [LINK_LIBS <lowbit libs>...])
# A static library of Lowbit against the shared libMLIR.
function(add_lowbit_library name)
  cmake_parse_arguments(ARG "NO_PCH" "" "LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  add_dependencies(${name} lowbit-headers)
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
  if(NOT ARG_NO_PCH)
    _lowbit_use_pch(${name})
  endif()
  lowbit_export(${name})
endfunction()

# add_lowbit_tool(<name> <sources>... [NO_INSTALL] [LINK_LIBS <lowbit libs>...])
function(add_lowbit_tool name)
  cmake_parse_arguments(ARG "NO_INSTALL" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  add_dependencies(${name} lowbit-headers)
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
  # -fPIC as in the libraries, so that the precompiled header fits.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  _lowbit_use_pch(${name})
  export_executable_symbols_for_plugins(${name})
  set_target_properties(${name} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  if(NOT ARG_NO_INSTALL)
    lowbit_export(${name})
  endif()
endfunction()

# add_lowbit_passes(<Name>): Passes.td of this folder -> Passes.h.inc.
function(add_lowbit_passes name)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name Lowbit${name})
  add_public_tablegen_target(Lowbit${name}PassIncGen)
  add_dependencies(lowbit-headers Lowbit${name}PassIncGen)
endfunction()
