# Debian's LibTorch asks the loader for OpenCV's readers of pictures and videos, its networks and more, and for FFmpeg, and
# calls none of them; with them come GDAL and more than a hundred other libraries, in which the loader looks up every name.
# Programs that link atelier_quick_start get empty libraries of those names instead. Where the folder of the empty ones is
# gone, the loader finds the true ones. Those who link the library itself, and may use OpenCV, are left as they are.
# What LibTorch wants is looked up when CMake runs: configure again after another LibTorch has been installed.
add_library(atelier_quick_start INTERFACE)
set(unused_folder ${PROJECT_BINARY_DIR}/unused)
set(installed_unused_folder lib/atelier/unused)
set(CMAKE_LINK_LIBRARY_USING_even_if_unused "LINKER:--push-state,--no-as-needed" "<LINK_ITEM>" "LINKER:--pop-state")
set(CMAKE_LINK_LIBRARY_USING_even_if_unused_SUPPORTED TRUE)

# Those that LibTorch names, as "libname.so.version", but for opencv_core and opencv_imgproc, which the studio uses; none
# where LibTorch wants a symbol of OpenCV's or FFmpeg's, or cannot be looked into.
function(atelier_unused_libraries out)
  execute_process(COMMAND ${CMAKE_READELF} --wide --dynamic ${ATELIER_TORCH_CPU} OUTPUT_VARIABLE named)
  execute_process(COMMAND ${CMAKE_NM} --dynamic --undefined-only ${ATELIER_TORCH_CPU} OUTPUT_VARIABLE wanted)
  set(libraries)
  if(wanted AND NOT wanted MATCHES "N[A-Z]*2cv| cv[A-Z]| (av|avcodec|avformat|avio|sws|swr)_")
    string(REGEX MATCHALL "lib(opencv_[a-z0-9]+|av(codec|format|util)|sw(scale|resample))\\.so\\.[0-9]+" libraries "${named}")
    list(FILTER libraries EXCLUDE REGEX "^libopencv_(core|imgproc)\\.")
  endif()
  set(${out} ${libraries} PARENT_SCOPE)
endfunction()

function(atelier_stand_in_for library)
  string(REGEX MATCH "^lib([^.]+)\\.so\\.(.+)$" matched ${library})
  set(target unused_${CMAKE_MATCH_1})
  add_library(${target} SHARED ${unused_folder}/empty.c)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${CMAKE_MATCH_1} SOVERSION ${CMAKE_MATCH_2}
    LIBRARY_OUTPUT_DIRECTORY ${unused_folder})
  target_link_options(${target} PRIVATE -nostdlib)
  install(TARGETS ${target} LIBRARY DESTINATION ${installed_unused_folder} NAMELINK_SKIP)
  target_link_libraries(atelier_quick_start INTERFACE $<LINK_LIBRARY:even_if_unused,${target}>)
endfunction()

atelier_unused_libraries(unused_libraries)
file(CONFIGURE OUTPUT ${unused_folder}/empty.c CONTENT "")
foreach(library IN LISTS unused_libraries)
  atelier_stand_in_for(${library})
endforeach()

# For a program in the folder `bin` of where it is installed.
function(atelier_install_quick_start program)
  if(unused_libraries)
    set_property(TARGET ${program} APPEND PROPERTY INSTALL_RPATH "$ORIGIN/../${installed_unused_folder}")
  endif()
endfunction()
