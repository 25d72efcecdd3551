# SPDX-License-Identifier: GPL-3.0-or-later
# pkgs.callPackage ./mailchute.nix { }, from a checkout or an unpacked release;
# withSendmail adds the links sendmail, mailq and newaliases.
{
  lib,
  stdenv,
  autoreconfHook,
  gettext,
  pkg-config,
  curl,
  gnutls,
  jansson,
  libgsasl,
  libidn2,
  src ? ../../..,
  withSendmail ? false,
}:

stdenv.mkDerivation {
  pname = "mailchute";
  version = "0.1.0";
  inherit src;

  nativeBuildInputs = [
    autoreconfHook
    gettext
    pkg-config
  ];
  buildInputs = [
    curl
    gnutls
    jansson
    libgsasl
    libidn2
  ];

  configureFlags = [
    "--sysconfdir=/etc"
    "--localstatedir=/var"
    "--with-libgsasl"
    "--with-libcurl"
    "--with-jansson"
    "--with-systemdsystemunitdir=${placeholder "out"}/lib/systemd/system"
    "--with-systemduserunitdir=${placeholder "out"}/lib/systemd/user"
    "--with-sysusersdir=${placeholder "out"}/lib/sysusers.d"
    "--with-tmpfilesdir=${placeholder "out"}/lib/tmpfiles.d"
    # There is no folder of libraries in which one could be found by its name.
    "--disable-lazy-libraries"
  ];
  nativeCheckInputs = [ gnutls ];
  doCheck = true;
  enableParallelBuilding = true;

  postInstall = lib.optionalString withSendmail ''
    make install-sendmail sbindir=$out/bin
  '';

  meta = {
    description = "Sendmail that submits to a mail provider";
    license = lib.licenses.gpl3Plus;
    mainProgram = "mailchute";
    platforms = lib.platforms.unix;
  };
}
