# Checks of what the plugin is loaded into: strongSwan's libraries as they are
# installed, and the headers of the very same build.
#
# A plugin is called through structs of method pointers. Headers of another
# version, or of a build with another mediation switch, give those structs
# another layout, and charon then calls the wrong methods. So each check here
# ends in a refusal.

# COI_STRONGSWAN_INSTALLED
# ------------------------
# Sets ipseclibdir, coi_ss_plugindir and coi_charon_version.
AC_DEFUN([COI_STRONGSWAN_INSTALLED], [
	AC_ARG_WITH([ipseclibdir],
		[AS_HELP_STRING([--with-ipseclibdir=DIR],
			[where libcharon.so.0 is installed (default: search)])],
		[ipseclibdir=$withval],
		[ipseclibdir=
		 for dir in /usr/lib/ipsec /usr/lib/strongswan /usr/lib64/strongswan \
			/usr/lib64/ipsec /usr/libexec/ipsec /usr/local/lib/ipsec; do
			AS_IF([test -e "$dir/libcharon.so.0"], [ipseclibdir=$dir; break])
		 done
		 AS_IF([test -z "$ipseclibdir"], [ipseclibdir=/usr/lib/ipsec])])
	AC_SUBST([ipseclibdir])
	coi_ss_plugindir=$ipseclibdir/plugins
	AC_SUBST([coi_ss_plugindir])

	for file in "$ipseclibdir/libstrongswan.so.0" \
		"$ipseclibdir/libcharon.so.0" \
		"$coi_ss_plugindir/libstrongswan-vici.so"; do
		AC_MSG_CHECKING([for $file])
		AS_IF([test -r "$file"], [AC_MSG_RESULT([yes])],
			[AC_MSG_RESULT([no])
			 AC_MSG_ERROR([$file is missing: install strongSwan with its vici plugin (Debian: strongswan-libcharon strongswan-swanctl) or name its folder by --with-ipseclibdir])])
	done

	# the vici plugin carries the version that it tells clients; the libraries
	# themselves carry none
	AC_CACHE_CHECK([for the installed strongSwan's version],
		[coi_cv_charon_version],
		[coi_cv_charon_version=`LC_ALL=C tr -c '[[:graph:]]' '\n' \
			< "$coi_ss_plugindir/libstrongswan-vici.so" |
			grep -E -x '@<:@0-9@:>@+\.@<:@0-9@:>@+\.@<:@0-9@:>@+((dr|rc|beta|alpha)@<:@0-9@:>@+)?' |
			sort -u | tr '\n' ' '`])
	AS_IF([test -z "$coi_cv_charon_version"],
		[AC_MSG_ERROR([cannot tell the version of strongSwan in $ipseclibdir: no version in plugins/libstrongswan-vici.so; give it as coi_cv_charon_version=x.y.z])])
	coi_charon_version=$coi_cv_charon_version
])

# COI_STRONGSWAN_HEADERS
# ----------------------
# Sets strongswan_dir.
AC_DEFUN([COI_STRONGSWAN_HEADERS], [
	AC_ARG_WITH([strongswan],
		[AS_HELP_STRING([--with-strongswan=DIR],
			[configured source tree of the installed strongSwan (required)])],
		[], [with_strongswan=no])
	AS_CASE([$with_strongswan],
		[no|yes|''], [AC_MSG_ERROR([no strongSwan headers: give a configured strongSwan source tree by --with-strongswan=DIR (testing/prepare makes one)])],
		[/*], [strongswan_dir=$with_strongswan],
		[strongswan_dir=`cd "$with_strongswan" 2>/dev/null && pwd`])
	AC_SUBST([strongswan_dir])

	AC_MSG_CHECKING([for strongSwan's headers])
	for file in src/libstrongswan/library.h src/libcharon/daemon.h \
		src/libcharon/plugins/vici/vici_dispatcher.h; do
		AS_IF([test -r "$strongswan_dir/$file"], [],
			[AC_MSG_RESULT([no])
			 AC_MSG_ERROR([$with_strongswan is no strongSwan source tree ($file is missing): give another one by --with-strongswan=DIR])])
	done
	AS_IF([test -r "$strongswan_dir/config.h"], [],
		[AC_MSG_RESULT([not configured])
		 AC_MSG_ERROR([$with_strongswan is not configured (config.h is missing): run its ./configure with the options of the installed strongSwan])])
	AC_MSG_RESULT([$strongswan_dir])

	AC_MSG_CHECKING([for the headers' version])
	coi_header_version=`sed -n 's/^#define VERSION "\(.*\)"$/\1/p' "$strongswan_dir/config.h"`
	AC_MSG_RESULT([${coi_header_version:-none}])
	AS_CASE([" $coi_charon_version "],
		[*" $coi_header_version "*], [],
		[AC_MSG_ERROR([the headers in $with_strongswan are of strongSwan ${coi_header_version:-unknown} but installed is $coi_charon_version: give the source tree of the installed version])])
])

# COI_STRONGSWAN_MEDIATION
# ------------------------
# Refuses if the headers and the installed libcharon differ in --enable-mediation.
AC_DEFUN([COI_STRONGSWAN_MEDIATION], [
	coi_save_LIBS=$LIBS
	LIBS="-L$ipseclibdir -l:libcharon.so.0 -Wl,--allow-shlib-undefined $LIBS"
	AC_MSG_CHECKING([whether libcharon links])
	AC_LINK_IFELSE([AC_LANG_CALL([], [libcharon_init])],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		 AC_MSG_ERROR([cannot link with $ipseclibdir/libcharon.so.0: see config.log])])
	AC_MSG_CHECKING([whether libcharon has mediation])
	AC_LINK_IFELSE([AC_LANG_CALL([], [mediation_manager_create])],
		[coi_charon_me=yes], [coi_charon_me=no])
	AC_MSG_RESULT([$coi_charon_me])
	LIBS=$coi_save_LIBS

	AC_MSG_CHECKING([whether the headers have mediation])
	AS_IF([grep -E '^#define ME( |$)' "$strongswan_dir/config.h" >/dev/null],
		[coi_header_me=yes], [coi_header_me=no])
	AC_MSG_RESULT([$coi_header_me])
	AS_CASE([$coi_charon_me,$coi_header_me],
		[yes,no], [AC_MSG_ERROR([the installed libcharon has mediation but the headers in $with_strongswan have not: configure that tree with --enable-mediation])],
		[no,yes], [AC_MSG_ERROR([the headers in $with_strongswan have mediation but the installed libcharon has not: configure that tree with --disable-mediation])])
])
