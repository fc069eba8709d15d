# Runs at installation, because the prefix is known only then. cmake/install.cmake sets the folders.

# The name is not the same twice, because a package may be made while a test installs the same build.
string(RANDOM LENGTH 8 suffix)
set(pages ${coupond_build}/pages-${suffix})
execute_process(COMMAND ${coupond_source}/packaging/make_completions ${coupond_programs} ${pages}
                COMMAND_ERROR_IS_FATAL ANY)
find_program(HELP2MAN help2man)
if(HELP2MAN)
  execute_process(COMMAND ${coupond_source}/packaging/make_manuals ${coupond_programs} ${pages}
                  COMMAND_ERROR_IS_FATAL ANY)
else()
  message(STATUS "No manual pages: help2man is not installed")
endif()

set(prefix ${CMAKE_INSTALL_PREFIX})
set(data_folder ${prefix}/${coupond_data_folder})
# Debian keeps the completions of packages apart from those of the administrator.
set(zsh_folder site-functions)
set(configuration ${prefix}/etc)
if(prefix STREQUAL "/usr")
  set(zsh_folder vendor-completions)
  set(configuration /etc)
endif()

foreach(manual man1 man8)
  if(EXISTS ${pages}/${manual})
    file(GLOB files ${pages}/${manual}/*)
    file(INSTALL ${files} DESTINATION ${prefix}/${coupond_man_folder}/${manual})
  endif()
endforeach()
file(INSTALL ${pages}/bash/ DESTINATION ${data_folder}/bash-completion/completions)
file(INSTALL ${pages}/zsh/ DESTINATION ${data_folder}/zsh/${zsh_folder})
file(INSTALL ${pages}/fish/ DESTINATION ${data_folder}/fish/vendor_completions.d)

# Writes a file of packaging/ to the build folder, with the paths of this installation.
function(write_with_paths name)
  file(READ ${coupond_source}/packaging/${name} text)
  string(REPLACE "/etc/coupond" "${configuration}/coupond" text "${text}")
  string(REPLACE "/usr/bin/" "${prefix}/${coupond_bin_folder}/" text "${text}")
  string(REPLACE "/usr/share/doc/coupond" "${prefix}/${coupond_doc_folder}" text "${text}")
  file(WRITE ${pages}/${name} "${text}")
endfunction()

write_with_paths(coupond.service)
write_with_paths(coupond.toml)
file(INSTALL ${pages}/coupond.service DESTINATION ${prefix}/lib/systemd/system)
file(INSTALL ${coupond_source}/packaging/coupond.sysusers DESTINATION ${prefix}/lib/sysusers.d
     RENAME coupond.conf)
if(EXISTS $ENV{DESTDIR}${configuration}/coupond/coupond.toml)
  message(STATUS "Kept: $ENV{DESTDIR}${configuration}/coupond/coupond.toml")
else()
  file(INSTALL ${pages}/coupond.toml DESTINATION ${configuration}/coupond)
endif()
file(REMOVE_RECURSE ${pages})
