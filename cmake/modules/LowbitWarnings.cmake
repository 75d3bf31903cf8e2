# Warnings are errors in our own code; LLVM's headers are system headers.

option(LOWBIT_WARNINGS_AS_ERRORS "Treat warnings in Lowbit's own code as errors" ON)
add_compile_options(-Wall -Wextra -Wno-unused-parameter $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>)
if(LOWBIT_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()
