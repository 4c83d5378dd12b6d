#pragma once
#include <string>
#include <string_view>

namespace atelier::server {

/// A file of the studio's page, compiled in from web/, or the interface's description openapi.json.
struct PageFile {
  std::string_view content;
  const char* type = nullptr;  ///< media type, for instance "text/css; charset=utf-8"
  std::string tag;             ///< entity tag, in quotes: changes with the content
};

/// Looked up by its path below web/, for instance "index.html"; nullptr when there is none.
const PageFile* find_page_file(std::string_view path);

}  // namespace atelier::server
