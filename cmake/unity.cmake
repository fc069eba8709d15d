# coupond_compile_in_groups(FOLDERS …): compiles several sources of a target as one file, which saves most of
# the time for their common headers, for the targets in these folders of the project and below them. Call it
# after all targets have been added.

# Appends a line "TARGET SOURCE" to the global property for each source in the folder and below it.
function(_coupond_list_sources folder)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(NOT type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
      continue()
    endif()
    get_target_property(sources ${target} SOURCES)
    foreach(source ${sources})
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder})
      cmake_path(IS_PREFIX PROJECT_BINARY_DIR ${source} generated)
      if(source MATCHES "\\.cc$" AND NOT generated)
        set_property(GLOBAL APPEND_STRING PROPERTY coupond_sources "${target} ${source}\n")
      endif()
    endforeach()
  endforeach()
  get_property(subfolders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(subfolder ${subfolders})
    _coupond_list_sources(${subfolder})
  endforeach()
endfunction()

function(coupond_compile_in_groups)
  foreach(folder ${ARGN})
    if(COUPOND_BUILD_TESTS OR NOT folder MATCHES "^(test|bench)$")
      _coupond_list_sources(${PROJECT_SOURCE_DIR}/${folder})
    endif()
  endforeach()
  get_property(lines GLOBAL PROPERTY coupond_sources)
  file(WRITE ${PROJECT_BINARY_DIR}/unity_sources.txt "${lines}")
  execute_process(
    COMMAND awk -v groups_of=10 -f ${PROJECT_SOURCE_DIR}/cmake/unity_groups.awk
            ${PROJECT_BINARY_DIR}/unity_sources.txt
    OUTPUT_VARIABLE groups COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" groups "${groups}")
  foreach(line ${groups})
    string(REPLACE " " ";" line "${line}")
    list(GET line 0 target)
    list(GET line 1 source)
    list(GET line 2 group)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${group})
    # The source's declarations determine its group.
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  endforeach()
endfunction()
