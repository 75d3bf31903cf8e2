# cmake -DOUTPUT=<file.cpp> -DFOLDER=<recipes> -P EmbedRecipes.cmake
#
# Writes the recipes in FOLDER as a C++ file, so that tools find them wherever
# they are installed.

file(GLOB recipes ${FOLDER}/*.yaml)
list(SORT recipes)
set(entries "")
foreach(recipe ${recipes})
  get_filename_component(name ${recipe} NAME_WE)
  file(READ ${recipe} text)
  string(APPEND entries "    {\"${name}\", R\"recipe(${text})recipe\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by EmbedRecipes.cmake from recipes/*.yaml.

#include \"BuiltinRecipes.h\"

static const mlir::lowbit::BuiltinRecipe recipes[] = {
${entries}};

llvm::ArrayRef<mlir::lowbit::BuiltinRecipe> mlir::lowbit::getBuiltinRecipes() {
  return recipes;
}
")
