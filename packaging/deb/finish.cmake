# CPack runs this after the installation into the package's root: what Debian expects of a package's documents.

set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(documents ${root}/usr/share/doc/coupond)

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
file(WRITE ${documents}/changelog.Debian
     "coupond (${version}) unstable; urgency=medium\n\n"
     "  * See changelog.gz.\n\n"
     " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
file(RENAME ${documents}/CHANGELOG.md ${documents}/changelog)
file(REMOVE ${documents}/LICENSE)
file(COPY ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${documents})
# No Debian bug (ITP) exists for this package.
file(WRITE ${root}/usr/share/lintian/overrides/coupond "coupond: initial-upload-closes-no-bugs\n")
file(GLOB_RECURSE compressed ${documents}/changelog ${documents}/changelog.Debian
     ${root}/usr/share/man/*.[18])
execute_process(COMMAND gzip -9 -n -f ${compressed} COMMAND_ERROR_IS_FATAL ANY)
