# How lit finds and runs the unit tests.

import lit.formats

config.name = "lowbit-unit"
config.suffixes = []
config.test_source_root = config.test_exec_root
config.test_format = lit.formats.GoogleTest(".", "Tests")
