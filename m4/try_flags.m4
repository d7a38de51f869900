# TW_TRY_CFLAGS(VARIABLE, FLAGS): append to VARIABLE each flag that the compiler takes.
AC_DEFUN([TW_TRY_CFLAGS], [
  for tw_flag in $2; do
    TW_SAVED_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $tw_flag"
    AC_MSG_CHECKING([whether $CC takes $tw_flag])
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); $1="$$1 $tw_flag"], [AC_MSG_RESULT([no])])
    CFLAGS=$TW_SAVED_CFLAGS
  done
])

# TW_TRY_LDFLAGS(VARIABLE, FLAGS): the same for the linker.
AC_DEFUN([TW_TRY_LDFLAGS], [
  for tw_flag in $2; do
    TW_SAVED_LDFLAGS=$LDFLAGS
    TW_SAVED_CFLAGS=$CFLAGS
    LDFLAGS="$LDFLAGS $tw_flag"
    CFLAGS="$CFLAGS -fPIE"
    AC_MSG_CHECKING([whether the linker takes $tw_flag])
    AC_LINK_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); $1="$$1 $tw_flag"], [AC_MSG_RESULT([no])])
    LDFLAGS=$TW_SAVED_LDFLAGS
    CFLAGS=$TW_SAVED_CFLAGS
  done
])

# TW_TRY_LTO(IF-YES, IF-NO): can the compiler make objects that are optimised when a program is
# linked, and linked without that, too?
AC_DEFUN([TW_TRY_LTO], [
  AC_MSG_CHECKING([whether $CC optimises when linking])
  TW_SAVED_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror -flto=auto -ffat-lto-objects"
  tw_lto=no
  AC_LINK_IFELSE([AC_LANG_PROGRAM()], [tw_lto=yes])
  CFLAGS=$TW_SAVED_CFLAGS
  AC_MSG_RESULT([$tw_lto])
  AS_IF([test "x$tw_lto" = xyes], [$1], [$2])
])
