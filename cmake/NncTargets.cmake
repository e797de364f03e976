# Functions that declare the project's targets, so that each folder's CMakeLists.txt only lists its parts.

set(NNC_LLVM_INCLUDES ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
list(REMOVE_DUPLICATES NNC_LLVM_INCLUDES)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# Everything that may include MLIR: our headers, generated ones, LLVM's as system headers. LLVM is
# built with RTTI and without exceptions; we are too. Only the shared libraries are linked: mixing in
# a static libMLIR*.a would register every type twice.
add_library(nnc_llvm INTERFACE)
target_include_directories(nnc_llvm INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_include_directories(nnc_llvm SYSTEM INTERFACE ${NNC_LLVM_INCLUDES})
target_compile_options(nnc_llvm INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
target_link_libraries(nnc_llvm INTERFACE MLIR LLVM)

# One precompiled header of MLIR's heavy parts; it takes a pass from 14 s to 3 s.
file(WRITE ${PROJECT_BINARY_DIR}/pch/empty.cpp "")
add_library(nnc_pch OBJECT ${PROJECT_BINARY_DIR}/pch/empty.cpp)
target_link_libraries(nnc_pch PRIVATE nnc_llvm)
target_precompile_headers(nnc_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/Pch.h)
set(NNC_LIBRARY_OPTIONS $<$<AND:$<CONFIG:Dev>,$<COMPILE_LANGUAGE:CXX>>:-O1>)
target_compile_options(nnc_pch PRIVATE ${NNC_LIBRARY_OPTIONS})

# nnc_add_library(name SOURCES ... [LINK ...] [DEPENDS ...] [NO_MLIR] [EXCEPTIONS])
# A static library of the compiler. NO_MLIR: it may use LLVM's Support, but no MLIR header.
function(nnc_add_library name)
  cmake_parse_arguments(ARG "NO_MLIR;EXCEPTIONS" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${NNC_LIBRARY_OPTIONS})
  if(ARG_EXCEPTIONS)
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    target_include_directories(${name} SYSTEM PUBLIC ${NNC_LLVM_INCLUDES})
    target_link_libraries(${name} PUBLIC LLVM ${ARG_LINK})
  else()
    target_link_libraries(${name} PUBLIC nnc_llvm ${ARG_LINK})
    if(NOT ARG_NO_MLIR)
      target_precompile_headers(${name} REUSE_FROM nnc_pch)
    endif()
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# nnc_tablegen(target TD file.td OUT generated.inc ARGS -gen-... [OUT ... ARGS ...])
# Runs mlir-tblgen into the matching folder of the build tree, so that
# #include "dialects/nn/ir/NnOps.h.inc" names the file where its source lies.
function(nnc_tablegen target td)
  set(outputs)
  set(rest ${ARGN})
  list(REMOVE_ITEM rest OUT ARGS)
  get_filename_component(td_path ${td} ABSOLUTE)
  while(rest)
    list(POP_FRONT rest out flags)
    separate_arguments(flags UNIX_COMMAND "${flags}")
    set(path ${CMAKE_CURRENT_BINARY_DIR}/${out})
    add_custom_command(
      OUTPUT ${path}
      COMMAND ${MLIR_TABLEGEN_EXE} ${flags} ${td_path} -I ${PROJECT_SOURCE_DIR} -I ${LLVM_INCLUDE_DIR} -o ${path} -d ${path}.d
      DEPENDS ${td_path}
      DEPFILE ${path}.d
      COMMENT "Generating ${out}"
      VERBATIM)
    list(APPEND outputs ${path})
  endwhile()
  add_custom_target(${target} DEPENDS ${outputs})
endfunction()

# nnc_add_tool(name SOURCES ... LINK ...): an executable in build/bin.
function(nnc_add_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} nnc_llvm)
endfunction()

# nnc_add_subdirectories(folder ...): several folders, in order.
function(nnc_add_subdirectories)
  foreach(folder ${ARGN})
    add_subdirectory(${folder})
  endforeach()
endfunction()
