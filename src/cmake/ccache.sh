#!/bin/bash
# ccache for every compiler call of this project, so that a fresh checkout in another folder finds what an earlier one compiled: nothing that is hashed names a folder.
export CCACHE_BASEDIR="${CCACHE_BASEDIR-$(dirname "$(dirname "$(dirname "$(realpath "$0")")")")}" CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime CCACHE_PCH_EXTSUM=1  # asked for before it takes a precompiled header
set -- "${@/#$PWD\//}"  # also behind -Xclang, where ccache leaves a path as it is

# Clang writes into a precompiled header where its parts lie, so one from another checkout is of no use: made anew, and known by the text of its parts.
if [[ " $* " == *" -emit-pch "* ]]; then
  "$@" || exit
  while [[ $1 != -o ]]; do shift; done
  sed '1s/^[^:]*://; s/\\$//' "$2.d" | xargs cat | sha256sum >"$2.sum"
  exit
fi
exec ccache "$@"
