# One interface target per need, so that each folder links only what it uses.
find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)

if(ATELIER_MEDIA)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips-cpp)
  add_library(atelier_media_deps INTERFACE)
  target_link_libraries(atelier_media_deps INTERFACE PkgConfig::VIPS)

  find_package(OpenSSL REQUIRED)
  find_package(ZLIB REQUIRED)
  # By pkg-config, because the header must be compiled with the flags that the library was built with.
  pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
  add_library(atelier_weights_deps INTERFACE)
  target_link_libraries(atelier_weights_deps INTERFACE nlohmann_json::nlohmann_json PkgConfig::HTTPLIB OpenSSL::SSL
                                                       OpenSSL::Crypto ZLIB::ZLIB Threads::Threads)

  pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
  pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
  add_library(atelier_jobs_deps INTERFACE)
  target_link_libraries(atelier_jobs_deps INTERFACE PkgConfig::SQLITE3 PkgConfig::HIREDIS
                                                    nlohmann_json::nlohmann_json Threads::Threads)

  # OpenCV by hand: its own CMake and pkg-config files come with a package that pulls in all its modules.
  find_path(ATELIER_OPENCV_INCLUDE opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
  find_library(ATELIER_OPENCV_IMGPROC opencv_imgproc REQUIRED)
  find_library(ATELIER_OPENCV_CORE opencv_core REQUIRED)
  add_library(atelier_server_deps INTERFACE)
  target_include_directories(atelier_server_deps SYSTEM INTERFACE ${ATELIER_OPENCV_INCLUDE})
  target_link_libraries(atelier_server_deps INTERFACE ${ATELIER_OPENCV_IMGPROC} ${ATELIER_OPENCV_CORE}
                                                      PkgConfig::HTTPLIB nlohmann_json::nlohmann_json Threads::Threads)
else()
  foreach(need media weights jobs server)
    add_library(atelier_${need}_deps INTERFACE)
    target_link_libraries(atelier_${need}_deps INTERFACE nlohmann_json::nlohmann_json Threads::Threads)
  endforeach()
endif()

find_package(Eigen3 REQUIRED)

find_package(CLI11 REQUIRED)
add_library(atelier_cli_deps INTERFACE)
target_link_libraries(atelier_cli_deps INTERFACE CLI11::CLI11 nlohmann_json::nlohmann_json Threads::Threads)

# LibTorch of the system by hand, for its own CMake package pulls in far more than the CPU library needs; PyTorch's C++
# distribution, to which CMAKE_PREFIX_PATH points, by that package.
find_package(OpenMP REQUIRED)
add_library(atelier_torch INTERFACE)
find_path(ATELIER_TORCH_INCLUDE torch/torch.h PATHS /usr/include/torch/csrc/api/include NO_DEFAULT_PATH)
if(ATELIER_TORCH_INCLUDE AND NOT CMAKE_PREFIX_PATH)
  find_library(ATELIER_TORCH_CPU torch_cpu REQUIRED)
  find_library(ATELIER_TORCH torch REQUIRED)
  find_library(ATELIER_C10 c10 REQUIRED)
  target_include_directories(atelier_torch SYSTEM INTERFACE ${ATELIER_TORCH_INCLUDE})
  target_link_libraries(atelier_torch INTERFACE ${ATELIER_TORCH} ${ATELIER_TORCH_CPU} ${ATELIER_C10} OpenMP::OpenMP_CXX)
else()
  find_package(Torch REQUIRED)
  get_filename_component(ATELIER_TORCH_FOLDER ${TORCH_LIBRARY} DIRECTORY)
  find_library(ATELIER_TORCH_CPU torch_cpu HINTS ${ATELIER_TORCH_FOLDER} REQUIRED)
  target_include_directories(atelier_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(atelier_torch INTERFACE ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
  # How the distribution was compiled decides about the standard library's ABI, which all of the program must share.
  separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
  target_compile_options(atelier_settings INTERFACE ${torch_flags})
endif()

# Training over several processes needs a LibTorch built with Gloo, and Gloo's headers; without them it is refused.
include(CheckLibraryExists)
find_path(ATELIER_GLOO_INCLUDE gloo/context.h PATHS ${TORCH_INCLUDE_DIRS})
find_library(ATELIER_GLOO gloo)
check_library_exists(${ATELIER_TORCH_CPU} _ZN4c10d16ProcessGroupGloo19createDefaultDeviceEv "" ATELIER_TORCH_HAS_GLOO)
add_library(atelier_gloo INTERFACE)
if(ATELIER_TORCH_HAS_GLOO AND ATELIER_GLOO_INCLUDE)
  set(ATELIER_GLOO_DEFINITIONS ATELIER_GLOO USE_C10D_GLOO)
  target_link_libraries(atelier_gloo INTERFACE $<$<BOOL:${ATELIER_GLOO}>:${ATELIER_GLOO}>)
endif()

add_library(atelier_onednn INTERFACE)
if(ATELIER_ENGINE)
  find_library(ATELIER_DNNL dnnl REQUIRED)
  target_link_libraries(atelier_onednn INTERFACE ${ATELIER_DNNL} OpenMP::OpenMP_CXX)
endif()
