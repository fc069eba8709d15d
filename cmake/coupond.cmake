# Functions that the CMakeLists.txt of this project share.

include(GoogleTest)
add_custom_target(coupond_unit_tests)

# coupond_library(NAME [FOLDERS …] [HEADERS …] LIBS … [PRIVATE_LIBS …] [PRECOMPILE …]): adds a room, a
# static library of all sources in this folder (and in FOLDERS below it) except main.cc.
#
# Headers are included by their path below src or tools. A library's include root contains a link to its
# own folder and nothing else, so a header of a room that is not linked is not found. A room with other
# rooms below it lists its own headers in HEADERS.
function(coupond_library name)
  cmake_parse_arguments(ARG "" "" "FOLDERS;HEADERS;LIBS;PRIVATE_LIBS;PRECOMPILE" ${ARGN})
  set(patterns *.cc)
  foreach(folder ${ARG_FOLDERS})
    list(APPEND patterns ${folder}/*.cc)
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  file(RELATIVE_PATH room ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REGEX MATCH "^[^/]*" folder ${room})
  string(REGEX MATCH "/(.*)$" room ${room})
  set(room ${CMAKE_MATCH_1})
  set(root ${PROJECT_BINARY_DIR}/include/${name})
  file(REMOVE_RECURSE ${root})
  if(ARG_HEADERS)
    file(MAKE_DIRECTORY ${root}/${room})
    foreach(header ${ARG_HEADERS})
      file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${root}/${room}/${header} SYMBOLIC)
    endforeach()
  else()
    cmake_path(GET room PARENT_PATH parent)
    file(MAKE_DIRECTORY ${root}/${parent})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${room} SYMBOLIC)
  endif()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${root})
    target_link_libraries(${name} PUBLIC ${ARG_LIBS} PRIVATE ${ARG_PRIVATE_LIBS})
    if(COUPOND_PRECOMPILED_HEADERS AND ARG_PRECOMPILE AND NOT folder IN_LIST COUPOND_GROUPED)
      target_precompile_headers(${name} PRIVATE ${ARG_PRECOMPILE})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${root})
    target_link_libraries(${name} INTERFACE ${ARG_LIBS})
  endif()
endfunction()

# coupond_test(NAME [SOURCES …] [FOLDERS …] [EXCEPT …] LIBS … [LABELS …] [SANITIZERS …]): adds a GoogleTest
# program of these sources, or of all in this folder, and of those in FOLDERS below it without EXCEPT; CTest
# runs each test in a process of its own, and in a build with a sanitizer those of a program in four processes.
# Tests without a label are unit tests, which the target coupond_unit_tests builds. Labels: "program" for tests
# that start the real programs, "sweep" for tests that make many stores. SANITIZERS names those under which a unit
# test finds what no other does: "address" where bytes from outside or memory are handled, "thread" where threads
# meet. With COUPOND_SANITIZE_ALL every unit test runs.
function(coupond_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;FOLDERS;EXCEPT;LIBS;LABELS;SANITIZERS" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS *.cc)
  endif()
  foreach(folder ${ARG_FOLDERS})
    file(GLOB sources RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${folder}/*.cc)
    if(ARG_EXCEPT)
      list(REMOVE_ITEM sources ${ARG_EXCEPT})
    endif()
    list(APPEND ARG_SOURCES ${sources})
  endforeach()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest_main Threads::Threads)
  target_compile_options(${name} PRIVATE ${COUPOND_TEST_OPTIONS})
  if(COUPOND_PRECOMPILED_HEADERS)
    target_precompile_headers(${name} REUSE_FROM coupond_test_pch)
  endif()
  if(COUPOND_SANITIZE AND NOT COUPOND_SANITIZE_ALL)
    string(REPLACE "," ";" sanitizers "${COUPOND_SANITIZE}")
    string(REPLACE ";" "|" wanted "${ARG_SANITIZERS}")
    list(FILTER sanitizers INCLUDE REGEX "^(${wanted})$")
    if(NOT wanted OR NOT sanitizers)
      return()
    endif()
  endif()
  if(COUPOND_SANITIZE)
    # Under a sanitizer a process costs more than most tests.
    foreach(shard 0 1 2 3)
      add_test(NAME ${name}.${shard} COMMAND ${name} --gtest_brief=1)
      set_tests_properties(${name}.${shard} PROPERTIES TIMEOUT 3600 LABELS "${ARG_LABELS}"
        ENVIRONMENT "GTEST_TOTAL_SHARDS=4;GTEST_SHARD_INDEX=${shard}")
    endforeach()
  else()
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
                         PROPERTIES TIMEOUT 1200 LABELS "${ARG_LABELS}")
  endif()
  if(NOT ARG_LABELS)
    add_dependencies(coupond_unit_tests ${name})
  endif()
endfunction()

# coupond_proto_library(NAME PROTOS …): adds a library of the messages in these files. Imports and
# includes are relative to this folder.
function(coupond_proto_library name)
  cmake_parse_arguments(ARG "" "" "PROTOS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  add_library(${name} STATIC ${ARG_PROTOS})
  protobuf_generate(TARGET ${name} IMPORT_DIRS ${CMAKE_CURRENT_SOURCE_DIR} PROTOC_OUT_DIR ${out})
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf)
  target_compile_options(${name} PRIVATE -w)
  if(COUPOND_SANITIZE)
    # Generated, and large.
    target_compile_options(${name} PRIVATE -O0 -fno-sanitize=all)
  endif()
endfunction()
