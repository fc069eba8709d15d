# The few functions that the CMakeLists.txt of this project share.

include(GoogleTest)
add_custom_target(coupond_unit_tests)

# coupond_library(NAME SOURCES … LIBS … [PRECOMPILE …]): one static library, one layer.
function(coupond_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;PRIVATE_LIBS;PRECOMPILE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_LIBS} PRIVATE ${ARG_PRIVATE_LIBS})
  if(COUPOND_PRECOMPILED_HEADERS AND ARG_PRECOMPILE)
    target_precompile_headers(${name} PRIVATE ${ARG_PRECOMPILE})
  endif()
endfunction()

# coupond_test(NAME SOURCES … LIBS … [LABELS …]): one GoogleTest program; CTest runs each of its
# tests by itself. Tests without a label are unit tests: the target coupond_unit_tests builds them,
# and they also run under the sanitizers. "program": starts the real programs. "sweep": many stores.
function(coupond_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest_main Threads::Threads)
  if(COUPOND_PRECOMPILED_HEADERS)
    target_precompile_headers(${name} REUSE_FROM coupond_test_pch)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300 LABELS "${ARG_LABELS}")
  if(NOT ARG_LABELS)
    add_dependencies(coupond_unit_tests ${name})
  endif()
endfunction()

# coupond_proto_library(NAME PROTOS files below this folder): messages, no services. The folder is the
# root that imports and includes are relative to.
function(coupond_proto_library name)
  cmake_parse_arguments(ARG "" "" "PROTOS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  add_library(${name} STATIC ${ARG_PROTOS})
  protobuf_generate(TARGET ${name} IMPORT_DIRS ${CMAKE_CURRENT_SOURCE_DIR} PROTOC_OUT_DIR ${out})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf)
  target_compile_options(${name} PRIVATE -w)
endfunction()
