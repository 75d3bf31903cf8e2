# Finds LLVM/MLIR 22.1 and sets up the one shared libMLIR and libLLVM.
#
# Point MLIR_DIR at the directory of MLIRConfig.cmake when it is not found by
# itself. LLVM accepts only an exact major.minor in find_package, so the
# version is tested here.

list(APPEND CMAKE_PREFIX_PATH /usr/lib/llvm-22)
find_package(MLIR REQUIRED CONFIG)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "Lowbit needs LLVM/MLIR 22, found ${LLVM_PACKAGE_VERSION} in ${MLIR_DIR}; set MLIR_DIR to lib/cmake/mlir of an LLVM 22.1 installation")
endif()
message(STATUS "Using MLIR ${LLVM_PACKAGE_VERSION} in ${MLIR_DIR}")

# One copy of MLIR for tools and plugins: the shared libraries, never archives.
set(MLIR_LINK_MLIR_DYLIB ON)
set(LLVM_LINK_LLVM_DYLIB ON)

# Debian's LLVMConfig.cmake names an llvm-lit that its packages do not hold.
find_program(LLVM_EXTERNAL_LIT NAMES lit llvm-lit lit-22
             HINTS ${LLVM_TOOLS_BINARY_DIR} DOC "LLVM's test runner")

list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# LLVMConfig.cmake reports that Debian's LLVM has its asserts off; ours are
# a choice of their own.
option(LOWBIT_ENABLE_ASSERTIONS "Check Lowbit's own asserts" OFF)
set(LLVM_ENABLE_ASSERTIONS ${LOWBIT_ENABLE_ASSERTIONS})
# HandleLLVMOptions takes the flags of LLVM_USE_SANITIZER=Undefined from this
# variable, which only LLVM's own tree sets; without it nothing is checked.
set(LLVM_UBSAN_FLAGS "-fsanitize=undefined -fno-sanitize=vptr,function -fno-sanitize-recover=all")
include(HandleLLVMOptions)

include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
separate_arguments(LLVM_DEFINITIONS_LIST NATIVE_COMMAND "${LLVM_DEFINITIONS}")
add_definitions(${LLVM_DEFINITIONS_LIST})
