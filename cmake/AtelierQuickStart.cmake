# Debian's LibTorch asks the loader for OpenCV's readers of pictures and videos, its networks and more, and calls none of
# them; with them come GDAL and eighty other libraries, whose names are a third of what a program's start costs. Programs
# that link atelier_quick_start get empty libraries of those names instead. Where the folder of the empty ones is gone, the
# loader finds the true ones. Those who link the library itself, and may use OpenCV, are left as they are.
add_library(atelier_quick_start INTERFACE)
set(unused_folder ${CMAKE_BINARY_DIR}/unused)
set(installed_unused_folder lib/atelier/unused)
set(CMAKE_LINK_LIBRARY_USING_even_if_unused "LINKER:--push-state,--no-as-needed" "<LINK_ITEM>" "LINKER:--pop-state")
set(CMAKE_LINK_LIBRARY_USING_even_if_unused_SUPPORTED TRUE)

# The modules of OpenCV that LibTorch names, as "name.version", but for those that this project links; none where LibTorch
# wants a symbol of OpenCV's, or cannot be looked into.
function(atelier_unused_opencv out)
  execute_process(COMMAND ${CMAKE_READELF} --wide --dynamic ${ATELIER_TORCH_CPU} OUTPUT_VARIABLE named)
  execute_process(COMMAND ${CMAKE_NM} --dynamic --undefined-only ${ATELIER_TORCH_CPU} OUTPUT_VARIABLE wanted)
  set(modules)
  if(wanted AND NOT wanted MATCHES "N[A-Z]*2cv| cv[A-Z]")
    string(REGEX MATCHALL "libopencv_[a-z0-9]+\\.so\\.[0-9]+" modules "${named}")
    list(TRANSFORM modules REPLACE "libopencv_([a-z0-9]+)\\.so\\." "\\1.")
    list(FILTER modules EXCLUDE REGEX "^(core|imgproc)\\.")
  endif()
  set(${out} ${modules} PARENT_SCOPE)
endfunction()

atelier_unused_opencv(modules)
file(CONFIGURE OUTPUT ${unused_folder}/empty.c CONTENT "")
foreach(module IN LISTS modules)
  string(REGEX REPLACE "\\..*" "" name ${module})
  string(REGEX REPLACE ".*\\." "" version ${module})
  add_library(unused_${name} SHARED ${unused_folder}/empty.c)
  set_target_properties(unused_${name} PROPERTIES OUTPUT_NAME opencv_${name} SOVERSION ${version}
    LIBRARY_OUTPUT_DIRECTORY ${unused_folder})
  target_link_options(unused_${name} PRIVATE -nostdlib)
  install(TARGETS unused_${name} LIBRARY DESTINATION ${installed_unused_folder} NAMELINK_SKIP)
  target_link_libraries(atelier_quick_start INTERFACE $<LINK_LIBRARY:even_if_unused,unused_${name}>)
endforeach()
