# What `cmake --install` installs beside the programs: manual pages and completions, which are made of the
# programs' --help at that time, the systemd unit, the user, and an example of the configuration.
#
# Programs and documents go below the prefix. With the prefix /usr, as in the packages, the configuration goes
# to /etc, otherwise to etc below the prefix.

install(TARGETS coupond couponctl coupon-audit)
install(FILES LICENSE README.md CHANGELOG.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(CODE "
  set(coupond_source \"${PROJECT_SOURCE_DIR}\")
  set(coupond_build \"${PROJECT_BINARY_DIR}\")
  set(coupond_programs \"${CMAKE_RUNTIME_OUTPUT_DIRECTORY}\")
  set(coupond_bin_folder \"${CMAKE_INSTALL_BINDIR}\")
  set(coupond_data_folder \"${CMAKE_INSTALL_DATADIR}\")
  set(coupond_doc_folder \"${CMAKE_INSTALL_DOCDIR}\")
  set(coupond_man_folder \"${CMAKE_INSTALL_MANDIR}\")")
install(SCRIPT ${PROJECT_SOURCE_DIR}/cmake/install_system_files.cmake)
