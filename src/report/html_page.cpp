#include "report/html_page.h"

#include "core/markup.h"

namespace atelier {
namespace {

constexpr const char* kStyleSheet =
    "body{font:15px sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}"
    "h2{font-size:1em;margin:1.4em 0 .3em}"
    "svg{width:100%;max-width:640px;background:#f6f6f4;display:block}"
    "svg text{font-size:11px;fill:#444}"
    "polyline{fill:none;stroke-width:1.5}"
    "img{max-width:100%}"
    "table{border-collapse:collapse;font-size:13px}"
    "th,td{padding:.25em .6em;border-bottom:1px solid #ddd;text-align:right;vertical-align:top}"
    "th:first-child,td:first-child{text-align:left}"
    "td img{max-width:none}"
    ".text{text-align:left}"
    ".wide{overflow-x:auto}"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(24em,1fr));gap:0 1.5em}"
    ".pictures{display:flex;flex-wrap:wrap;gap:1em}"
    "figure{margin:0;width:20em;max-width:100%}"
    "figcaption{font-size:13px}"
    ".fault{color:#a02020}"
    "small{color:#666}";

}  // namespace

std::string file_address(std::string_view name) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string address;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (kUnreserved.find(c) != std::string_view::npos)
      address += c;
    else
      address += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return address;
}

std::string html_page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + markup_escaped(title) +
         "</title><style>" + kStyleSheet + "</style></head><body>\n<h1>" + markup_escaped(title) + "</h1>\n" + body +
         "</body></html>\n";
}

}  // namespace atelier
