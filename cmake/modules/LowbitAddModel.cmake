# lowbit_add_model(<name> <model> [FLAGS <flag>...] [DEPENDS <file>...])
#
# Compiles a model with lowbit-compile into the static library <name>; its header
# is <name>.h. Flags are lowbit-compile's, such as --recipe=int8 and
# --calibrate=<file>; DEPENDS names the files in them.
function(lowbit_add_model name model)
  cmake_parse_arguments(ARG "" "" "FLAGS;DEPENDS" ${ARGN})
  get_filename_component(model ${model} ABSOLUTE)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name}.model)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${folder}/${name}.a ${folder}/${name}.h
    COMMAND Lowbit::lowbit-compile ${model} ${ARG_FLAGS} --symbol-prefix=${name}
            -o ${folder}/${name}.a
    DEPENDS ${model} ${ARG_DEPENDS} Lowbit::lowbit-compile
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMENT "Compiling the model ${name}"
    VERBATIM
  )
  add_custom_target(${name}-model DEPENDS ${folder}/${name}.a ${folder}/${name}.h)
  add_library(${name} STATIC IMPORTED GLOBAL)
  add_dependencies(${name} ${name}-model)
  set_target_properties(${name} PROPERTIES
    IMPORTED_LOCATION ${folder}/${name}.a
    INTERFACE_INCLUDE_DIRECTORIES ${folder}
    INTERFACE_LINK_LIBRARIES m
  )
endfunction()
