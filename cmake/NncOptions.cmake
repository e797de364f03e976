# Compiler flags, ccache and warnings, shared by every target.

# "Dev" has no flags of its own, and no debug information: the quickest to build. The compiler's libraries are optimised a
# little (NncTargets.cmake), which costs a third of their build and saves a fifth of each build of a program; the runtime
# always is in full (runtime/CMakeLists.txt).
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev CACHE STRING "" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers are cached only when ccache may ignore their time stamps.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
  find_program(NNC_LLD NAMES ld.lld-22 ld.lld HINTS ${LLVM_TOOLS_BINARY_DIR} REQUIRED)
  add_link_options(--ld-path=${NNC_LLD})
endif()

add_compile_options(-Wall -Wextra -Wno-unused-parameter -fno-semantic-interposition)
if(NNC_WERROR)
  add_compile_options(-Werror)
endif()
if(NNC_SANITIZE)
  # What is found ends the program, so that its test fails.
  add_compile_options(-fsanitize=${NNC_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${NNC_SANITIZE})
endif()
if(NNC_FUZZERS)
  # Coverage for libFuzzer in all that a fuzzer links; only the fuzzers themselves get its main().
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
