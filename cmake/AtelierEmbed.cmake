# Compiles files into `target` by the assembler's .incbin: no copy in the compiler's memory, and the data stays out of
# the page cache until used. Generates NAME_files.inc (declarations) and NAME_rows.inc (initialisers
# {"path below folder", begin, end}), whose symbols live outside any namespace.
function(atelier_embed target name folder)
  set(assembly ".section .rodata\n")
  set(declarations "")
  set(rows "")
  set(index 0)
  foreach(file IN LISTS ARGN)
    file(RELATIVE_PATH path ${folder} ${file})
    set(symbol atelier_${name}_${index})
    string(APPEND assembly ".balign 64\n.global ${symbol}\n${symbol}:\n.incbin \"${file}\"\n"
                           ".global ${symbol}_end\n${symbol}_end:\n.byte 0\n")
    string(APPEND declarations "extern const std::byte ${symbol}[], ${symbol}_end[];\n")
    string(APPEND rows "    {\"${path}\", ${symbol}, ${symbol}_end},\n")
    math(EXPR index "${index}+1")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  file(CONFIGURE OUTPUT ${generated}/${name}.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${generated}/${name}_files.inc CONTENT "${declarations}" @ONLY)
  file(CONFIGURE OUTPUT ${generated}/${name}_rows.inc CONTENT "${rows}" @ONLY)
  set_source_files_properties(${generated}/${name}.S PROPERTIES OBJECT_DEPENDS "${ARGN}")
  target_sources(${target} PRIVATE ${generated}/${name}.S)
  target_include_directories(${target} PRIVATE ${generated})
endfunction()

# The files of models/ that its manifest names.
function(atelier_embed_models target folder)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.safetensors ${folder}/manifest.json)
  list(SORT files)
  atelier_embed(${target} models ${folder} ${files})
endfunction()

# The studio's page, which is everything below web/ that a browser may ask for, and the description of its interface.
function(atelier_embed_page target folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*.html ${folder}/*.css ${folder}/*.js ${folder}/*.json
       ${folder}/*.svg ${folder}/*.png ${folder}/*.jpg ${folder}/*.webp ${folder}/*.ico ${folder}/*.woff2
       ${folder}/*.webmanifest ${folder}/*.txt)
  list(SORT files)
  atelier_embed(${target} page ${folder} ${files})
  set(description ${PROJECT_SOURCE_DIR}/src/server)
  atelier_embed(${target} description ${description} ${description}/openapi.json)
endfunction()
