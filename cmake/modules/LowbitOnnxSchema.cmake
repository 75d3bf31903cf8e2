# Finds protobuf and ONNX's schema, and compiles the schema to C++.
#
# lowbit_add_onnx_schema(<name>) makes the static library <name> out of
# onnx.proto. Point LOWBIT_ONNX_PROTO_DIR at the folder of onnx.proto when it
# is not found by itself. ONNX's own library is not linked: it would bring a
# second copy of the same protobuf descriptors.

find_package(Protobuf QUIET)
if(NOT Protobuf_FOUND OR NOT TARGET protobuf::libprotobuf OR NOT TARGET protobuf::protoc)
  message(FATAL_ERROR "Lowbit needs protobuf to read ONNX files: install its library and compiler (Debian: libprotobuf-dev protobuf-compiler) or set CMAKE_PREFIX_PATH to where they are")
endif()

find_path(LOWBIT_ONNX_PROTO_DIR onnx.proto PATH_SUFFIXES onnx
          DOC "Folder of ONNX's schema, onnx.proto")
if(NOT LOWBIT_ONNX_PROTO_DIR)
  message(FATAL_ERROR "Lowbit needs ONNX's schema, onnx.proto: install it (Debian: libonnx-dev) or set LOWBIT_ONNX_PROTO_DIR to the folder that holds it")
endif()
message(STATUS "Using protobuf ${Protobuf_VERSION} and the schema in ${LOWBIT_ONNX_PROTO_DIR}")
get_target_property(LOWBIT_PROTOC protobuf::protoc LOCATION)

function(lowbit_add_onnx_schema name)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/schema)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${folder}/onnx.pb.cc ${folder}/onnx.pb.h
    COMMAND protobuf::protoc --cpp_out=${folder} --proto_path=${LOWBIT_ONNX_PROTO_DIR} onnx.proto
    DEPENDS ${LOWBIT_ONNX_PROTO_DIR}/onnx.proto protobuf::protoc
    COMMENT "Compiling ONNX's schema"
    VERBATIM)
  # Generated code: neither our warnings nor our precompiled header, and with
  # the exceptions that protobuf's inline functions may use.
  add_library(${name} STATIC ${folder}/onnx.pb.cc ${folder}/onnx.pb.h)
  target_compile_options(${name} PRIVATE -w -fvisibility=hidden)
  target_include_directories(${name} SYSTEM PUBLIC $<BUILD_INTERFACE:${folder}>)
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf)
  lowbit_export(${name})
endfunction()
